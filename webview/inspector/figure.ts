/** The view on paper: rows of arms and columns of stages as in the paper's figures; white ground, zero light. */
import * as l10n from '@vscode/l10n';
import type { ArmRole } from '../../src/protocol/inspector.ts';
import { isGap, type Gap } from './capture-store.ts';
import { cssColour, divergingColours, magnitudeColours, type Colours } from './colour.ts';
import { viewNames } from './correlation-view.ts';
import { paint, wholeWindow, type Picture } from './painting.ts';
import type { Model } from './model.ts';
import { rangeOf, type Limits, type Plane } from './plane.ts';
import { errorClasses, falsePositive, hit, missing } from './saliency-scores.ts';
import { drawBackdrop, drawErrors, drawImage, errorColours } from './scenes.ts';
import { softLabel } from './soft-logits.ts';
import { armName, fixed } from './text.ts';
import type { ViewIndex } from './view-state.ts';

/** Everything in points (1/72 inch). */
export interface FigurePicture {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Pixels of its longer side that show all there is. */
  readonly side: number;
  draw(context: CanvasRenderingContext2D, width: number, height: number): void;
}

export interface FigureText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly bold: boolean;
  readonly align: 'start' | 'centre' | 'end';
}

export interface FigureLayout {
  readonly width: number;
  readonly height: number;
  readonly pictures: readonly FigurePicture[];
  readonly texts: readonly FigureText[];
}

/** A page's text is so wide (IEEE, two columns); a figure of few columns is narrower. */
const pageWidth = 7.16 * 72;
const largestCell = 84;
const gap = 2;
const groupGap = 9;
/** Letters as tall as a caption's, and those of numbers beside pictures. */
const textSize = 8;
const noteSize = 6.5;
const titleHeight = 11;
const nameHeight = 9.5;
const noteHeight = 9;
const legendHeight = 14;
const barSize = { width: 52, height: 5 };

type Cell = Pick<FigurePicture, 'side' | 'draw'> | undefined;

interface Column {
  readonly name: string;
  /** Under it: what its colours reach from and to. */
  readonly note?: string;
  /** By row. */
  readonly cells: readonly Cell[];
}

interface Group {
  readonly title: string;
  readonly columns: readonly Column[];
}

/** What colours mean: a bar from low to high, or a square each. */
type Legend =
  | { readonly kind: 'bar'; readonly label: string; readonly colours: Colours; readonly low: string; readonly high: string }
  | { readonly kind: 'square'; readonly label: string; readonly colour: readonly [number, number, number] };

interface Figure {
  readonly rows: readonly string[];
  /** Left of the rows' names: pictures of the sample, which are no arm's. */
  readonly sample: readonly Cell[];
  readonly groups: readonly Group[];
  readonly legends: readonly Legend[];
}

export function layoutOf(model: Model): FigureLayout {
  return arrange(figureOf(model));
}

function figureOf(model: Model): Figure {
  const rows = model.roles.map(armName);
  const stages = Array.from({ length: model.stages }, (_, stage) => stage);
  const own = l10n.t('least to largest of each map');
  switch (model.state.tab) {
    case 'correlation': {
      const { stage } = model.state;
      const scale = model.state.scale === 'shared' ? l10n.t('cosine, limits under each column') : l10n.t('cosine, 1st to 99.5th percentile of each matrix');
      return {
        rows,
        sample: sampleCells(model),
        groups: [
          ...([0, 1, 2] as const).map((view): Group => ({ title: viewNames()[view], columns: stages.map((each) => matrixColumn(model, each, view)) })),
          { title: l10n.t('Spatial'), columns: [{ name: `S${stage + 1}`, cells: model.roles.map((role) => activationCell(model, role, stage)) }] },
        ],
        legends: [{ kind: 'bar', label: scale, colours: model.colours, low: '', high: '' }, ...errorLegend(model)],
      };
    }
    case 'features': {
      const across = model.state.normalise === 'arms';
      return {
        rows,
        sample: sampleCells(model),
        groups: [{ title: l10n.t('Mean activation'), columns: stages.map((stage) => ({ name: `S${stage + 1}`, ...(across && { note: rangeText(sharedRange(model, stage)) }), cells: model.roles.map((role) => activationCell(model, role, stage, across ? sharedRange(model, stage) : undefined)) })) }],
        legends: [{ kind: 'bar', label: across ? l10n.t('mean of |F|, limits under each column') : l10n.t('mean of |F|, {0}', own), colours: model.colours, low: '', high: '' }, ...errorLegend(model)],
      };
    }
    case 'logits': {
      const tau = model.state.temperature ?? model.snapshot.temperature;
      const heads = Array.from({ length: model.heads }, (_, i) => i + 1);
      const high = 1 / (1 + Math.exp(-1 / tau));
      const columns = (cellOf: (role: ArmRole, head: number) => Cell): Column[] => heads.map((head) => ({ name: `H${head}`, cells: model.roles.map((role) => cellOf(role, head)) }));
      return {
        rows,
        sample: sampleCells(model),
        groups: [
          { title: l10n.t('Logits'), columns: columns((role, head) => mapCell(model.logit(role, head), () => ({ low: -7, high: 7, colours: divergingColours(false) }))) },
          { title: l10n.t('Soft logits, τ₂ = {0}', tau), columns: columns((role, head) => mapCell(softened(model.logit(role, head), tau), () => ({ low: 1 - high, high, colours: model.colours }))) },
        ],
        legends: [{ kind: 'bar', label: l10n.t('logit'), colours: divergingColours(false), low: '−7', high: '7' }, { kind: 'bar', label: l10n.t('soft logit'), colours: model.colours, low: fixed(1 - high, 2), high: fixed(high, 2) }, ...errorLegend(model)],
      };
    }
    case 'saliency': {
      const { image, truth } = pictures(model);
      const grey = magnitudeColours('grey');
      return {
        rows: [l10n.t('Saliency'), l10n.t('Errors')],
        sample: [],
        groups: [
          {
            title: '',
            columns: [
              { name: l10n.t('Image'), cells: [image] },
              ...model.roles.map((role): Column => ({ name: armName(role), cells: [mapCell(model.saliency(role), () => ({ low: 0, high: 1, colours: grey })), errorCell(model, model.saliency(role))] })),
              { name: l10n.t('Ground truth'), cells: [truth] },
            ],
          },
        ],
        legends: [{ kind: 'bar', label: l10n.t('saliency'), colours: grey, low: '0', high: '1' }, ...errorLegend(model)],
      };
    }
  }
}

export function drawFigure(context: CanvasRenderingContext2D, { width, height, pictures, texts }: FigureLayout): void {
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  // Edges of cells lie on the figure's own pixels.
  const scale = context.getTransform().a;
  const snapped = (value: number): number => Math.round(value * scale) / scale;
  for (const picture of pictures) {
    const { side } = picture;
    const [x, y] = [snapped(picture.x), snapped(picture.y)];
    const [w, h] = [snapped(picture.x + picture.width) - x, snapped(picture.y + picture.height) - y];
    const columns = Math.max(side, Math.round(w * scale));
    const canvas = new OffscreenCanvas(columns, Math.max(1, Math.round((columns * h) / w)));
    const inner = canvas.getContext('2d');
    if (inner === null) continue;
    picture.draw(inner as unknown as CanvasRenderingContext2D, canvas.width, canvas.height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(canvas, x, y, w, h);
  }
  context.fillStyle = 'black';
  for (const text of texts) {
    context.font = fontOf(text);
    context.fillText(text.text, startOf(text), text.y);
  }
}

export function fontOf({ size, bold }: Pick<FigureText, 'size' | 'bold'>): string {
  return `${bold ? '600 ' : ''}${size}px Helvetica, Arial, sans-serif`;
}

/** Where a text's first letter begins. */
export function startOf(text: FigureText): number {
  return text.align === 'start' ? text.x : text.x - widthOf(text) / (text.align === 'centre' ? 2 : 1);
}

export function widthOf(text: Pick<FigureText, 'text' | 'size' | 'bold'>): number {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  if (context === null) return 0.5 * text.size * text.text.length;
  context.font = fontOf(text);
  return context.measureText(text.text).width;
}

function arrange({ rows, sample, groups, legends }: Figure): FigureLayout {
  const pictures: FigurePicture[] = [];
  const texts: FigureText[] = [];
  const labelWidth = Math.max(...rows.map((text) => widthOf({ text, size: textSize, bold: false }))) + 5;
  const columns = groups.flatMap((group) => group.columns);
  const sampleColumns = sample.length > 0 ? 1 : 0;
  const gaps = groups.reduce((sum, group) => sum + gap * (group.columns.length - 1), groupGap * (groups.length - 1)) + sampleColumns * groupGap;
  const cell = Math.min(largestCell, (pageWidth - labelWidth - gaps) / (columns.length + sampleColumns));
  const top = (groups.some(({ title }) => title !== '') ? titleHeight : 0) + nameHeight;
  const place = (picture: Cell, x: number, row: number): void => {
    if (picture !== undefined) pictures.push({ ...picture, x, y: top + row * (cell + gap), width: cell, height: cell });
  };
  for (const [row, picture] of sample.entries()) place(picture, 0, row);
  if (sampleColumns > 0) texts.push({ text: l10n.t('Sample'), x: cell / 2, y: top - 2.5, size: textSize - 1, bold: false, align: 'centre' });
  let x = sampleColumns * (cell + groupGap);
  for (const [row, text] of rows.entries()) texts.push({ text, x: x + labelWidth - 5, y: top + row * (cell + gap) + cell / 2 + 0.35 * textSize, size: textSize, bold: false, align: 'end' });
  x += labelWidth;
  const bottom = top + Math.max(rows.length, sample.length) * (cell + gap) - gap;
  for (const group of groups) {
    const width = group.columns.length * (cell + gap) - gap;
    const title = { text: group.title, size: textSize, bold: true };
    // A name that is wider than its one column stays on the page.
    texts.push({ ...title, x: Math.min(x + width / 2, pageWidth - widthOf(title) / 2), y: 7.5, align: 'centre' });
    for (const { name, note, cells } of group.columns) {
      texts.push({ text: name, x: x + cell / 2, y: top - 2.5, size: textSize - 1, bold: false, align: 'centre' });
      if (note !== undefined) texts.push({ text: note, x: x + cell / 2, y: bottom + noteHeight - 2, size: noteSize, bold: false, align: 'centre' });
      for (const [row, picture] of cells.entries()) place(picture, x, row);
      x += cell + gap;
    }
    x += groupGap - gap;
  }
  const width = x - groupGap;
  const below = bottom + (columns.some(({ note }) => note !== undefined) ? noteHeight : 0);
  placeLegends(legends, width, below + legendHeight - 3, pictures, texts);
  return { width, height: below + (legends.length === 0 ? 0 : legendHeight), pictures, texts: texts.filter(({ text }) => text !== '') };
}

/** In one line, from the right end on. */
function placeLegends(legends: readonly Legend[], right: number, y: number, pictures: FigurePicture[], texts: FigureText[]): void {
  let x = right;
  const write = (text: string): void => {
    if (text === '') return;
    texts.push({ text, x, y, size: noteSize, bold: false, align: 'end' });
    x -= widthOf({ text, size: noteSize, bold: false }) + 3;
  };
  for (const legend of legends.toReversed()) {
    if (legend.kind === 'square') {
      write(legend.label);
      x -= barSize.height;
      pictures.push({ x, y: y - barSize.height, width: barSize.height, height: barSize.height, side: 1, draw: (context, width, height) => fill(context, legend.colour, width, height) });
    } else {
      write(legend.high);
      x -= barSize.width;
      pictures.push({ x, y: y - barSize.height, ...barSize, side: 256, draw: (context, width, height) => drawBar(context, legend.colours, width, height) });
      x -= 3;
      write(legend.low);
      write(legend.label);
    }
    x -= 9;
  }
}

function fill(context: CanvasRenderingContext2D, [red, green, blue]: readonly [number, number, number], width: number, height: number): void {
  context.fillStyle = `rgb(${red} ${green} ${blue})`;
  context.fillRect(0, 0, width, height);
}

function drawBar(context: CanvasRenderingContext2D, colours: Colours, width: number, height: number): void {
  for (let x = 0; x < width; x++) {
    context.fillStyle = cssColour(colours, Math.floor((256 * x) / width));
    context.fillRect(x, 0, 1, height);
  }
}

function errorLegend(model: Model): Legend[] {
  const colours = errorColours[model.state.errors];
  return [
    { kind: 'square', label: l10n.t('false positive'), colour: colours[falsePositive] },
    { kind: 'square', label: l10n.t('missing'), colour: colours[missing] },
    { kind: 'square', label: l10n.t('hit'), colour: colours[hit] },
  ];
}

interface SamplePictures {
  readonly image: Cell;
  readonly truth: Cell;
}

function pictures(model: Model): SamplePictures {
  const sample = model.shownSample;
  const image = sample === undefined ? undefined : model.images.image(sample);
  const mask = sample === undefined ? undefined : model.images.maskAt(sample, 224, 224);
  const bitmap = image !== undefined && 'value' in image ? image.value.bitmap : undefined;
  return {
    image: bitmap && { side: Math.min(448, Math.max(bitmap.width, bitmap.height)), draw: (context, width, height) => drawImage(context, bitmap, wholeWindow, width, height) },
    truth: mask && mapCell({ rows: mask.height, columns: mask.width, data: Float32Array.from(mask.data, (byte) => byte / 255) }, () => ({ low: 0, high: 1, colours: magnitudeColours('grey') })),
  };
}

/** Image, ground truth and the distilled student's errors, one below the other (Fig. 10, a). */
function sampleCells(model: Model): Cell[] {
  const { image, truth } = pictures(model);
  return [image, truth, errorCell(model, model.saliency(model.roles.at(-1)!))].slice(0, Math.max(3, model.roles.length));
}

function matrixColumn(model: Model, stage: number, view: ViewIndex): Column {
  const name = `S${stage + 1}`;
  const cells = model.roles.map((role) => matrixCell(model, model.matrix(role, stage, view), stage, view));
  return model.state.scale === 'shared' ? { name, cells, note: rangeText(model.levelled(model.sharedLimits(stage, view))) } : { name, cells };
}

/** `.28–.94` */
function rangeText({ low, high }: Limits): string {
  const short = (value: number): string => fixed(value, Math.abs(value) >= 10 ? 0 : 2).replace(/^(−?)0\./, '$1.');
  return `${short(low)}–${short(high)}`;
}

function activationCell(model: Model, role: ArmRole, stage: number, limits?: Limits): Cell {
  return mapCell(model.activation(role, stage), (plane) => ({ ...(limits ?? rangeOf(plane)), colours: model.colours }));
}

function sharedRange(model: Model, stage: number): Limits {
  const ranges = model.roles.flatMap((role) => {
    const plane = model.activation(role, stage);
    return plane === undefined || isGap(plane) ? [] : [rangeOf(plane)];
  });
  return { low: Math.min(...ranges.map(({ low }) => low)), high: Math.max(...ranges.map(({ high }) => high)) };
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
  const { threshold } = model.state;
  const errors = { map: plane, classes: errorClasses(plane, mask.data, threshold).classes, threshold };
  return {
    side: Math.max(224, plane.columns),
    draw: (context, width, height) => {
      drawBackdrop(context, bitmap, wholeWindow, width, height, 0.5);
      drawErrors(context, errors, model.state.errors, wholeWindow, width, height);
    },
  };
}

function softened(plane: Plane | Gap | undefined, tau: number): Plane | Gap | undefined {
  return plane === undefined || isGap(plane) ? plane : { ...plane, data: plane.data.map((logit) => softLabel(logit, tau)) };
}
