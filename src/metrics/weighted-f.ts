import { extentsOf, NearestObject, type RowExtents } from './distance-transform.ts';
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
  const extents = extentsOf(foreground, width);
  const { bounds } = extents;
  const nearest = new NearestObject(foreground, width, bounds);
  const columns = bounds.right - bounds.left + 1;
  const errors = new Float64Array(columns + 2 * RADIUS);
  const ring = new Float64Array(RING * columns);
  const wanted = new Int32Array(width);
  let background = 0;
  let object = 0;
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let first = 0;
    let last = width - 1;
    while (first <= last && values[start + first]! < lowestWrong) first++;
    while (last >= first && values[start + last]! < lowestWrong) last--;
    const isBlurred = y >= bounds.top - RADIUS && y <= bounds.bottom + RADIUS;
    if (!isBlurred && first > last) continue;
    nearest.measure(y);
    const { columns: nearestColumns, rows, squares } = nearest;
    // What a blurred error of the object will read: all within RADIUS rows and columns of it.
    const from = isBlurred ? Math.min(first, Math.max(bounds.left - RADIUS, 0)) : first;
    const to = isBlurred ? Math.max(last, Math.min(bounds.right + RADIUS, width - 1)) : last;
    let count = 0;
    let near = -width;
    for (let ahead = from; ahead < from + RADIUS; ahead++) if (squares[ahead]! <= NEAR_ROWS) near = ahead;
    for (let x = from; x <= to; x++) {
      const ahead = x + RADIUS;
      if (squares[ahead]! <= NEAR_ROWS) near = ahead;
      const isNear = x - near <= RADIUS;
      if (foreground[start + x] === 1) {
        errors[x - bounds.left + RADIUS] = 1 - saliency[values[start + x]!]!;
        continue;
      }
      if (isNear || values[start + x]! >= lowestWrong) wanted[count++] = x;
    }
    nearest.resolve(wanted, count);
    for (let i = 0; i < count; i++) {
      const x = wanted[i]!;
      const column = nearestColumns[x]!;
      const value = values[start + x]!;
      if (value >= lowestWrong) {
        const across = column - x;
        const down = rows[column]! - y;
        background += saliency[value]! * importance(across * across + down * down);
      }
      // The background takes the error of its nearest object pixel, so that the object's edge is judged by the object alone.
      if (isBlurred && x >= bounds.left - RADIUS && x <= bounds.right + RADIUS) errors[x - bounds.left + RADIUS] = 1 - saliency[values[rows[column]! * width + column]!]!;
    }
    if (!isBlurred) continue;
    const target = (y & (RING - 1)) * columns - bounds.left;
    for (let x = bounds.left; x <= bounds.right; x++) if (squares[x]! <= NEAR_ROWS) ring[target + x] = blurredAlong(errors, x - bounds.left + RADIUS);
    const done = y - RADIUS;
    if (done >= bounds.top) object += forgivenErrors(saliency, map, foreground, extents, ring, done);
  }
  // Below the image errors are 0.
  for (let y = height; y <= bounds.bottom + RADIUS; y++) {
    ring.fill(0, (y & (RING - 1)) * columns, ((y & (RING - 1)) + 1) * columns);
    object += forgivenErrors(saliency, map, foreground, extents, ring, y - RADIUS);
  }
  return { object, background };
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
/** The squared distance of rows that the kernel reaches. */
const NEAR_ROWS = RADIUS * RADIUS;
const SIGMA = 5;
/** The 7×7 Gaussian is the product of a row with itself; the row is symmetric: the weights of the centre, its neighbours, and so on. */
const [CENTRE, NEAR, FARTHER, FARTHEST] = (() => {
  const weights = [0, 1, 2, 3].map((distance) => Math.exp(-(distance * distance) / (2 * SIGMA * SIGMA)));
  const sum = weights[0]! + 2 * (weights[1]! + weights[2]! + weights[3]!);
  return weights.map((weight) => weight / sum) as [number, number, number, number];
})();

/** The kernel along a row. */
function blurredAlong(values: Float64Array, i: number): number {
  return CENTRE * values[i]! + NEAR * (values[i - 1]! + values[i + 1]!) + FARTHER * (values[i - 2]! + values[i + 2]!) + FARTHEST * (values[i - 3]! + values[i + 3]!);
}

/** Rows kept for the kernel's other direction: a power of two of at least 2 · RADIUS + 1. */
const RING = 8;

/** Σ over a row of the object of min(error, blurred error). @param ring the rows from RADIUS above to RADIUS below, blurred along x */
function forgivenErrors(saliency: Float64Array, { values, width }: SaliencyMap, foreground: Uint8Array, { first, last, bounds }: RowExtents, ring: Float64Array, y: number): number {
  const columns = bounds.right - bounds.left + 1;
  const row = (offset: number): number => ((y + offset) & (RING - 1)) * columns - bounds.left;
  const [up3, up2, up1, here, down1, down2, down3] = [row(-3), row(-2), row(-1), row(0), row(1), row(2), row(3)];
  const end = last[y]!;
  let sum = 0;
  for (let x = first[y]!; x <= end; x++) {
    if (foreground[y * width + x] === 0) continue;
    const error = 1 - saliency[values[y * width + x]!]!;
    if (error <= 0) continue;
    const blurred = CENTRE * ring[here + x]! + NEAR * (ring[up1 + x]! + ring[down1 + x]!) + FARTHER * (ring[up2 + x]! + ring[down2 + x]!) + FARTHEST * (ring[up3 + x]! + ring[down3 + x]!);
    sum += Math.min(error, blurred);
  }
  return sum;
}
