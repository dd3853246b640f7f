/** A rectangle of pixels, both ends included. */
export interface Bounds {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** The smallest rectangle around the object, which has at least one pixel. */
export function boundsOf(foreground: Uint8Array, width: number): Bounds {
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

/**
 * The nearest object pixel of every pixel, row by row from the top: an exact Euclidean feature transform (Meijster et al.,
 * 2000). In every column the nearest object row is known; along a row those candidates' parabolas have a lower envelope.
 * Among equally near pixels it chooses as SciPy does (the upper, then the left one), because the weighted F-measure reads
 * the map at the chosen pixel.
 */
export class NearestObject {
  /** For the pixels last resolved: the column of the nearest object pixel. Its row is `rows[column]`. */
  readonly columns: Int32Array;
  /** For the current row: the nearest object row within each of the object's columns. */
  readonly rows: Int32Array;
  readonly #foreground: Uint8Array;
  readonly #width: number;
  readonly #bounds: Bounds;
  /** First object row at or below each pixel of the bounds; `NONE` if there is none. */
  readonly #below: Int32Array;
  /** Last object row at or above the current one, by column. */
  readonly #above: Int32Array;
  /** The envelope of the current row, left to right: whose parabola, its constant term, and the first column where it is lowest. */
  readonly #owner: Int32Array;
  readonly #constant: Float64Array;
  readonly #from: Int32Array;
  #y = -1;

  constructor(foreground: Uint8Array, width: number, bounds: Bounds) {
    this.#foreground = foreground;
    this.#width = width;
    this.#bounds = bounds;
    this.#below = firstObjectRowBelow(foreground, width, bounds);
    this.#above = new Int32Array(width).fill(-NONE);
    this.columns = new Int32Array(width);
    this.rows = new Int32Array(width);
    this.#owner = new Int32Array(width);
    this.#constant = new Float64Array(width);
    this.#from = new Int32Array(width + 1);
  }

  /** Goes one row down. */
  nextRow(): void {
    const { top, bottom, left, right } = this.#bounds;
    const y = ++this.#y;
    if (y < top || y > bottom) return;
    const start = y * this.#width;
    const foreground = this.#foreground;
    const above = this.#above;
    for (let x = left; x <= right; x++) if (foreground[start + x] === 1) above[x] = y;
  }

  /** Fills `columns` for the pixels from … to of the current row, both included. */
  resolve(from: number, to: number): void {
    const last = this.#fillEnvelope(to);
    const { columns } = this;
    const owners = this.#owner;
    const starts = this.#from;
    starts[last + 1] = to + 1;
    let segment = 0;
    while (starts[segment + 1]! <= from) segment++;
    for (let x = from; x <= to; segment++) {
      const owner = owners[segment]!;
      const end = starts[segment + 1]!;
      for (; x < end; x++) columns[x] = owner;
    }
  }

  /** Builds the envelope as far as column `to`; returns its last segment. A later candidate takes over only where it is strictly nearer. */
  #fillEnvelope(to: number): number {
    const { top, bottom, left, right } = this.#bounds;
    const y = this.#y;
    const columns = right - left + 1;
    const below = this.#below;
    const above = this.#above;
    const rows = this.rows;
    const owner = this.#owner;
    const constant = this.#constant;
    const from = this.#from;
    const belowStart = (Math.max(y, top) - top) * columns - left;
    let last = -1;
    for (let x = left; x <= right; x++) {
      const up = above[x]!;
      const down = y > bottom ? NONE : below[belowStart + x]!;
      const row = down - y < y - up ? down : up;
      if (row === -NONE) continue; // nothing in this column
      rows[x] = row;
      const term = x * x + (row - y) * (row - y);
      // A segment goes when this parabola is strictly lower at its first column already.
      while (last >= 0 && term - constant[last]! < from[last]! * 2 * (x - owner[last]!)) last--;
      const start = last < 0 ? 0 : Math.floor((term - constant[last]!) / (2 * (x - owner[last]!))) + 1;
      if (start > to) continue;
      last++;
      owner[last] = x;
      constant[last] = term;
      from[last] = start;
    }
    return last;
  }
}

/** Farther away than any row; small enough for sums in 32 bits. */
const NONE = 2 ** 29;

function firstObjectRowBelow(foreground: Uint8Array, width: number, { top, bottom, left, right }: Bounds): Int32Array {
  const columns = right - left + 1;
  const below = new Int32Array((bottom - top + 1) * columns);
  const current = new Int32Array(columns).fill(NONE);
  for (let y = bottom; y >= top; y--) {
    const start = y * width + left;
    const target = (y - top) * columns;
    for (let x = 0; x < columns; x++) {
      if (foreground[start + x] === 1) current[x] = y;
      below[target + x] = current[x]!;
    }
  }
  return below;
}
