import { numpyMeanIsExact } from './numpy-mean.ts';
import { scaled, type Mask, type SaliencyMap, type Scale } from './planes.ts';
import type { Tally } from './tally.ts';

/** What the two protocols' S-measures differ in. */
export interface StructureRules {
  /** Added to the rounded centroid: 1 where the split includes the centroid's row and column, as MATLAB's ranges do. */
  readonly centroidShift: 0 | 1;
  /** Added to a block's denominator. */
  readonly epsilon: number;
  /** Whether a block in which map and mask are constant scores 1 only if numpy's mean of the constant is exact (see numpy-mean.ts). */
  readonly numpyMeans: boolean;
}

/**
 * S-measure, α = 0.5: max(0, ½·S_object + ½·S_region). An object without pixels counts as an empty mask.
 * Standard deviations of one pixel are 0 and blocks without pixels weigh 0, so that the result is always finite.
 * @param means of the normalised map and of the (soft) mask
 */
export function structureMeasure(map: SaliencyMap, mask: Mask, { mean, maskMean }: Pick<Tally, 'mean' | 'maskMean'>, rules: StructureRules): number {
  if (mask.foregroundCount === 0) return 1 - mean;
  if (maskMean === 1) return mean;
  const blocks = blocksAround(centroidOf(mask, map.width, rules.centroidShift), map, mask);
  return Math.max(0, 0.5 * objectSimilarity(blocks, map, mask) + 0.5 * regionSimilarity(blocks, map, rules));
}

/** S_o and S_r themselves; the mask has both object and background pixels. */
export function structureParts(map: SaliencyMap, mask: Mask, rules: StructureRules): { object: number; region: number; centroid: Centroid } {
  const centroid = centroidOf(mask, map.width, rules.centroidShift);
  const blocks = blocksAround(centroid, map, mask);
  return { object: objectSimilarity(blocks, map, mask), region: regionSimilarity(blocks, map, rules), centroid };
}

/** The first column right of the split and the first row below it. */
export interface Centroid {
  readonly x: number;
  readonly y: number;
}

function centroidOf({ foreground, foregroundCount }: Mask, width: number, shift: number): Centroid {
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
interface Moments {
  count: number;
  mean: number;
  squares: number;
}

interface Block {
  readonly rows: number;
  readonly columns: number;
  readonly object: Moments;
  readonly background: Moments;
}

function blocksAround(centroid: Centroid, map: SaliencyMap, mask: Mask): Block[] {
  const blocks: Block[] = [];
  for (const [top, bottom] of [[0, centroid.y], [centroid.y, map.height]] as const) {
    for (const [left, right] of [[0, centroid.x], [centroid.x, map.width]] as const) {
      if (bottom > top && right > left) blocks.push(blockOf(map, mask, top, bottom, left, right));
    }
  }
  return blocks;
}

/** One pass over a block. Values are shifted by the block's first one, so that a constant block has exactly no variance. */
function blockOf(map: SaliencyMap, mask: Mask, top: number, bottom: number, left: number, right: number): Block {
  const { values, width } = map;
  const { foreground } = mask;
  if (values instanceof Uint8Array && right - left <= longestByteRow) return blockOfBytes(values, foreground, width, top, bottom, left, right);
  const origin = values[top * width + left]!;
  let count = 0;
  let sum = 0;
  let squares = 0;
  let objectCount = 0;
  let objectSum = 0;
  let objectSquares = 0;
  for (let y = top; y < bottom; y++) {
    for (let i = y * width + left; i < y * width + right; i++) {
      const deviation = values[i]! - origin;
      if (foreground[i] === 1) {
        objectCount++;
        objectSum += deviation;
        objectSquares += deviation * deviation;
      } else {
        count++;
        sum += deviation;
        squares += deviation * deviation;
      }
    }
  }
  return {
    rows: bottom - top,
    columns: right - left,
    object: momentsOf(objectCount, objectSum, objectSquares, origin),
    background: momentsOf(count, sum, squares, origin),
  };
}

/** Sums of squares of so many bytes fit into 32 bits. */
const longestByteRow = 32_768;

/** The same of bytes, in whole numbers: exact, and the background is what the object leaves. */
function blockOfBytes(values: Uint8Array, foreground: Uint8Array, width: number, top: number, bottom: number, left: number, right: number): Block {
  const origin = values[top * width + left]!;
  let [sum, squares, objectCount, objectSum, objectSquares] = [0, 0, 0, 0, 0];
  for (let y = top; y < bottom; y++) {
    let [rowSum, rowSquares, rowCount, rowObjectSum, rowObjectSquares] = [0, 0, 0, 0, 0];
    const end = y * width + right;
    for (let i = y * width + left; i < end; i++) {
      const deviation = values[i]! - origin;
      const square = Math.imul(deviation, deviation);
      rowSum = (rowSum + deviation) | 0;
      rowSquares = (rowSquares + square) | 0;
      if (foreground[i] === 0) continue;
      rowCount++;
      rowObjectSum = (rowObjectSum + deviation) | 0;
      rowObjectSquares = (rowObjectSquares + square) | 0;
    }
    sum += rowSum;
    squares += rowSquares;
    objectCount += rowCount;
    objectSum += rowObjectSum;
    objectSquares += rowObjectSquares;
  }
  const count = (bottom - top) * (right - left);
  return {
    rows: bottom - top,
    columns: right - left,
    object: momentsOf(objectCount, objectSum, objectSquares, origin),
    background: momentsOf(count - objectCount, sum - objectSum, squares - objectSquares, origin),
  };
}

function momentsOf(count: number, sum: number, squares: number, origin: number): Moments {
  if (count === 0) return { count: 0, mean: origin, squares: 0 };
  return { count, mean: origin + sum / count, squares: Math.max(0, squares - (sum * sum) / count) };
}

/** The moments of two disjoint sets of pixels together. */
function together(a: Moments, b: Moments): Moments {
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

/** S_o = μ·O(p on the object) + (1 − μ)·O(1 − p on the background), μ the object's share of the image. */
function objectSimilarity(blocks: readonly Block[], map: SaliencyMap, mask: Mask): number {
  const { normalised } = map;
  const object = blocks.map((block) => block.object).reduce(together);
  const background = blocks.map((block) => block.background).reduce(together);
  const share = mask.foregroundCount / mask.foreground.length;
  return share * uniformity(scaled(object.mean, normalised), object, normalised) + (1 - share) * uniformity(1 - scaled(background.mean, normalised), background, normalised);
}

/** O(x) = 2m / (m² + 1 + s), s the unbiased standard deviation; 0 for no pixels. */
function uniformity(mean: number, moments: Moments, { unit, range }: Scale): number {
  if (moments.count === 0) return 0;
  const deviation = moments.count > 1 ? Math.sqrt(moments.squares / (moments.count - 1)) / (unit * range) : 0;
  return (2 * mean) / (mean * mean + 1 + deviation);
}

/** S_r: the blocks' structural similarities, weighted by area. */
function regionSimilarity(blocks: readonly Block[], map: SaliencyMap, rules: StructureRules): number {
  const pixels = map.height * map.width;
  let sum = 0;
  for (const block of blocks) sum += ((block.rows * block.columns) / pixels) * blockSimilarity(block, map, rules);
  return sum;
}

/** A = 4·x̄·ȳ·σxy, B = (x̄² + ȳ²)(σx² + σy²): A/(B+ε), 1 where both are 0, 0 where only A is. May be negative. */
function blockSimilarity(block: Block, map: SaliencyMap, rules: StructureRules): number {
  const { normalised } = map;
  const scale = 1 / (normalised.unit * normalised.range);
  const { object, background } = block;
  const all = together(object, background);
  const degrees = Math.max(all.count - 1, 1);
  const x = scaled(all.mean, normalised);
  const y = object.count / all.count;
  const varianceX = (scale * scale * all.squares) / degrees;
  const varianceY = (object.count * (1 - y)) / degrees;
  const covariance = (scale * object.count * (object.mean - all.mean)) / degrees;
  const a = 4 * x * y * covariance;
  const b = (x * x + y * y) * (varianceX + varianceY);
  if (a !== 0) return a / (b + rules.epsilon);
  if (b !== 0) return 0;
  return !rules.numpyMeans || numpyMeanIsExact(x, block.rows, block.columns, map.width) ? 1 : 0;
}
