/** Pictures that are composed of an image and something drawn over it. */
import type { GrayRaster } from '../../src/data/raster.ts';
import type { Colours } from './colour.ts';
import { paint, wholeWindow, type Window } from './map-element.ts';
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

/** The image in dark grey: what lies over it is to be seen. */
export function drawBackdrop(context: CanvasRenderingContext2D, bitmap: ImageBitmap | undefined, window: Window, width: number, height: number, brightness: number): void {
  if (bitmap === undefined) {
    context.fillStyle = 'rgb(40 40 40)';
    context.fillRect(0, 0, width, height);
    return;
  }
  context.filter = `grayscale(1) brightness(${brightness})`;
  drawImage(context, bitmap, window, width, height);
  context.filter = 'none';
}

/** A plane of colours and opacities, each cell as one block; averaged where it is shrunk. */
export function drawCells(context: CanvasRenderingContext2D, rows: number, columns: number, rgba: (index: number) => readonly [number, number, number, number], window: Window, width: number, height: number): void {
  const canvas = new OffscreenCanvas(columns, rows);
  const inner = canvas.getContext('2d');
  if (inner === null) return;
  const image = inner.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) image.data.set(rgba(i), 4 * i);
  inner.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = columns * window.size > width * globalThis.devicePixelRatio;
  context.imageSmoothingQuality = 'high';
  context.drawImage(canvas, window.x * columns, window.y * rows, window.size * columns, window.size * rows, 0, 0, width, height);
}

export function drawErrors(context: CanvasRenderingContext2D, classes: Uint8Array, { rows, columns }: Plane, palette: ErrorColours, window: Window, width: number, height: number): void {
  const colours = errorColours[palette];
  drawCells(
    context,
    rows,
    columns,
    (i) => {
      const kind = classes[i]!;
      if (kind === 0) return [0, 0, 0, 0];
      return [...colours[kind as typeof hit | typeof falsePositive | typeof missing], kind === hit ? 190 : 235];
    },
    window,
    width,
    height,
  );
}

/** A saliency map in colours whose opacity grows with it. */
export function drawOverlay(context: CanvasRenderingContext2D, plane: Plane, colours: Colours, window: Window, width: number, height: number): void {
  const image = new ImageData(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)));
  paint(image, { plane, low: 0, high: 1, colours, order: undefined, window });
  const opacity = new ImageData(image.width, image.height);
  paint(opacity, { plane, low: 0, high: 1, colours: ramp, order: undefined, window });
  for (let i = 3; i < image.data.length; i += 4) image.data[i] = opacity.data[i - 3]!;
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, width, height);
}

/** Opacity by saliency: nothing below 0.05, full from 0.7 on. */
const ramp: Colours = Uint32Array.from({ length: 256 }, (_, i) => Math.round(Math.min(225, Math.max(0, (i - 13) * 1.4))));

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
