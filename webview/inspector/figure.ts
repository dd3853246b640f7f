/** The view on paper: rows of arms and columns of stages as in the paper's figures; white ground, zero light. */
import * as l10n from '@vscode/l10n';
import { isGap, type Gap } from './capture-store.ts';
import { divergingColours, magnitudeColours } from './colour.ts';
import { viewNames } from './correlation-view.ts';
import { paint, wholeWindow, type Picture } from './painting.ts';
import type { Model } from './model.ts';
import { rangeOf, type Plane } from './plane.ts';
import { errorClasses } from './saliency-scores.ts';
import { drawBackdrop, drawErrors, drawImage } from './scenes.ts';
import { softLabel } from './soft-logits.ts';
import { armName } from './text.ts';
import type { ViewIndex } from './view-state.ts';

export interface FigurePicture {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Pixels that show all there is. */
  readonly side: number;
  draw(context: CanvasRenderingContext2D, width: number, height: number): void;
}

export interface FigureText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly bold: boolean;
  readonly align: 'start' | 'centre';
}

export interface FigureLayout {
  readonly width: number;
  readonly height: number;
  readonly pictures: readonly FigurePicture[];
  readonly texts: readonly FigureText[];
}

const cellSize = 60;
const gap = 4;
const labelWidth = 64;
const headHeight = 34;
const groupGap = 12;

type Cell = Pick<FigurePicture, 'side' | 'draw'> | undefined;

interface Group {
  readonly title: string;
  readonly columns: readonly string[];
  /** By row, then column. */
  readonly cells: readonly (readonly Cell[])[];
}

export function layoutOf(model: Model): FigureLayout {
  switch (model.state.tab) {
    case 'correlation':
      return arrange(model.roles.map(armName), correlationGroups(model));
    case 'features':
      return arrange(model.roles.map(armName), [pictureGroup(model), { title: l10n.t('Mean activation'), columns: stageNames(model), cells: model.roles.map((role) => stages(model).map((stage) => mapCell(model.activation(role, stage), (plane) => ({ ...rangeOf(plane), colours: model.colours })))) }]);
    case 'logits': {
      const tau = model.state.temperature ?? model.snapshot.temperature;
      const heads = Array.from({ length: model.heads }, (_, i) => i + 1);
      const names = heads.map((head) => `H${head}`);
      const high = 1 / (1 + Math.exp(-1 / tau));
      return arrange(model.roles.map(armName), [
        pictureGroup(model),
        { title: l10n.t('Logits'), columns: names, cells: model.roles.map((role) => heads.map((head) => mapCell(model.logit(role, head), () => ({ low: -7, high: 7, colours: divergingColours(false) })))) },
        { title: l10n.t('Soft logits, τ₂ = {0}', tau), columns: names, cells: model.roles.map((role) => heads.map((head) => mapCell(softened(model.logit(role, head), tau), () => ({ low: 1 - high, high, colours: model.colours })))) },
      ]);
    }
    case 'saliency':
      return arrange(model.roles.map(armName), [
        pictureGroup(model),
        { title: l10n.t('Saliency'), columns: [''], cells: model.roles.map((role) => [mapCell(model.saliency(role), () => ({ low: 0, high: 1, colours: magnitudeColours('grey') }))]) },
        { title: l10n.t('Errors'), columns: [''], cells: model.roles.map((role) => [errorCell(model, model.saliency(role))]) },
      ]);
  }
}

export function drawFigure(context: CanvasRenderingContext2D, { width, height, pictures, texts }: FigureLayout): void {
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  for (const picture of pictures) {
    const { x, y, width: w, height: h, side } = picture;
    // At the figure's own pixels where it shows more than there is, so that cells have sharp edges.
    const scale = context.getTransform().a;
    const canvas = new OffscreenCanvas(Math.max(side, Math.round(w * scale)), Math.max(1, Math.round((Math.max(side, Math.round(w * scale)) * h) / w)));
    const inner = canvas.getContext('2d');
    if (inner === null) continue;
    picture.draw(inner as unknown as CanvasRenderingContext2D, canvas.width, canvas.height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(canvas, x, y, w, h);
  }
  context.fillStyle = 'black';
  for (const text of texts) {
    context.font = fontOf(text);
    context.textAlign = text.align === 'centre' ? 'center' : 'start';
    context.fillText(text.text, text.x, text.y);
  }
}

export function fontOf({ size, bold }: FigureText): string {
  return `${bold ? '600 ' : ''}${size}px Helvetica, Arial, sans-serif`;
}

function arrange(rows: readonly string[], groups: readonly Group[]): FigureLayout {
  const pictures: FigurePicture[] = [];
  const texts: FigureText[] = [];
  let x = labelWidth;
  const top = headHeight;
  for (const group of groups) {
    const width = group.columns.length * (cellSize + gap) - gap;
    texts.push({ text: group.title, x: x + width / 2, y: 12, size: 9, bold: true, align: 'centre' });
    for (const [column, name] of group.columns.entries()) {
      const left = x + column * (cellSize + gap);
      texts.push({ text: name, x: left + cellSize / 2, y: 27, size: 8, bold: false, align: 'centre' });
      for (const [row] of rows.entries()) {
        const cell = group.cells[row]?.[column];
        if (cell !== undefined) pictures.push({ ...cell, x: left, y: top + row * (cellSize + gap), width: cellSize, height: cellSize });
      }
    }
    x += width + groupGap;
  }
  for (const [row, name] of rows.entries()) texts.push({ text: name, x: 4, y: top + row * (cellSize + gap) + cellSize / 2 + 3, size: 9, bold: false, align: 'start' });
  return { width: x - groupGap + 4, height: top + rows.length * (cellSize + gap), pictures, texts };
}

function stages(model: Model): number[] {
  return Array.from({ length: model.stages }, (_, stage) => stage);
}

function stageNames(model: Model): string[] {
  return stages(model).map((stage) => `S${stage + 1}`);
}

/** Image, ground truth and the distilled student's errors, one below the other. */
function pictureGroup(model: Model): Group {
  const sample = model.shownSample;
  const image = sample === undefined ? undefined : model.images.image(sample);
  const mask = sample === undefined ? undefined : model.images.maskAt(sample, 224, 224);
  const bitmap = image !== undefined && 'value' in image ? image.value.bitmap : undefined;
  const pictures: Cell[] = [
    bitmap && { side: 224, draw: (context, width, height) => drawImage(context, bitmap, wholeWindow, width, height) },
    mask && mapCell({ rows: mask.height, columns: mask.width, data: Float32Array.from(mask.data, (byte) => byte / 255) }, () => ({ low: 0, high: 1, colours: magnitudeColours('grey') })),
    errorCell(model, model.saliency(model.roles.at(-1)!)),
  ];
  return { title: l10n.t('Image · truth · error'), columns: [''], cells: model.roles.map((_, row) => [pictures[row]]) };
}

function correlationGroups(model: Model): Group[] {
  const groups: Group[] = [pictureGroup(model)];
  const { stage } = model.state;
  for (const view of [0, 1, 2] as const) groups.push({ title: viewNames()[view], columns: stageNames(model), cells: model.roles.map((role) => stages(model).map((stage) => matrixCell(model, model.matrix(role, stage, view), stage, view))) });
  groups.push({ title: l10n.t('Spatial'), columns: [`S${stage + 1}`], cells: model.roles.map((role) => [mapCell(model.activation(role, stage), (plane) => ({ ...rangeOf(plane), colours: model.colours }))]) });
  return groups;
}

function matrixCell(model: Model, plane: Plane | Gap | undefined, stage: number, view: ViewIndex): Cell {
  if (plane === undefined || isGap(plane)) return undefined;
  return pictureCell({ plane, ...model.limitsOf(plane, stage, view), colours: model.colours, order: model.order(stage, view), window: wholeWindow });
}

function mapCell(plane: Plane | Gap | undefined, style: (plane: Plane) => Pick<Picture, 'low' | 'high' | 'colours'>): Cell {
  if (plane === undefined || isGap(plane)) return undefined;
  return pictureCell({ plane, ...style(plane), order: undefined, window: wholeWindow });
}

function pictureCell(picture: Picture): Cell {
  return {
    side: Math.max(picture.plane.rows, picture.plane.columns),
    draw: (context, width, height) => {
      const image = new ImageData(width, height);
      paint(image, picture, false);
      context.putImageData(image, 0, 0);
    },
  };
}

function errorCell(model: Model, plane: Plane | Gap | undefined): Cell {
  const sample = model.shownSample;
  if (plane === undefined || isGap(plane) || sample === undefined) return undefined;
  const mask = model.images.maskAt(sample, plane.columns, plane.rows);
  if (mask === undefined) return undefined;
  const image = model.images.image(sample);
  const bitmap = image !== undefined && 'value' in image ? image.value.bitmap : undefined;
  const { classes } = errorClasses(plane, mask.data, model.state.threshold);
  return {
    side: Math.max(224, plane.columns),
    draw: (context, width, height) => {
      drawBackdrop(context, bitmap, wholeWindow, width, height, 0.5);
      drawErrors(context, classes, plane, model.state.errors, wholeWindow, width, height);
    },
  };
}

function softened(plane: Plane | Gap | undefined, tau: number): Plane | Gap | undefined {
  return plane === undefined || isGap(plane) ? plane : { ...plane, data: plane.data.map((logit) => softLabel(logit, tau)) };
}
