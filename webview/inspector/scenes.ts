/** Pictures that are composed of an image and something drawn over it. */
import type { GrayRaster } from '../../src/data/raster.ts';
import { colourIndex, magnitudeColours, wordOf, type Colours, type Rgb } from './colour.ts';
import { wholeWindow, type Window } from './painting.ts';
import { planeId, type Plane } from './plane.ts';
import { falsePositive, hit, missing } from './saliency-scores.ts';

export type ErrorColours = 'orange-blue' | 'red-green';

/** Red, green, blue by class: the colour-blind-safe pair, and the paper's. */
export const errorColours: Readonly<Record<ErrorColours, Readonly<Record<typeof hit | typeof falsePositive | typeof missing, Rgb>>>> = {
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

/** Of bitmaps that are kept: a hundred epochs of five of them at 112 × 112 pixels. */
const maxBitmapBytes = 32 * 1024 * 1024;
/** Least recently used first. */
const bitmaps = new Map<string, ImageBitmap>();
let bitmapBytes = 0;

/** Each cell as one pixel; made once for a key, in whatever sizes it is drawn. */
function bitmapOfCells(key: string, { rows, columns }: Plane, colour: (index: number) => number): ImageBitmap | undefined {
  const known = bitmaps.get(key);
  if (known !== undefined) {
    bitmaps.delete(key);
    bitmaps.set(key, known);
    return known;
  }
  const canvas = new OffscreenCanvas(columns, rows);
  const context = canvas.getContext('2d');
  if (context === null) return undefined;
  const image = context.createImageData(columns, rows);
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < words.length; i++) words[i] = colour(i);
  context.putImageData(image, 0, 0);
  const made = canvas.transferToImageBitmap();
  bitmaps.set(key, made);
  bitmapBytes += 4 * rows * columns;
  for (const [oldest, bitmap] of bitmaps) {
    if (bitmapBytes <= maxBitmapBytes || oldest === key) break;
    bitmaps.delete(oldest);
    bitmapBytes -= 4 * bitmap.width * bitmap.height;
    bitmap.close();
  }
  return made;
}

/** Each cell as one block; averaged where it is shrunk. */
function drawCells(context: CanvasRenderingContext2D, cells: ImageBitmap | undefined, window: Window, width: number, height: number): void {
  if (cells === undefined) return;
  const { width: columns, height: rows } = cells;
  context.imageSmoothingEnabled = columns * window.size > width * globalThis.devicePixelRatio;
  context.imageSmoothingQuality = 'high';
  context.drawImage(cells, window.x * columns, window.y * rows, window.size * columns, window.size * rows, 0, 0, width, height);
}

/** Where a map errs at a threshold. */
export interface MapErrors {
  readonly map: Plane;
  readonly classes: Uint8Array;
  readonly threshold: number;
}

/** Bytes red, green, blue, alpha: the image is seen through them. */
export function errorCells({ map, classes, threshold }: MapErrors, palette: ErrorColours): ImageBitmap | undefined {
  const colours = errorColours[palette];
  const words = [0, wordOf(colours[hit], 190), wordOf(colours[falsePositive], 235), wordOf(colours[missing], 235)];
  return bitmapOfCells(`errors ${planeId(map)} ${threshold} ${palette}`, map, (i) => words[classes[i]!]!);
}

export function drawErrors(context: CanvasRenderingContext2D, errors: MapErrors, palette: ErrorColours, window: Window, width: number, height: number): void {
  drawCells(context, errorCells(errors, palette), window, width, height);
}

/** A saliency map in colours whose opacity grows with it. */
export function overlayCells(map: Plane): ImageBitmap | undefined {
  const colours = overlayColours();
  const { data } = map;
  return bitmapOfCells(`overlay ${planeId(map)}`, map, (i) => colours[Math.max(0, colourIndex(data[i]!, 0, 1))]!);
}

export function drawOverlay(context: CanvasRenderingContext2D, map: Plane, window: Window, width: number, height: number): void {
  drawCells(context, overlayCells(map), window, width, height);
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

interface DrawnContour {
  readonly key: string;
  readonly canvas: OffscreenCanvas;
}

/** The outlines as last drawn: they are the same at all epochs, and stroking is slow. */
const drawnContours = new WeakMap<GrayRaster, DrawnContour>();

export function drawContour(context: CanvasRenderingContext2D, mask: GrayRaster, window: Window, width: number, height: number): void {
  const scale = context.getTransform().a;
  const key = [window.x, window.y, window.size, width, height, scale].join();
  let drawn = drawnContours.get(mask);
  if (drawn?.key !== key) {
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
    const inner = canvas.getContext('2d');
    if (inner === null) return;
    const scaled = new Path2D();
    scaled.addPath(contourOf(mask), new DOMMatrix([(width * scale) / window.size, 0, 0, (height * scale) / window.size, (-window.x * width * scale) / window.size, (-window.y * height * scale) / window.size]));
    inner.strokeStyle = 'rgb(245 205 60)';
    inner.lineWidth = scale;
    inner.stroke(scaled);
    drawn = { key, canvas };
    drawnContours.set(mask, drawn);
  }
  // Pixel by pixel: a line of one pixel does not bear being scaled.
  const { e: x, f: y } = context.getTransform();
  context.save();
  context.setTransform(1, 0, 0, 1, x, y);
  context.drawImage(drawn.canvas, 0, 0);
  context.restore();
}

export { wholeWindow };
