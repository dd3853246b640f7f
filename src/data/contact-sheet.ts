import sharp, { type OverlayOptions } from 'sharp';
import { fromRaster } from './png.ts';
import type { GrayRaster, Raster, RgbRaster } from './raster.ts';

/** One line of a contact sheet: the pictures of one sample. An undefined cell stays empty. */
export interface SheetRow {
  /** Shown at the left; may be empty. */
  readonly label: string;
  readonly cells: readonly (Raster | undefined)[];
}

export interface SheetOptions {
  /** Headings of the columns, in their order. */
  readonly columns: readonly string[];
  readonly rows: readonly SheetRow[];
  /** Side of a cell in pixels; a picture is fitted into it without distortion. 160 by default. */
  readonly cell?: number;
}

const gap = 6;
const headingHeight = 26;
/** A digit of the widest usual font (DejaVu Sans) at 12 px. */
const characterWidth = 8;

/** A table of pictures as PNG bytes: a row a sample, a column a kind of picture. */
export async function contactSheet({ columns, rows, cell = 160 }: SheetOptions): Promise<Buffer> {
  const labelWidth = Math.max(0, ...rows.map(({ label }) => label.length)) * characterWidth + gap;
  const left = (column: number) => labelWidth + gap + column * (cell + gap);
  const top = (row: number) => headingHeight + row * (cell + gap);
  const width = left(columns.length);
  const height = top(rows.length);
  const pictures: OverlayOptions[] = [];
  for (const [row, { cells }] of rows.entries()) {
    for (const [column, picture] of cells.entries()) {
      if (picture === undefined) continue;
      const shrinks = picture.width > cell || picture.height > cell;
      const fitted = fromRaster(picture).resize(cell, cell, { fit: 'contain', background: '#ffffff', kernel: shrinks ? 'lanczos3' : 'nearest' });
      pictures.push({ input: await fitted.toColourspace('srgb').png().toBuffer(), left: left(column), top: top(row) });
    }
  }
  const texts = [
    ...columns.map((text, column) => svgText(text, left(column) + cell / 2, headingHeight - 9, 'middle')),
    ...rows.map(({ label }, row) => svgText(label, labelWidth, top(row) + cell / 2 + 4, 'end')),
  ];
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#222222">${texts.join('')}</svg>`;
  const sheet = sharp({ create: { width, height, channels: 3, background: '#ffffff' } });
  return sheet.composite([...pictures, { input: Buffer.from(overlay), left: 0, top: 0 }]).png().toBuffer();
}

function svgText(text: string, x: number, y: number, anchor: 'middle' | 'end'): string {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped}</text>`;
}

/**
 * Where a saliency map is wrong: false positives red, missing parts green, hits white, the rest black (SCRKD, Fig. 8).
 * @param saliency and mask of equal size; salient from `threshold` (a share of 255) on
 */
export function errorMap(saliency: GrayRaster, mask: GrayRaster, threshold = 0.5): RgbRaster {
  if (saliency.width !== mask.width || saliency.height !== mask.height) throw new RangeError('saliency map and mask differ in size');
  const level = threshold * 255;
  const data = new Uint8Array(3 * mask.data.length);
  for (let i = 0; i < mask.data.length; i++) {
    const predicted = saliency.data[i]! >= level;
    const salient = mask.data[i]! >= level;
    if (predicted) data[3 * i] = 255;
    if (salient) data[3 * i + 1] = 255;
    if (predicted && salient) data[3 * i + 2] = 255;
  }
  return { width: mask.width, height: mask.height, channels: 3, data };
}

/** Values in [0, 1] as an 8-bit gray image, clipped and truncated as `numpy.uint8` does. */
export function grayFromValues(values: Float32Array, height: number, width: number): GrayRaster {
  return { width, height, channels: 1, data: Uint8Array.from(values, (value) => Math.min(255, Math.max(0, value * 255))) };
}
