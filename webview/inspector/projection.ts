/** A row of a correlation matrix, drawn onto the image: which rows, columns or channels are alike. */
import * as l10n from '@vscode/l10n';
import type { ArmRole } from '../../src/protocol/inspector.ts';
import { isGap } from './capture-store.ts';
import { colourIndex, cssColour } from './colour.ts';
import type { Model } from './model.ts';
import { planeId, valueAt, type Plane } from './plane.ts';
import { wholeWindow } from './painting.ts';
import type { Scene } from './scene-element.ts';
import { drawBackdrop } from './scenes.ts';
import type { ViewIndex } from './view-state.ts';

interface Position {
  readonly stage: number;
  readonly view: ViewIndex;
  readonly row: number;
  readonly column: number;
}

export function projection(model: Model, position: Position | undefined, role: ArmRole): Scene {
  const { sample } = model;
  const image = sample === undefined ? undefined : model.images.image(sample);
  const bitmap = image !== undefined && 'value' in image ? image.value.bitmap : undefined;
  const plane = position && model.matrix(role, position.stage, position.view);
  const matrix = plane === undefined || isGap(plane) ? undefined : plane;
  const hovering = model.hover?.kind === 'matrix';
  const key = [sample, bitmap === undefined ? (image === undefined ? 'loading' : 'none') : 'image', role, matrix && planeId(matrix), position?.view, position?.row, hovering ? position?.column : '', model.state.map].join();
  return {
    key,
    draw: (context, width, height) => {
      if (bitmap === undefined) {
        context.fillStyle = 'rgb(128 128 128 / 0.3)';
        context.fillRect(0, 0, width, height);
        if (image !== undefined) write(context, 'message' in image && image.message !== 'decode' ? image.message : l10n.t('This image cannot be shown.'), width, height);
      }
      if (position === undefined || matrix === undefined) {
        if (bitmap !== undefined) context.drawImage(bitmap, 0, 0, width, height);
        return;
      }
      if (position.view === 0) {
        if (bitmap !== undefined) context.drawImage(bitmap, 0, 0, width, height);
        channels(context, matrix, position.row, width, height);
        return;
      }
      if (bitmap !== undefined) drawBackdrop(context, bitmap, wholeWindow, width, height, 0.72);
      bands(context, model, matrix, position, bitmap, hovering, width, height);
    },
  };
}

function bands(context: CanvasRenderingContext2D, model: Model, matrix: Plane, { stage, view, row, column }: Position, bitmap: ImageBitmap | undefined, hovering: boolean, width: number, height: number): void {
  const limits = model.limitsOf(matrix, stage, view);
  const n = matrix.rows;
  const band = (index: number): [number, number, number, number] => (view === 1 ? [0, (index * height) / n, width, height / n] : [(index * width) / n, 0, width / n, height]);
  for (let i = 0; i < n; i++) {
    const index = colourIndex(valueAt(matrix, row, i), limits.low, limits.high);
    if (index < 0) continue;
    context.globalAlpha = 0.16 + (0.5 * index) / 255;
    context.fillStyle = cssColour(model.colours, index);
    const [x, y, w, h] = band(i);
    context.fillRect(x, y, w + (view === 1 ? 0 : 0.5), h + (view === 1 ? 0.5 : 0));
  }
  context.globalAlpha = 1;
  const selected = band(row);
  if (bitmap !== undefined) {
    context.save();
    context.beginPath();
    context.rect(...selected);
    context.clip();
    context.drawImage(bitmap, 0, 0, width, height);
    context.restore();
  }
  outline(context, selected, []);
  if (hovering && column !== row) outline(context, band(column), [4, 3]);
}

function outline(context: CanvasRenderingContext2D, [x, y, width, height]: readonly [number, number, number, number], dash: number[]): void {
  context.setLineDash(dash);
  for (const [colour, thickness] of [['rgb(0 0 0 / 0.65)', 3], ['white', 1]] as const) {
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  }
  context.setLineDash([]);
}

/** Channels have no place in the image: the ones most like the selected are named. */
function channels(context: CanvasRenderingContext2D, matrix: Plane, row: number, width: number, height: number): void {
  const alike = Array.from({ length: matrix.columns }, (_, channel) => channel)
    .filter((channel) => channel !== row)
    .sort((a, b) => valueAt(matrix, row, b) - valueAt(matrix, row, a))
    .slice(0, 4);
  context.fillStyle = 'rgb(0 0 0 / 0.68)';
  context.fillRect(0, height - 44, width, 44);
  context.fillStyle = 'white';
  context.font = '11px sans-serif';
  context.fillText(l10n.t('most correlated channels'), 8, height - 28);
  for (const [i, channel] of alike.entries()) {
    const x = 8 + (i * (width - 12)) / 4;
    context.fillText(`#${channel} ${valueAt(matrix, row, channel).toFixed(2)}`, x, height - 10);
  }
}

function write(context: CanvasRenderingContext2D, text: string, width: number, height: number): void {
  context.fillStyle = 'gray';
  context.font = '11px sans-serif';
  context.textAlign = 'center';
  context.fillText(text, width / 2, height / 2, width - 16);
  context.textAlign = 'start';
}
