/** Multi-view correlations (Fig. 10): every stage and view of all arms at once, differences, distances over epochs. */
import * as l10n from '@vscode/l10n';
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { ArmRole } from '../../src/protocol/inspector.ts';
import { isGap, type Gap } from './capture-store.ts';
import { segmented } from './controls.ts';
import type { Picture } from './painting.ts';
import './map-element.ts';
import type { PictureAt } from './map-element.ts';
import './scene-element.ts';
import './sheet.ts';
import type { Hover, Model } from './model.ts';
import { number } from './number.ts';
import { bandTable } from './place.ts';
import { rangeOf, valueAt, type Plane } from './plane.ts';
import { projection } from './projection.ts';
import { sparkline } from './sparkline.ts';
import { armName, cosine, fixed, signed } from './text.ts';
import { atRest, now, onceAStep } from './ticks.ts';
import type { ViewIndex } from './view-state.ts';
import { panAndZoom } from './zoom.ts';

export const differenceLimit = 0.25;

export function viewNames(): [string, string, string] {
  return [l10n.t('Channel-wise'), l10n.t('Height-wise'), l10n.t('Width-wise')];
}

/** What a row of each view is. */
export function axisNames(): [string, string, string] {
  return [l10n.t('channel'), l10n.t('height'), l10n.t('width')];
}

const allViews: readonly ViewIndex[] = [0, 1, 2];

export function correlationView(model: Model, width: 'wide' | 'medium' | 'narrow'): TemplateResult {
  const views = width === 'wide' ? allViews : [model.state.view];
  return html`<div class="correlation">
    <div class="scroll main"><scrkd-sheet>${model.state.zoomed ? zoomedView(model) : grid(model, views)}</scrkd-sheet></div>
    ${side(model)}
  </div>`;
}

/** The arms with a column each: all but a grandparent, which is not what the student is compared with. */
function shownRoles(model: Model): ArmRole[] {
  return model.roles;
}

function differenceRole(model: Model): ArmRole {
  return model.arm(model.state.difference) === undefined ? 'distilled' : model.state.difference;
}

function differenceName(model: Model): string {
  const { reference } = model.snapshot;
  return `${armName(differenceRole(model))[0] ?? ''} − ${reference === undefined ? '' : armName(reference)[0]!}`;
}

function grid(model: Model, views: readonly ViewIndex[]): TemplateResult {
  const names = viewNames();
  const hints = [l10n.t('C × C, channels'), l10n.t('H × H, image rows'), l10n.t('W × W, image columns')];
  const stages = Array.from({ length: model.stages }, (_, stage) => stage);
  const columns = shownRoles(model).length + (model.snapshot.reference === undefined ? 0 : 1);
  return html`<div class="matrices views-${views.length} arms-${columns}" role="grid" aria-label=${l10n.t('Correlation matrices')} @keydown=${(event: KeyboardEvent) => onKey(model, event)}>
    <div class="heading" role="row">
      <span role="columnheader"><span class="unseen">${l10n.t('Stage')}</span></span>
      ${views.map(
        (view) => html`<div class="view-heading ${view === model.state.view ? 'current' : ''}" role="columnheader">
          <div class="title"><h2>${names[view]}</h2><span class="caption">${hints[view]}</span></div>
          <div class="cells caption">${shownRoles(model).map((role) => html`<span>${armName(role)}</span>`)}${model.snapshot.reference === undefined ? nothing : html`<span>${differenceName(model)}</span>`}</div>
        </div>`,
      )}
    </div>
    ${stages.map(
      (stage) => html`<div class="row" role="row">
        <div class="stage ${stage === model.state.stage ? 'current' : ''}" role="rowheader">S${stage + 1}<span class="caption">${sizeOf(model, stage)}</span></div>
        ${views.map((view) => block(model, stage, view))}
      </div>`,
    )}
  </div>`;
}

function sizeOf(model: Model, stage: number): string {
  const role = model.roles.at(-1);
  const plane = role && model.matrix(role, stage, 1);
  return plane === undefined || isGap(plane) ? '' : `${plane.rows}²`;
}

export function pictureOf(model: Model, plane: Plane | Gap | undefined, stage: number, view: ViewIndex, window = wholeMatrix): Picture | Gap | undefined {
  if (plane === undefined || isGap(plane)) return plane;
  return { plane, ...model.limitsOf(plane, stage, view), colours: model.colours, order: model.order(stage, view), window };
}

export function differencePicture(model: Model, stage: number, view: ViewIndex, epoch = model.epoch, window = wholeMatrix): Picture | Gap | undefined {
  const { reference } = model.snapshot;
  if (reference === undefined) return { problem: 'missing', message: l10n.t('no teacher') };
  const plane = model.difference(model.matrix(differenceRole(model), stage, view, epoch), model.matrix(reference, stage, view, epoch));
  if (plane === undefined || isGap(plane)) return plane;
  return { plane, low: -differenceLimit, high: differenceLimit, colours: model.diverging, order: model.order(stage, view), window };
}

const wholeMatrix = { x: 0, y: 0, size: 1 };

function block(model: Model, stage: number, view: ViewIndex): TemplateResult {
  const { state } = model;
  const selected = state.stage === stage && state.view === view;
  const plain = model.distances('plain', stage, view);
  const distilled = model.distances('distilled', stage, view);
  const before = (): number | undefined => plain.get(model.epoch);
  const after = (): number | undefined => distilled.get(model.epoch);
  const name = `${l10n.t('Stage {0}', stage + 1)}, ${viewNames()[view].toLowerCase()}`;
  const side = sideOf(model, stage, view);
  return html`<div
    class="block ${selected ? 'current' : ''}"
    role="gridcell"
    tabindex=${selected ? 0 : -1}
    aria-selected=${selected}
    @focus=${() => selected || model.actions.update({ stage, view, row: undefined, column: undefined })}
  >
    <span class="unseen">${atRest(model, () => blockLabel(model, stage, view, before(), after()))}</span>
    <div class="cells" @pointermove=${(event: PointerEvent) => onMove(model, event, stage, view)} @pointerleave=${() => model.actions.hover(undefined)} @click=${(event: PointerEvent) => onClick(model, event, stage, view)} @dblclick=${() => model.actions.update({ zoomed: true, window: wholeMatrix })}>
      ${shownRoles(model).map((role) => cell(model, (epoch) => pictureOf(model, model.matrix(role, stage, view, epoch), stage, view), `${name}, ${armName(role)}`, stage, view, side))}
      ${model.snapshot.reference === undefined ? nothing : cell(model, (epoch) => differencePicture(model, stage, view, epoch), l10n.t('{0}, difference', name), stage, view, side)}
    </div>
    ${model.snapshot.reference === undefined
      ? nothing
      : html`<div class="lane" aria-hidden="true">
          ${sparkline({ lines: [{ values: plain, kind: 'plain' }, { values: distilled, kind: 'distilled' }], epochs: model.snapshot.epochs, label: l10n.t('Distance to the teacher over epochs'), scrubbed: model })}
          <span class="caption figures"><span>${now(model, () => (before() === undefined ? '' : `${cosine(before())} → `))}<b>${now(model, () => cosine(after()))}</b><br />${now(model, () => change(before(), after()))}</span></span>
        </div>`}
  </div>`;
}

function change(before: number | undefined, after: number | undefined): string {
  if (before === undefined || after === undefined || !(before > 0)) return '';
  return `${signed(100 * (after / before - 1), 0)} %`;
}

function blockLabel(model: Model, stage: number, view: ViewIndex, before: number | undefined, after: number | undefined): string {
  const name = `${l10n.t('Stage {0}', stage + 1)}, ${viewNames()[view].toLowerCase()}`;
  if (after === undefined && before === undefined) return name;
  return l10n.t('{0}: distance {1} plain, {2} distilled at epoch {3}', name, cosine(before), cosine(after), model.epoch);
}

/** The side of a block's matrices; undefined before any is there. */
function sideOf(model: Model, stage: number, view: ViewIndex): number | undefined {
  for (const role of model.roles) {
    const plane = model.matrix(role, stage, view);
    if (plane !== undefined && !isGap(plane)) return plane.rows;
  }
  return undefined;
}

function cell(model: Model, pictureAt: PictureAt, label: string, stage: number, view: ViewIndex, side: number | undefined, window = wholeMatrix): TemplateResult {
  const { hover, state } = model;
  const marks: TemplateResult[] = [];
  if (side !== undefined) {
    const place = (index: number, axis: 'x' | 'y'): { from: number; size: number } => ({ from: (index / side - window[axis]) / window.size, size: 1 / side / window.size });
    if (state.stage === stage && state.view === view) {
      const { from, size } = place(placeOf(model, stage, view, selectedRow(model, side)), 'y');
      if (from > -size && from < 1) marks.push(html`<i class="row-mark" .style=${`top:${100 * from}%;height:${100 * size}%`}></i>`);
    }
    const at = hover?.kind === 'matrix' ? (hover.stage === stage && hover.view === view ? hover : undefined) : selectedEntry(model, stage, view, side);
    if (at !== undefined) {
      const [y, x] = [place(at.row, 'y'), place(at.column, 'x')];
      marks.push(html`<i class="point-mark" .style=${`left:${100 * (x.from + x.size / 2)}%;top:${100 * (y.from + y.size / 2)}%`}></i>`);
    }
  }
  return html`<div class="cell"><scrkd-map .pictureAt=${pictureAt} .picture=${pictureAt(model.epoch)} aria-label=${label}></scrkd-map>${marks}</div>`;
}

/** The selected row as a channel, row or column of the feature; the middle one by default. */
export function selectedRow(model: Model, side: number): number {
  return Math.min(side - 1, model.state.row ?? Math.floor(0.4 * side));
}

export function selectedColumn(model: Model, side: number): number {
  return Math.min(side - 1, model.state.column ?? Math.min(side - 1, selectedRow(model, side) + Math.max(1, Math.floor(0.2 * side))));
}

/** The entry that the read-out speaks of while the pointer is elsewhere, as places; undefined in matrices that are not selected. */
function selectedEntry(model: Model, stage: number, view: ViewIndex, side: number): { row: number; column: number } | undefined {
  if (model.state.stage !== stage || model.state.view !== view || model.state.row === undefined) return undefined;
  return { row: placeOf(model, stage, view, selectedRow(model, side)), column: placeOf(model, stage, view, selectedColumn(model, side)) };
}

/** Where an index stands in the shown order, and back. */
function placeOf(model: Model, stage: number, view: ViewIndex, index: number): number {
  return model.order(stage, view)?.indexOf(index) ?? index;
}

function indexAt(model: Model, stage: number, view: ViewIndex, place: number): number {
  return model.order(stage, view)?.[place] ?? place;
}

/** The matrix entry under the pointer, as places. */
function entryAt(event: PointerEvent, side: number, window = wholeMatrix): { row: number; column: number } | undefined {
  const cellElement = (event.target as HTMLElement).closest('.cell')?.querySelector('scrkd-map');
  if (cellElement === null || cellElement === undefined) return undefined;
  const box = cellElement.getBoundingClientRect();
  const place = (share: number, start: number): number => Math.min(side - 1, Math.max(0, Math.floor((start + share * window.size) * side)));
  return { row: place((event.clientY - box.top) / box.height, window.y), column: place((event.clientX - box.left) / box.width, window.x) };
}

function onMove(model: Model, event: PointerEvent, stage: number, view: ViewIndex, window = wholeMatrix): void {
  const side = sideOf(model, stage, view);
  const entry = side === undefined ? undefined : entryAt(event, side, window);
  model.actions.hover(entry && { kind: 'matrix', stage, view, ...entry });
}

function onClick(model: Model, event: PointerEvent, stage: number, view: ViewIndex, window = wholeMatrix): void {
  const side = sideOf(model, stage, view);
  const entry = side === undefined ? undefined : entryAt(event, side, window);
  model.actions.update({ stage, view, ...(entry && { row: indexAt(model, stage, view, entry.row), column: indexAt(model, stage, view, entry.column) }) });
}

/** Arrows move the position by places, so that they go where the eye goes in a clustered matrix. */
function onKey(model: Model, event: KeyboardEvent): void {
  const { stage, view } = model.state;
  const side = sideOf(model, stage, view);
  if (side === undefined) return;
  if (event.key === 'Enter') {
    event.preventDefault();
    model.actions.update({ zoomed: !model.state.zoomed, window: wholeMatrix });
    return;
  }
  const steps: Readonly<Record<string, readonly [number, number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const by = event.shiftKey ? 8 : 1;
  const moved = (place: number, direction: number): number => Math.min(side - 1, Math.max(0, place + direction * by));
  const row = moved(placeOf(model, stage, view, selectedRow(model, side)), step[0]);
  const column = moved(placeOf(model, stage, view, selectedColumn(model, side)), step[1]);
  model.actions.hover(undefined);
  model.actions.update({ row: indexAt(model, stage, view, row), column: indexAt(model, stage, view, column) });
}

/** One matrix of all arms, large; the wheel zooms and dragging pans all of them. */
function zoomedView(model: Model): TemplateResult {
  const { stage, view, window } = model.state;
  const side = sideOf(model, stage, view);
  const [plain, distilled] = [model.distances('plain', stage, view), model.distances('distilled', stage, view)];
  const title = `${l10n.t('Stage {0}', stage + 1)}, ${viewNames()[view].toLowerCase()}`;
  return html`<div class="zoomed" @keydown=${(event: KeyboardEvent) => onKey(model, event)}>
    <div class="title">
      <h2>${title}${side === undefined ? '' : ` · ${side} × ${side}`}</h2>
      <span class="caption">${l10n.t('wheel zooms, drag pans – in all')}</span>
      <span class="space"></span>
      <scrkd-icon-button icon="close" .label=${l10n.t('Back to all matrices (Esc)')} @click=${() => model.actions.update({ zoomed: false, window: wholeMatrix })}></scrkd-icon-button>
    </div>
    <div class="cells large" tabindex="0" role="group" aria-label=${title} ${panAndZoom(model)} @pointermove=${(event: PointerEvent) => onMove(model, event, stage, view, window)} @pointerleave=${() => model.actions.hover(undefined)} @click=${(event: PointerEvent) => onClick(model, event, stage, view, window)}>
      ${shownRoles(model).map(
        (role) => html`<figure>
          <figcaption class="muted">${armName(role)}${now(model, () => (model.arm(role)?.frozen === true ? '' : ` · ${l10n.t('epoch {0}', model.epoch)}`))}</figcaption>
          ${cell(model, (epoch) => pictureOf(model, model.matrix(role, stage, view, epoch), stage, view, window), `${title}, ${armName(role)}`, stage, view, side, window)}
        </figure>`,
      )}
      ${model.snapshot.reference === undefined
        ? nothing
        : html`<figure><figcaption class="muted">${differenceName(model)}</figcaption>${cell(model, (epoch) => differencePicture(model, stage, view, epoch, window), l10n.t('{0}, difference', title), stage, view, side, window)}</figure>`}
    </div>
    <div class="caption limits">${now(model, () => limitsText(model, stage, view))}</div>
    ${model.snapshot.reference === undefined
      ? nothing
      : html`<h2>${l10n.t('L1 distance to the teacher over epochs')}</h2>
          ${sparkline({ lines: [{ values: plain, kind: 'plain' }, { values: distilled, kind: 'distilled' }], epochs: model.snapshot.epochs, label: atRest(model, () => l10n.t('{0}: L1 distance to the teacher, {1} plain, {2} distilled', title, cosine(plain.get(model.epoch)), cosine(distilled.get(model.epoch)))), grid: true, scrubbed: model })}
          <div class="caption axis-row"><span>0</span><span class="space"></span><span class="plain-key">${l10n.t('plain')} ${now(model, () => cosine(plain.get(model.epoch)))}</span><span class="distilled-key">${l10n.t('distilled')} ${now(model, () => cosine(distilled.get(model.epoch)))}</span><span class="space"></span><span>${l10n.t('epoch {0}', model.snapshot.epochs)}</span></div>`}
  </div>`;
}

function limitsText(model: Model, stage: number, view: ViewIndex): string {
  const { low, high } = firstLimits(model, stage, view);
  return l10n.t('colours from {0} to {1}; difference ±{2}', fixed(low, 2), fixed(high, 2), fixed(differenceLimit, 2));
}

function firstLimits(model: Model, stage: number, view: ViewIndex): { low: number; high: number } {
  for (const role of model.roles) {
    const plane = model.matrix(role, stage, view);
    if (plane !== undefined && !isGap(plane)) return model.limitsOf(plane, stage, view);
  }
  return { low: -1, high: 1 };
}

// ---- side column ----

interface Position {
  readonly stage: number;
  readonly view: ViewIndex;
  readonly row: number;
  readonly column: number;
}

/** What the read-out speaks of: the entry under the pointer, else the selected one. As indices, not places. */
export function positionOf(model: Model, hover: Hover | undefined = model.hover): Position | undefined {
  if (hover?.kind === 'matrix') {
    const { stage, view } = hover;
    return { stage, view, row: indexAt(model, stage, view, hover.row), column: indexAt(model, stage, view, hover.column) };
  }
  const { stage, view } = model.state;
  const side = sideOf(model, stage, view);
  return side === undefined ? undefined : { stage, view, row: selectedRow(model, side), column: selectedColumn(model, side) };
}

function side(model: Model): TemplateResult {
  const position = positionOf(model);
  const axis = position === undefined ? '' : axisNames()[position.view];
  const arms = model.roles;
  const arm = arms.includes(model.state.arm) ? model.state.arm : arms[0]!;
  return html`<aside class="side" aria-label=${l10n.t('Selected row')}><div class="inner"><scrkd-sheet>
    <scrkd-scene class="projection" .scene=${now(model, () => projection(model, position, arm))} aria-label=${l10n.t('The selected row of the matrix, projected onto the image')}></scrkd-scene>
    <div class="read">
      <div class="title"><h2>${position === undefined ? '' : `S${position.stage + 1} · ${axis} ${position.row}`}</h2><span class="caption">${l10n.t('cosine')}</span></div>
      ${segmented(l10n.t('Arm projected onto the image'), arms.map((role) => ({ value: role, label: armName(role) })), arm, (chosen) => model.actions.update({ arm: chosen }))}
      ${position === undefined ? nothing : now(model, () => profile(model, position))}
      ${position === undefined ? nothing : readOut(model, position)}
      ${position === undefined ? nothing : spatial(model, position.stage)}
      ${model.snapshot.reference === undefined ? nothing : sums(model)}
    </div>
  </scrkd-sheet></div></aside>`;
}

/** A value's difference to the reference's. */
function away(value: number | undefined, target: number | undefined): string {
  return value === undefined || target === undefined ? '–' : signed(value - target, 3);
}

function readOut(model: Model, { stage, view, row, column }: Position): TemplateResult {
  const { reference } = model.snapshot;
  const valueOf = (role: ArmRole): number | undefined => {
    const plane = model.matrix(role, stage, view);
    return plane === undefined || isGap(plane) || row >= plane.rows || column >= plane.columns ? undefined : valueAt(plane, row, column);
  };
  const side = sideOf(model, stage, view);
  return html`<table class="read-out">
    <thead>
      <tr><th scope="col">${axisNames()[view]} ${row} × ${column}</th><th scope="col">K</th>${reference === undefined ? nothing : html`<th scope="col">− ${armName(reference).toLowerCase()}</th>`}</tr>
    </thead>
    <tbody>
      ${model.roles.map(
        (role) => html`<tr data-role=${role}>
          <th scope="row"><i class="key ${role}"></i>${armName(role)}</th>
          <td>${number(model, () => cosine(valueOf(role)))}</td>
          ${reference === undefined ? nothing : html`<td>${number(model, () => away(valueOf(role), role === reference ? undefined : valueOf(reference)))}</td>`}
        </tr>`,
      )}
    </tbody>
  </table>
  ${view === 0 || side === undefined ? nothing : bandTable(model, view, row, side, reference && model.activation(reference, stage), model.activation(model.roles.at(-1)!, stage))}`;
}

/** The spatial feature map of a stage, in all arms: each on the range of its own. */
function spatial(model: Model, stage: number): TemplateResult {
  const pictureAt = (role: ArmRole) => (epoch: number): Picture | Gap | undefined => {
    const plane = model.activation(role, stage, epoch);
    return plane === undefined || isGap(plane) ? plane : { plane, ...rangeOf(plane), colours: model.colours, order: undefined, window: wholeMatrix };
  };
  return html`<div class="spatial">
    <div class="title"><h2>${l10n.t('S{0} · spatial map', stage + 1)}</h2><span class="caption">${l10n.t('mean over channels of |F|')}</span></div>
    <div class="cells">
      ${model.roles.map((role) => html`<figure><scrkd-map .pictureAt=${pictureAt(role)} .picture=${pictureAt(role)(model.epoch)} aria-label=${l10n.t('Stage {0}, spatial map, {1}', stage + 1, armName(role))}></scrkd-map><figcaption class="caption">${armName(role)}</figcaption></figure>`)}
    </div>
  </div>`;
}

function sums(model: Model): TemplateResult {
  const totals = onceAStep(model, () => {
    const of = (role: ArmRole): readonly number[] => {
      const views = allViews.map((view) => model.mvcd(role, view));
      return [...views, views.reduce((sum, value) => sum + value, 0)];
    };
    return { plain: of('plain'), distilled: of('distilled') };
  });
  const cells = (at: number): TemplateResult => html`<td class="muted">${number(model, () => cosine(totals().plain[at]))}</td><td>${number(model, () => cosine(totals().distilled[at]))}</td>`;
  return html`<table class="sums">
    <thead>
      <tr><th scope="col">${l10n.t('MVCD, this sample')}</th><th scope="col">${l10n.t('plain')}</th><th scope="col">${l10n.t('distilled')}</th></tr>
    </thead>
    <tbody>
      ${allViews.map((view) => html`<tr><th scope="row">${axisNames()[view]}</th>${cells(view)}</tr>`)}
      <tr class="total"><th scope="row">${l10n.t('Σ stages')}</th>${cells(allViews.length)}</tr>
    </tbody>
  </table>`;
}

/** The selected row in all arms. */
function profile(model: Model, { stage, view, row, column }: Position): TemplateResult {
  const order = model.order(stage, view);
  const lines = model.roles.flatMap((role) => {
    const plane = model.matrix(role, stage, view);
    if (plane === undefined || isGap(plane) || row >= plane.rows) return [];
    return [{ role, path: profilePath(plane, row, order) }];
  });
  const side = sideOf(model, stage, view) ?? 1;
  const at = (1000 * placeOf(model, stage, view, column)) / Math.max(1, side - 1);
  return html`<div class="profile" role="img" aria-label=${l10n.t('Profile of the selected row in all arms, from −1 to 1')}>
    <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
      <line class="grid" x1="0" x2="1000" y1="4" y2="4" /><line class="grid" x1="0" x2="1000" y1="50" y2="50" /><line class="axis" x1="0" x2="1000" y1="96" y2="96" />
      ${lines.map(({ role, path }) => svg`<path class=${role} d=${path} />`)}
    </svg>
    <i class="now" .style=${`left:${at / 10}%`}></i>
    <span class="caption top">1</span><span class="caption middle">0</span><span class="caption bottom">−1</span>
    <span class="caption end">${axisNames()[view]} ${side - 1}</span>
  </div>`;
}

function profilePath(plane: Plane, row: number, order: Uint16Array | undefined): string {
  let path = '';
  for (let place = 0; place < plane.columns; place++) {
    const value = valueAt(plane, row, order?.[place] ?? place);
    path += `${place === 0 ? 'M' : 'L'}${((1000 * place) / Math.max(1, plane.columns - 1)).toFixed(1)} ${(50 - 46 * value).toFixed(2)}`;
  }
  return path;
}
