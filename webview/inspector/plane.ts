/** Maps and matrices of numbers, and what is computed of them. */
import { derived, LazyPlane } from './lazy-plane.ts';

/** Row-major. */
export interface Plane {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

export function valueAt(plane: Plane, row: number, column: number): number {
  return plane instanceof LazyPlane ? plane.at(row, column) : plane.data[row * plane.columns + column]!;
}

let nextPlaneId = 0;
const planeIds = new WeakMap<Plane, number>();

/** Equal for the same plane only. */
export function planeId(plane: Plane): number {
  const known = planeIds.get(plane);
  if (known !== undefined) return known;
  planeIds.set(plane, ++nextPlaneId);
  return nextPlaneId;
}

/** a − b, at the coarser size of both: networks may have different resolutions. */
export function difference(a: Plane, b: Plane): Plane {
  return derived(a, `minus ${planeId(b)}`, () => {
    const [rows, columns] = [Math.min(a.rows, b.rows), Math.min(a.columns, b.columns)];
    return new LazyPlane(rows, columns, () => {
      const [x, y] = [resample(a, rows, columns).data, resample(b, rows, columns).data];
      const data = new Float32Array(rows * columns);
      for (let i = 0; i < data.length; i++) data[i] = x[i]! - y[i]!;
      return data;
    });
  });
}

/** @param way names what `map` does, with its parameters */
export function mapPlane(plane: Plane, way: string, map: (value: number) => number): Plane {
  return derived(plane, way, () => new LazyPlane(plane.rows, plane.columns, () => plane.data.map(map)));
}

export interface Limits {
  readonly low: number;
  readonly high: number;
}

const ranges = new WeakMap<Plane, Limits>();

/** The smallest and the largest finite value. */
export function rangeOf(plane: Plane): Limits {
  const known = ranges.get(plane) ?? findRange(plane);
  ranges.set(plane, known);
  return known;
}

function findRange({ data }: Plane): Limits {
  let low = Infinity;
  let high = -Infinity;
  for (const value of data) {
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  return low > high ? { low: 0, high: 1 } : { low, high };
}

/** 1st and 99.5th percentile of the off-diagonal entries of matrices: the diagonal of a correlation is always 1. */
export function offDiagonalLimits(planes: readonly Plane[]): Limits {
  const values = new Float32Array(planes.reduce((sum, { data }) => sum + data.length, 0));
  let count = 0;
  for (const { columns, data } of planes) {
    // A few thousand entries tell a percentile as well as all; an odd stride meets every row and column.
    const stride = Math.max(1, Math.floor(data.length / 5_000)) | 1;
    for (let i = 0; i < data.length; i += stride) if (i % (columns + 1) !== 0 && Number.isFinite(data[i]!)) values[count++] = data[i]!;
  }
  if (count === 0) return { low: -1, high: 1 };
  const rank = (share: number): number => Math.min(count - 1, Math.floor(share * count));
  const [low, high] = atRanks(values.subarray(0, count), [rank(0.01), rank(0.995)]);
  return { low: low!, high: high! };
}

/** The values that would stand at these places if all were sorted, which takes longer than painting the matrix: only those near a rank are. */
export function atRanks(values: Float32Array, ranks: readonly number[]): number[] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const bucketCount = 1024;
  const scale = high > low ? (bucketCount - 1) / (high - low) : 0;
  const counts = new Uint32Array(bucketCount);
  for (let i = 0; i < values.length; i++) counts[Math.floor(scale * (values[i]! - low))]!++;
  return ranks.map((rank) => {
    let bucket = 0;
    let before = 0;
    while (before + counts[bucket]! <= rank) before += counts[bucket++]!;
    const near = new Float32Array(counts[bucket]!);
    for (let i = 0, at = 0; at < near.length; i++) if (Math.floor(scale * (values[i]! - low)) === bucket) near[at++] = values[i]!;
    return near.sort()[rank - before]!;
  });
}

/** Mean absolute difference: the L1 distance of MVCD. NaN where the sizes differ. */
export function meanDistance(a: Plane, b: Plane): number {
  if (a.rows !== b.rows || a.columns !== b.columns) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / a.data.length;
}

/** Area-averages or repeats to another size, so that maps of different networks can be compared. */
export function resample(plane: Plane, rows: number, columns: number): Plane {
  if (plane.rows === rows && plane.columns === columns) return plane;
  return reduce(plane, tapsOf({ start: 0, length: plane.rows }, rows, undefined), tapsOf({ start: 0, length: plane.columns }, columns, undefined));
}

/** Along one axis: the part that is shown, in cells. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/** For every output cell the input cells that it covers, and their shares; each share list sums to one. */
export interface Taps {
  readonly first: Int32Array;
  readonly cells: Int32Array;
  readonly weights: Float32Array;
}

/**
 * Enlarged: nearest neighbour. Shrunk: every input cell counts by its share of the output cell's area.
 * @param order the input cell at each place, where the axis is reordered
 */
export function tapsOf(span: Span, outputs: number, order: ArrayLike<number> | undefined): Taps {
  const scale = span.length / outputs;
  const first = new Int32Array(outputs + 1);
  const cells: number[] = [];
  const weights: number[] = [];
  const cellAt = (place: number): number => (order === undefined ? place : order[place]!);
  for (let output = 0; output < outputs; output++) {
    first[output] = cells.length;
    const from = span.start + output * scale;
    if (scale <= 1) {
      cells.push(cellAt(Math.floor(from + scale / 2 + 1e-9)));
      weights.push(1);
      continue;
    }
    const to = from + scale;
    for (let place = Math.floor(from + 1e-9); place < to - 1e-9; place++) {
      const share = (Math.min(place + 1, to) - Math.max(place, from)) / scale;
      cells.push(cellAt(place));
      weights.push(share);
    }
  }
  first[outputs] = cells.length;
  return { first, cells: Int32Array.from(cells), weights: Float32Array.from(weights) };
}

/** One value an output cell. */
export function reduce({ columns, data }: Plane, rowTaps: Taps, columnTaps: Taps): Plane {
  const outRows = rowTaps.first.length - 1;
  const outColumns = columnTaps.first.length - 1;
  const output = new Float32Array(outRows * outColumns);
  const { first, cells, weights } = columnTaps;
  const isNearest = cells.length === outColumns;
  const partial = new Float64Array(columns);
  for (let row = 0; row < outRows; row++) {
    const [from, to] = [rowTaps.first[row]!, rowTaps.first[row + 1]!];
    const target = row * outColumns;
    if (to - from === 1) {
      const start = rowTaps.cells[from]! * columns;
      if (isNearest) {
        for (let column = 0; column < outColumns; column++) output[target + column] = data[start + cells[column]!]!;
        continue;
      }
      for (let column = 0; column < columns; column++) partial[column] = data[start + column]!;
    } else {
      partial.fill(0);
      for (let tap = from; tap < to; tap++) {
        const start = rowTaps.cells[tap]! * columns;
        const weight = rowTaps.weights[tap]!;
        for (let column = 0; column < columns; column++) partial[column]! += weight * data[start + column]!;
      }
    }
    for (let column = 0; column < outColumns; column++) {
      let sum = 0;
      const end = first[column + 1]!;
      for (let tap = first[column]!; tap < end; tap++) sum += weights[tap]! * partial[cells[tap]!]!;
      output[target + column] = sum;
    }
  }
  return { rows: outRows, columns: outColumns, data: output };
}

/** Bilinear with aligned corners, as the losses resize (`src = i·(in−1)/(out−1)`). */
export function resizeBilinear(plane: Plane, rows: number, columns: number): Plane {
  if (plane.rows === rows && plane.columns === columns) return plane;
  const data = new Float32Array(rows * columns);
  const source = (i: number, from: number, to: number): number => (to === 1 ? 0 : (i * (from - 1)) / (to - 1));
  for (let row = 0; row < rows; row++) {
    const y = source(row, plane.rows, rows);
    const [y0, y1] = [Math.floor(y), Math.min(plane.rows - 1, Math.floor(y) + 1)];
    for (let column = 0; column < columns; column++) {
      const x = source(column, plane.columns, columns);
      const [x0, x1] = [Math.floor(x), Math.min(plane.columns - 1, Math.floor(x) + 1)];
      const top = valueAt(plane, y0, x0) * (1 - (x - x0)) + valueAt(plane, y0, x1) * (x - x0);
      const bottom = valueAt(plane, y1, x0) * (1 - (x - x0)) + valueAt(plane, y1, x1) * (x - x0);
      data[row * columns + column] = top * (1 - (y - y0)) + bottom * (y - y0);
    }
  }
  return { rows, columns, data };
}
