/** A rectangle of pixels, both ends included. */
export interface Bounds {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Where in the rows of an image the object is. */
export interface RowExtents {
  /** By row: the first and the last column of the object; width and -1 where the row has none of it. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** The smallest rectangle around the object. */
  readonly bounds: Bounds;
}

/** @param foreground with at least one object pixel */
export function extentsOf(foreground: Uint8Array, width: number): RowExtents {
  const height = foreground.length / width;
  const first = new Int32Array(height).fill(width);
  const last = new Int32Array(height).fill(-1);
  const bounds = { top: Math.floor(foreground.indexOf(1) / width), bottom: Math.floor(foreground.lastIndexOf(1) / width), left: width, right: 0 };
  for (let y = bounds.top; y <= bounds.bottom; y++) {
    const row = foreground.subarray(y * width, (y + 1) * width);
    const begin = row.indexOf(1);
    if (begin < 0) continue;
    first[y] = begin;
    last[y] = row.lastIndexOf(1);
    bounds.left = Math.min(bounds.left, begin);
    bounds.right = Math.max(bounds.right, last[y]!);
  }
  return { first, last, bounds };
}

/** Columns beyond the image's right edge that `NearestObject.squares` has. */
export const MARGIN = 3; // what the blur of the weighted F reads ahead

/**
 * The nearest object pixel of background pixels, row by row from the top: an exact Euclidean feature transform (Meijster et al.,
 * 2000). In every column the nearest object row is known; along a row those candidates' parabolas have a lower envelope.
 * Among equally near pixels it chooses as SciPy does (the left, within a column the upper one), because the weighted F-measure reads
 * the map at the chosen pixel.
 */
export class NearestObject {
  /** For the pixels last resolved: the column of the nearest object pixel. Its row is `rows[column]`. */
  readonly columns: Int32Array;
  /** For the current row: the nearest object row within each of the object's columns. */
  readonly rows: Int32Array;
  readonly #bounds: Bounds;
  /** First object row at or below each pixel of the bounds; `NONE` if there is none. */
  readonly #below: Int32Array;
  /** Last object row at or above the current one, by column. */
  readonly #above: Int32Array;
  /** For the current row: the squared distance to `rows`, by column; `NO_OBJECT` or more where the column has none. Readable `MARGIN` columns beyond the image. */
  readonly squares: Float64Array;
  /** The envelope of the current row, left to right: whose parabola, its constant term, and the first column where it is lowest. */
  readonly #owner: Int32Array;
  readonly #constant: Float64Array;
  readonly #from: Int32Array;

  constructor(foreground: Uint8Array, width: number, bounds: Bounds) {
    this.#bounds = bounds;
    this.#below = firstObjectRowBelow(foreground, width, bounds);
    this.#above = new Int32Array(width).fill(-NONE);
    this.columns = new Int32Array(width);
    this.rows = new Int32Array(width);
    this.squares = new Float64Array(width + MARGIN).fill(Infinity);
    this.#owner = new Int32Array(width);
    this.#constant = new Float64Array(width);
    this.#from = new Int32Array(width + 1);
  }

  /** Makes `y` the current row and fills `rows` and `squares` for it. Rows go down, and none between the object's first and last is left out. */
  measure(y: number): void {
    const { top, bottom, left, right } = this.#bounds;
    const below = this.#below;
    const above = this.#above;
    const rows = this.rows;
    const squares = this.squares;
    const belowStart = (Math.max(y, top) - top) * (right - left + 1) - left;
    for (let x = left; x <= right; x++) {
      const down = y > bottom ? NONE : below[belowStart + x]!;
      if (down === y) above[x] = y;
      const up = above[x]!;
      const row = down - y < y - up ? down : up;
      const distance: number = row - y;
      rows[x] = row;
      squares[x] = distance * distance;
    }
  }

  /** Fills `columns` for background pixels of the current row, which was measured. @param wanted the first `count` entries are their columns, ascending */
  resolve(wanted: Int32Array, count: number): void {
    for (let begin = 0, end = 1; begin < count; begin = end++) {
      // Pixels side by side share an envelope; what lies between two objects takes part in none.
      while (end < count && wanted[end]! - wanted[end - 1]! <= LARGEST_GAP) end++;
      this.#resolveRun(wanted, begin, end);
    }
  }

  #resolveRun(wanted: Int32Array, begin: number, end: number): void {
    const { columns } = this;
    const owners = this.#owner;
    const starts = this.#from;
    const to = wanted[end - 1]!;
    // From left to right the nearest columns never go back: those of the run's ends enclose all others.
    const last = this.#fillEnvelope(wanted[begin]! - this.#reach(wanted[begin]!), to + this.#reach(to), to);
    starts[last + 1] = to + 1;
    let segment = 0;
    for (let i = begin; i < end; i++) {
      const x = wanted[i]!;
      while (starts[segment + 1]! <= x) segment++;
      columns[x] = owners[segment]!;
    }
  }

  /** How many columns away the nearest object pixel of a column of the current row may be. */
  #reach(x: number): number {
    const { left, right } = this.#bounds;
    const squares = this.squares;
    const farthest = Math.max(x - left, right - x);
    let best = Infinity;
    let distance = 0;
    for (; distance <= farthest && distance * distance <= best; distance++) {
      const before = x - distance;
      const after = x + distance;
      const square = distance * distance;
      if (before >= left && before <= right && square + squares[before]! < best) best = square + squares[before]!;
      if (after >= left && after <= right && square + squares[after]! < best) best = square + squares[after]!;
    }
    return distance;
  }

  /** Builds the envelope of the columns `begin` … `end` as far as column `to`; returns its last segment. A later candidate takes over only where it is strictly nearer. */
  #fillEnvelope(begin: number, end: number, to: number): number {
    const left = Math.max(begin, this.#bounds.left);
    const right = Math.min(end, this.#bounds.right);
    const squares = this.squares;
    const owner = this.#owner;
    const constant = this.#constant;
    const from = this.#from;
    let last = -1;
    for (let x = left; x <= right; x++) {
      const square = squares[x]!;
      if (square >= NO_OBJECT) continue; // nothing in this column
      // Between two others of its row, an object pixel is nearest to itself alone.
      if (square === 0 && x > left && x < right && squares[x - 1] === 0 && squares[x + 1] === 0) continue;
      const term = x * x + square;
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

/** Between pixels that share an envelope. */
const LARGEST_GAP = 8;

/** Farther away than any row; small enough for sums in 32 bits. */
const NONE = 2 ** 29;
const NO_OBJECT = (NONE / 2) ** 2;

let scratch = new Int32Array(0);

/** Fresh memory for every image would cost more than filling it. Only the newest `NearestObject` may be in use. */
function belowScratch(length: number): Int32Array {
  if (scratch.length < length) scratch = new Int32Array(length);
  return scratch;
}

function firstObjectRowBelow(foreground: Uint8Array, width: number, { top, bottom, left, right }: Bounds): Int32Array {
  const columns = right - left + 1;
  const below = belowScratch((bottom - top + 1) * columns);
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
