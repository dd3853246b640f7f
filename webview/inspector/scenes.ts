/** Pictures that are composed of an image and something drawn over it. */
import type { GrayRaster } from '../../src/data/raster.ts';
import { colourIndex, magnitudeColours, type Colours } from './colour.ts';
import { wholeWindow, type Window } from './painting.ts';
import type { Plane } from './plane.ts';
import { falsePositive, hit, missing } from './saliency-scores.ts';

export type ErrorColours = 'orange-blue' | 'red-green';

/** Red, green, blue by class: the colour-blind-safe pair, and the paper's. */
export const errorColours: Readonly<Record<ErrorColours, Readonly<Record<typeof hit | typeof falsePositive | typeof missing, readonly [number, number, number]>>>> = {
  'orange-blue': { [hit]: [198, 198, 198], [falsePositive]: [245, 155, 35], [missing]: [74, 160, 245] },
  'red-green': { [hit]: [255, 255, 255], [falsePositive]: [230, 40, 40], [missing]: [40, 190, 70] },
};

/** Draws the part of a bitmap that a window shows. */
export function drawImage(context: CanvasRenderingContext2D, bitmap: ImageBitmap, window: Window, width: number, height: number): void {
  context.imageSmoothingEnabled = bitmap.width * window.size > width;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, window.x * bitmap.width, window.y * bitmap.height, window.size * bitmap.width, window.size * bitmap.height, 0, 0, width, height);
}

interface Backdrop {
  readonly bitmap: ImageBitmap;
  readonly canvas: OffscreenCanvas;
}

/** A filter over a whole image is the slowest thing drawn here; the last few are kept. */
const backdrops = new Map<string, Backdrop>();
const maxBackdrops = 8;

/** The image in dark grey: what lies over it is to be seen. */
export function drawBackdrop(context: CanvasRenderingContext2D, bitmap: ImageBitmap | undefined, window: Window, width: number, height: number, brightness: number): void {
  if (bitmap === undefined) {
    context.fillStyle = 'rgb(40 40 40)';
    context.fillRect(0, 0, width, height);
    return;
  }
  const scale = context.getTransform().a;
  const key = [brightness, window.x, window.y, window.size, width, height, scale].join();
  const known = backdrops.get(key);
  if (known?.bitmap === bitmap) {
    context.drawImage(known.canvas, 0, 0, width, height);
    return;
  }
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const inner = canvas.getContext('2d') as unknown as CanvasRenderingContext2D | null;
  if (inner === null) return;
  inner.filter = `grayscale(1) brightness(${brightness})`;
  drawImage(inner, bitmap, window, canvas.width, canvas.height);
  context.drawImage(canvas, 0, 0, width, height);
  backdrops.delete(key);
  backdrops.set(key, { bitmap, canvas });
  if (backdrops.size > maxBackdrops) backdrops.delete(backdrops.keys().next().value!);
}

/** A plane of colours with opacity (bytes red, green, blue, alpha), each cell as one block; averaged where it is shrunk. */
function drawCells(context: CanvasRenderingContext2D, rows: number, columns: number, colour: (index: number) => number, window: Window, width: number, height: number): void {
  const canvas = new OffscreenCanvas(columns, rows);
  const inner = canvas.getContext('2d');
  if (inner === null) return;
  const image = inner.createImageData(columns, rows);
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < words.length; i++) words[i] = colour(i);
  inner.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = columns * window.size > width * globalThis.devicePixelRatio;
  context.imageSmoothingQuality = 'high';
  context.drawImage(canvas, window.x * columns, window.y * rows, window.size * columns, window.size * rows, 0, 0, width, height);
}

const word = ([red, green, blue]: readonly [number, number, number], alpha: number): number => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;

export function drawErrors(context: CanvasRenderingContext2D, classes: Uint8Array, { rows, columns }: Plane, palette: ErrorColours, window: Window, width: number, height: number): void {
  const colours = errorColours[palette];
  const words = [0, word(colours[hit], 190), word(colours[falsePositive], 235), word(colours[missing], 235)];
  drawCells(context, rows, columns, (i) => words[classes[i]!]!, window, width, height);
}

/** A saliency map in colours whose opacity grows with it. */
export function drawOverlay(context: CanvasRenderingContext2D, { rows, columns, data }: Plane, window: Window, width: number, height: number): void {
  const colours = overlayColours();
  drawCells(context, rows, columns, (i) => colours[Math.max(0, colourIndex(data[i]!, 0, 1))]!, window, width, height);
}

let overlay: Colours | undefined;

/** Magma; nothing of it below 0.05, nearly all from 0.7 on. */
function overlayColours(): Colours {
  overlay ??= magnitudeColours('magma').map((colour, i) => ((colour & 0xffffff) | (Math.round(Math.min(225, Math.max(0, (i - 13) * 1.4))) << 24)) >>> 0);
  return overlay;
}

const contours = new WeakMap<GrayRaster, Path2D>();

/** The outline of the mask's object, along pixel edges, in the unit square. */
export function contourOf(mask: GrayRaster): Path2D {
  const known = contours.get(mask);
  if (known !== undefined) return known;
  const path = new Path2D();
  const { width, height, data } = mask;
  const inside = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < width && y < height && data[y * width + x]! >= 128;
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      if (inside(x, y) !== inside(x, y - 1)) {
        path.moveTo(x / width, y / height);
        path.lineTo((x + 1) / width, y / height);
      }
      if (inside(x, y) !== inside(x - 1, y)) {
        path.moveTo(x / width, y / height);
        path.lineTo(x / width, (y + 1) / height);
      }
    }
  }
  contours.set(mask, path);
  return path;
}

export function drawContour(context: CanvasRenderingContext2D, mask: GrayRaster, window: Window, width: number, height: number): void {
  context.save();
  const scaled = new Path2D();
  scaled.addPath(contourOf(mask), new DOMMatrix([width / window.size, 0, 0, height / window.size, (-window.x * width) / window.size, (-window.y * height) / window.size]));
  context.strokeStyle = 'rgb(245 205 60)';
  context.lineWidth = 1;
  context.stroke(scaled);
  context.restore();
}

export { wholeWindow };
