import type { Mask, Range, SaliencyMap } from './planes.ts';

type Pixels = Pick<SaliencyMap, 'values' | 'height' | 'width'>;

/** The first column right of the split and the first row below it. */
export interface Centroid {
  readonly x: number;
  readonly y: number;
}

/** Of the object; the image's centre where there is none. @param shift added to the rounded centroid */
export function centroidOf({ foreground, foregroundCount }: Mask, { height, width }: Pick<Pixels, 'height' | 'width'>, shift: number): Centroid {
  if (foregroundCount === 0) return { x: roundHalfEven(width / 2), y: roundHalfEven(height / 2) };
  let sumX = 0;
  let sumY = 0;
  for (let start = 0, y = 0; start < foreground.length; start += width, y++) {
    const row = foreground.subarray(start, start + width);
    const first = row.indexOf(1);
    if (first < 0) continue;
    const last = row.lastIndexOf(1);
    let inRow = 0;
    for (let x = first; x <= last; x++) {
      const inside = row[x]!;
      inRow += inside;
      sumX += inside * x;
    }
    sumY += y * inRow;
  }
  return { x: roundHalfEven(sumX / foregroundCount) + shift, y: roundHalfEven(sumY / foregroundCount) + shift };
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Count, mean and sum of squared deviations of the map's values (as given, not normalised) over some pixels. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** A quarter of the image. */
export interface Block {
  readonly rows: number;
  readonly columns: number;
  readonly object: Moments;
  readonly background: Moments;
  /** Of a map of bytes: how often each value is met on the background (at `2 · value`) and on the object (at `2 · value + 1`). */
  readonly histogram?: Uint32Array;
}

/** The image in up to four blocks, without those that have no pixels. */
export function blocksAround(centroid: Centroid, map: Pixels, mask: Mask): Block[] {
  const blocks: Block[] = [];
  for (const [top, bottom] of [[0, centroid.y], [centroid.y, map.height]] as const) {
    for (const [left, right] of [[0, centroid.x], [centroid.x, map.width]] as const) {
      if (bottom > top && right > left) blocks.push(blockOf(map, mask, top, bottom, left, right));
    }
  }
  return blocks;
}

/** Values are shifted by the block's first one, so that a constant block has exactly no variance. */
function blockOf({ values, width }: Pixels, { foreground }: Mask, top: number, bottom: number, left: number, right: number): Block {
  const [rows, columns] = [bottom - top, right - left];
  const origin = values[top * width + left]!;
  const object = new Sums();
  const background = new Sums();
  if (values instanceof Uint8Array) {
    const histogram = histogramOf(values, foreground, width, top, bottom, left, right);
    for (let value = 0; value < 256; value++) {
      background.add(value - origin, histogram[2 * value]!);
      object.add(value - origin, histogram[2 * value + 1]!);
    }
    return { rows, columns, object: object.moments(origin), background: background.moments(origin), histogram };
  }
  for (let y = top; y < bottom; y++) {
    for (let i = y * width + left; i < y * width + right; i++) (foreground[i] === 1 ? object : background).add(values[i]! - origin, 1);
  }
  return { rows, columns, object: object.moments(origin), background: background.moments(origin) };
}

class Sums {
  #count = 0;
  #sum = 0;
  #squares = 0;

  add(deviation: number, count: number): void {
    this.#count += count;
    this.#sum += count * deviation;
    this.#squares += count * deviation * deviation;
  }

  moments(origin: number): Moments {
    if (this.#count === 0) return { count: 0, mean: origin, squares: 0 };
    return { count: this.#count, mean: origin + this.#sum / this.#count, squares: Math.max(0, this.#squares - (this.#sum * this.#sum) / this.#count) };
  }
}

const CELLS = 512;

/** The one pass over the pixels that the sums of the S-measure and the tally of a binary mask share. */
function histogramOf(values: Uint8Array, foreground: Uint8Array, width: number, top: number, bottom: number, left: number, right: number): Uint32Array {
  // Neighbours are mostly equal, and a counter cannot be raised again before it was stored: four take turns.
  const lanes = new Uint32Array(4 * CELLS);
  for (let y = top; y < bottom; y++) {
    const end = y * width + right;
    let i = y * width + left;
    for (; i + 4 <= end; i += 4) {
      lanes[2 * values[i]! + foreground[i]!]!++;
      lanes[CELLS + 2 * values[i + 1]! + foreground[i + 1]!]!++;
      lanes[2 * CELLS + 2 * values[i + 2]! + foreground[i + 2]!]!++;
      lanes[3 * CELLS + 2 * values[i + 3]! + foreground[i + 3]!]!++;
    }
    for (; i < end; i++) lanes[2 * values[i]! + foreground[i]!]!++;
  }
  const histogram = lanes.slice(0, CELLS);
  for (let cell = 0; cell < CELLS; cell++) histogram[cell]! += lanes[CELLS + cell]! + lanes[2 * CELLS + cell]! + lanes[3 * CELLS + cell]!;
  return histogram;
}

/** The counts of all blocks together, if they have any. */
export function histogramOfAll(blocks: readonly Block[]): Uint32Array | undefined {
  const sum = new Uint32Array(CELLS);
  for (const { histogram } of blocks) {
    if (histogram === undefined) return undefined;
    for (let cell = 0; cell < CELLS; cell++) sum[cell]! += histogram[cell]!;
  }
  return blocks.length === 0 ? undefined : sum;
}

/** @param histogram as a block has it */
export function rangeOfHistogram(histogram: Uint32Array): Range {
  let [low, high] = [0, CELLS - 1];
  while (histogram[low] === 0) low++;
  while (histogram[high] === 0) high--;
  return { low: low >> 1, high: high >> 1 };
}

/** The moments of two disjoint sets of pixels together. */
export function momentsTogether(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const difference = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (difference * b.count) / count,
    squares: a.squares + b.squares + (difference * difference * a.count * b.count) / count,
  };
}
