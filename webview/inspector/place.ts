/** Where the pointer is, in three coordinate systems: the image's pixels, the teacher's grid and the student's. */
import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import { isGap, type Gap } from './capture-store.ts';
import type { Model } from './model.ts';
import type { Plane } from './plane.ts';
import { armName } from './text.ts';

interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** The image and the grids of a view's maps; `undefined`: not known (yet). */
function gridsOf(model: Model, teacher: Plane | Gap | undefined, student: Plane | Gap | undefined): { name: string; grid: Grid | undefined }[] {
  const sample = model.shownSample;
  const image = sample === undefined ? undefined : model.images.image(sample);
  const size = image !== undefined && 'value' in image ? { rows: image.value.height, columns: image.value.width } : undefined;
  const gridOf = (plane: Plane | Gap | undefined): Grid | undefined => (plane === undefined || isGap(plane) ? undefined : plane);
  const { reference } = model.snapshot;
  return [{ name: l10n.t('image'), grid: size }, ...(reference === undefined ? [] : [{ name: armName(reference).toLowerCase(), grid: gridOf(teacher) }]), { name: l10n.t('student'), grid: gridOf(student) }];
}

/** Pixels and cells, from 0, under the pointer; columns first. */
export function pointTable(model: Model, teacher: Plane | Gap | undefined, student: Plane | Gap | undefined): TemplateResult {
  const { hover } = model;
  const grids = gridsOf(model, teacher, student);
  const at = ({ rows, columns }: Grid): string => (hover?.kind === 'point' ? `${cellAt(hover.x, columns)}, ${cellAt(hover.y, rows)}` : '–');
  return table(l10n.t('pointer'), 'x, y', grids, at, ({ rows, columns }) => (rows === columns ? `${rows}²` : `${columns}×${rows}`));
}

/** The rows (view 1) or columns (view 2) that an entry of a matrix of `side` rows stands for. */
export function bandTable(model: Model, view: 1 | 2, index: number, side: number, teacher: Plane | Gap | undefined, student: Plane | Gap | undefined): TemplateResult {
  const lengthOf = ({ rows, columns }: Grid): number => (view === 1 ? rows : columns);
  const band = (grid: Grid): string => {
    const length = lengthOf(grid);
    const [from, to] = [Math.floor((index * length) / side), Math.max(Math.floor((index * length) / side), Math.ceil(((index + 1) * length) / side) - 1)];
    return from === to ? String(from) : `${from}–${to}`;
  };
  return table(l10n.t('lies in'), view === 1 ? l10n.t('rows') : l10n.t('columns'), gridsOf(model, teacher, student), band, (grid) => String(lengthOf(grid)));
}

function table(title: string, what: string, grids: readonly { name: string; grid: Grid | undefined }[], at: (grid: Grid) => string, size: (grid: Grid) => string): TemplateResult {
  return html`<table class="place">
    <thead><tr><th scope="col">${title}</th>${grids.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>
      <tr class="at"><th scope="row">${what}</th>${grids.map(({ grid }) => html`<td>${grid === undefined ? '–' : at(grid)}</td>`)}</tr>
      <tr class="muted"><th scope="row">${l10n.t('of')}</th>${grids.map(({ grid }) => html`<td>${grid === undefined ? nothing : size(grid)}</td>`)}</tr>
    </tbody>
  </table>`;
}

function cellAt(share: number, cells: number): number {
  return Math.min(cells - 1, Math.max(0, Math.floor(share * cells)));
}
