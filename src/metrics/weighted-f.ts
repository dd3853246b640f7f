import { boundsOf, NearestObject, type Bounds } from './distance-transform.ts';
import { scaled, type Mask, type SaliencyMap } from './planes.ts';

/**
 * Weighted F-measure, β = 1 (Margolin et al., 2014): errors on the object are forgiven where their neighbourhood is right
 * (Gaussian 7×7, σ = 5), errors on the background weigh more the farther from the object they are: 2 − exp(ln ½ / 5 · distance).
 * 0 for an empty mask.
 * @param map of bytes
 */
export function weightedF(map: SaliencyMap, mask: Mask): number {
  const objectPixels = mask.foregroundCount;
  if (objectPixels === 0) return 0;
  const { object, background } = weightedErrors(map, mask);
  const truePositive = objectPixels - object;
  const recall = 1 - object / objectPixels;
  const precision = truePositive / (truePositive + background + Number.EPSILON);
  return (2 * recall * precision) / (recall + precision + Number.EPSILON);
}

interface WeightedErrors {
  /** Σ over the object of min(error, blurred error). */
  readonly object: number;
  /** Σ over the background of the error times its importance. */
  readonly background: number;
}

/** One sweep over the rows: what needs the nearest object pixel is done as soon as a row's are known. */
function weightedErrors(map: SaliencyMap, { foreground }: Mask): WeightedErrors {
  const { values, height, width } = map;
  const saliency = Float64Array.from({ length: 256 }, (_, byte) => scaled(byte, map.normalised));
  const lowestWrong = saliency.findIndex((value) => value > 0);
  const bounds = boundsOf(foreground, width);
  const nearest = new NearestObject(foreground, width, bounds);
  const around = { left: Math.max(bounds.left - RADIUS, 0), right: Math.min(bounds.right + RADIUS, width - 1) };
  const errors = new Float64Array(bounds.right - bounds.left + 1 + 2 * RADIUS);
  const blurredRows = new Float64Array((bounds.bottom - bounds.top + 1 + 2 * RADIUS) * (bounds.right - bounds.left + 1));
  let background = 0;
  for (let y = 0; y < height; y++) {
    nearest.nextRow();
    const start = y * width;
    const isBlurred = y >= bounds.top - RADIUS && y <= bounds.bottom + RADIUS;
    let first = 0;
    let last = width - 1;
    while (first <= last && values[start + first]! < lowestWrong) first++;
    while (last >= first && values[start + last]! < lowestWrong) last--;
    const from = isBlurred ? Math.min(first, around.left) : first;
    const to = isBlurred ? Math.max(last, around.right) : last;
    if (from > to) continue;
    nearest.resolve(from, to);
    const { columns, rows } = nearest;
    for (let x = first; x <= last; x++) {
      const value = values[start + x]!;
      if (value < lowestWrong || foreground[start + x] === 1) continue;
      const across = columns[x]! - x;
      const down = rows[columns[x]!]! - y;
      background += saliency[value]! * importance(across * across + down * down);
    }
    if (!isBlurred) continue;
    // The background takes the error of its nearest object pixel, so that the object's edge is judged by the object alone.
    for (let x = around.left; x <= around.right; x++) {
      const column = columns[x]!;
      errors[x - bounds.left + RADIUS] = 1 - saliency[values[rows[column]! * width + column]!]!;
    }
    blurRow(errors, blurredRows, y - bounds.top + RADIUS);
  }
  return { object: forgivenErrors(saliency, map, foreground, bounds, blurredRows), background };
}

/** Beyond this squared distance the importance is 2 to within 1e-15. */
const FAR = 65_536;
let importances: Float64Array | undefined;

function importance(squaredDistance: number): number {
  if (squaredDistance >= FAR) return 2;
  importances ??= Float64Array.from({ length: FAR }, (_, square) => 2 - Math.exp((Math.log(0.5) / 5) * Math.sqrt(square)));
  return importances[squaredDistance]!;
}

const RADIUS = 3;
const SIGMA = 5;
/** The 7×7 Gaussian is the product of a row with itself; the row is symmetric: the weights of the centre, its neighbours, and so on. */
const [CENTRE, NEAR, FARTHER, FARTHEST] = (() => {
  const weights = [0, 1, 2, 3].map((distance) => Math.exp(-(distance * distance) / (2 * SIGMA * SIGMA)));
  const sum = weights[0]! + 2 * (weights[1]! + weights[2]! + weights[3]!);
  return weights.map((weight) => weight / sum) as [number, number, number, number];
})();

/** The kernel at position i of values whose neighbours lie `stride` apart. */
function blurredAt(values: Float64Array, i: number, stride: number): number {
  return (
    CENTRE * values[i]! +
    NEAR * (values[i - stride]! + values[i + stride]!) +
    FARTHER * (values[i - 2 * stride]! + values[i + 2 * stride]!) +
    FARTHEST * (values[i - 3 * stride]! + values[i + 3 * stride]!)
  );
}

/** Blurs one row of errors along x; outside the image they are 0. */
function blurRow(errors: Float64Array, blurredRows: Float64Array, row: number): void {
  const columns = errors.length - 2 * RADIUS;
  for (let x = 0; x < columns; x++) blurredRows[row * columns + x] = blurredAt(errors, x + RADIUS, 1);
}

/** @param blurredRows from RADIUS rows above the object to RADIUS below it */
function forgivenErrors(saliency: Float64Array, { values, width }: SaliencyMap, foreground: Uint8Array, { top, bottom, left, right }: Bounds, blurredRows: Float64Array): number {
  const columns = right - left + 1;
  let sum = 0;
  for (let y = top; y <= bottom; y++) {
    const blurred = (y - top + RADIUS) * columns - left;
    for (let x = left; x <= right; x++) {
      if (foreground[y * width + x] === 0) continue;
      const error = 1 - saliency[values[y * width + x]!]!;
      if (error > 0) sum += Math.min(error, blurredAt(blurredRows, blurred + x, columns));
    }
  }
  return sum;
}
