import { nearestObject, type NearestObject } from './distance-transform.ts';
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
  const nearest = nearestObject(mask.foreground, map.height, map.width);
  const saliency = Float64Array.from({ length: 256 }, (_, byte) => scaled(byte, map.normalised));
  const objectError = forgivenObjectError(map, mask, nearest, saliency);
  const backgroundError = weightedBackgroundError(map, mask, nearest, saliency);
  const truePositive = objectPixels - objectError;
  const recall = 1 - objectError / objectPixels;
  const precision = truePositive / (truePositive + backgroundError + Number.EPSILON);
  return (2 * recall * precision) / (recall + precision + Number.EPSILON);
}

/** Σ over the background of the error times its importance. */
function weightedBackgroundError({ values, height, width }: SaliencyMap, { foreground }: Mask, { column, rowInColumn }: NearestObject, saliency: Float64Array): number {
  let sum = 0;
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let x = 0; x < width; x++) {
      const error = saliency[values[start + x]!]!;
      if (error === 0 || foreground[start + x] === 1) continue;
      const across = column[start + x]!;
      const down = rowInColumn[start + across]! - y;
      sum += error * importance((across - x) * (across - x) + down * down);
    }
  }
  return sum;
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
/** The 7×7 Gaussian is the product of this row with itself; it is symmetric: weight of the centre, of its neighbours, and so on. */
const [CENTRE, NEAR, FARTHER, FARTHEST] = (() => {
  const weights = [0, 1, 2, 3].map((distance) => Math.exp(-(distance * distance) / (2 * SIGMA * SIGMA)));
  const sum = weights[0]! + 2 * (weights[1]! + weights[2]! + weights[3]!);
  return weights.map((weight) => weight / sum) as [number, number, number, number];
})();

/** The kernel at position i of a line whose neighbours lie `stride` apart. */
function blurredAt(line: Float64Array, i: number, stride: number): number {
  return (
    CENTRE * line[i]! +
    NEAR * (line[i - stride]! + line[i + stride]!) +
    FARTHER * (line[i - 2 * stride]! + line[i + 2 * stride]!) +
    FARTHEST * (line[i - 3 * stride]! + line[i + 3 * stride]!)
  );
}

/**
 * Σ over the object of min(error, blurred error). Before blurring, the background takes the error of its nearest object
 * pixel, so that the object's edge is judged by the object alone; outside the image there is nothing (0).
 */
function forgivenObjectError({ values, height, width }: SaliencyMap, { foreground }: Mask, { column, rowInColumn }: NearestObject, saliency: Float64Array): number {
  const { top, bottom, left, right } = boundsOf(foreground, width);
  const columns = right - left + 1;
  const line = new Float64Array(columns + 2 * RADIUS);
  // Rows are blurred along x here, from RADIUS above the object to RADIUS below it; those outside the image stay 0.
  const rows = new Float64Array((bottom - top + 1 + 2 * RADIUS) * columns);
  for (let y = Math.max(top - RADIUS, 0); y <= Math.min(bottom + RADIUS, height - 1); y++) {
    const start = y * width;
    for (let x = Math.max(left - RADIUS, 0); x <= Math.min(right + RADIUS, width - 1); x++) {
      const across = column[start + x]!;
      line[x - left + RADIUS] = 1 - saliency[values[rowInColumn[start + across]! * width + across]!]!;
    }
    const target = (y - top + RADIUS) * columns;
    for (let x = 0; x < columns; x++) rows[target + x] = blurredAt(line, x + RADIUS, 1);
  }
  let total = 0;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      if (foreground[y * width + x] !== 1) continue;
      const error = 1 - saliency[values[y * width + x]!]!;
      if (error > 0) total += Math.min(error, blurredAt(rows, (y - top + RADIUS) * columns + x - left, columns));
    }
  }
  return total;
}

/** The smallest rectangle around the object, both ends included. */
function boundsOf(foreground: Uint8Array, width: number): { top: number; bottom: number; left: number; right: number } {
  let left = width;
  let right = 0;
  for (let start = 0; start < foreground.length; start += width) {
    const row = foreground.subarray(start, start + width);
    const first = row.indexOf(1);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(right, row.lastIndexOf(1));
  }
  return { top: Math.floor(foreground.indexOf(1) / width), bottom: Math.floor(foreground.lastIndexOf(1) / width), left, right };
}
