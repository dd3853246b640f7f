import { nearestObject, type NearestObject } from './distance-transform.ts';
import { scaled, type Mask, type SaliencyMap } from './planes.ts';

/**
 * Weighted F-measure, β = 1 (Margolin et al., 2014): errors on the object are forgiven where their neighbourhood is right
 * (Gaussian 7×7, σ = 5), errors on the background weigh more the farther from the object they are: 2 − exp(ln ½ / 5 · distance).
 * 0 for an empty mask.
 */
export function weightedF(map: SaliencyMap, mask: Mask): number {
  const objectPixels = mask.foregroundCount;
  if (objectPixels === 0) return 0;
  const nearest = nearestObject(mask.foreground, map.height, map.width);
  const objectError = forgivenObjectError(map, mask, nearest);
  const backgroundError = weightedBackgroundError(map, mask, nearest);
  const truePositive = objectPixels - objectError;
  const recall = 1 - objectError / objectPixels;
  const precision = truePositive / (truePositive + backgroundError + Number.EPSILON);
  return (2 * recall * precision) / (recall + precision + Number.EPSILON);
}

/** Σ over the background of the error times its importance. */
function weightedBackgroundError(map: SaliencyMap, mask: Mask, nearest: NearestObject): number {
  const { values, normalised } = map;
  const { foreground } = mask;
  const { squaredDistance } = nearest;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (foreground[i] === 1) continue;
    const error = scaled(values[i]!, normalised);
    if (error > 0) sum += error * importance(squaredDistance[i]!);
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
/** The 7×7 Gaussian is the product of this row with itself. */
const kernel = (() => {
  const row = Float64Array.from({ length: 2 * RADIUS + 1 }, (_, k) => Math.exp(-((k - RADIUS) ** 2) / (2 * SIGMA * SIGMA)));
  const sum = row.reduce((total, weight) => total + weight);
  return row.map((weight) => weight / sum);
})();

/**
 * Σ over the object of min(error, blurred error). Before blurring, the background takes the error of its nearest object
 * pixel, so that the object's edge is judged by the object alone; outside the image there is nothing (0).
 */
function forgivenObjectError(map: SaliencyMap, mask: Mask, nearest: NearestObject): number {
  const { height, width, values, normalised } = map;
  const { foreground } = mask;
  const { top, bottom, left, right } = boundsOf(foreground, width);
  const firstRow = Math.max(top - RADIUS, 0);
  const lastRow = Math.min(bottom + RADIUS, height - 1);
  const firstColumn = Math.max(left - RADIUS, 0);
  const lastColumn = Math.min(right + RADIUS, width - 1);
  const columns = right - left + 1;
  const line = new Float64Array(lastColumn - firstColumn + 1 + 2 * RADIUS);
  const blurredRows = new Float64Array((lastRow - firstRow + 1) * columns);
  for (let y = firstRow; y <= lastRow; y++) {
    line.fill(0);
    for (let x = firstColumn; x <= lastColumn; x++) {
      line[x - firstColumn + RADIUS] = 1 - scaled(values[nearest.index[y * width + x]!]!, normalised);
    }
    const offset = left - firstColumn;
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = 0; k <= 2 * RADIUS; k++) sum += kernel[k]! * line[x + offset + k]!;
      blurredRows[(y - firstRow) * columns + x] = sum;
    }
  }
  let total = 0;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      if (foreground[y * width + x] !== 1) continue;
      let blurred = 0;
      for (let k = -RADIUS; k <= RADIUS; k++) {
        if (y + k >= firstRow && y + k <= lastRow) blurred += kernel[k + RADIUS]! * blurredRows[(y + k - firstRow) * columns + x - left]!;
      }
      total += Math.min(1 - scaled(values[y * width + x]!, normalised), blurred);
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
