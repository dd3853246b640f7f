/** For every pixel the nearest object pixel, by its column and row. */
export interface NearestObject {
  /** Its column. */
  readonly column: Int32Array;
  /** The row of the nearest object pixel *within the same column*; that of a pixel's own nearest is found in `column`'s place. */
  readonly rowInColumn: Int32Array;
}

/**
 * Exact Euclidean feature transform (Meijster et al., 2000): the nearest object row in every column first, then along each
 * row the lower envelope of those candidates' parabolas. Among equally near pixels it chooses as SciPy does (the upper, then
 * the left one), because the weighted F-measure reads the map at the chosen pixel.
 * @param foreground H·W, 1 on the object, which has at least one pixel
 */
export function nearestObject(foreground: Uint8Array, height: number, width: number): NearestObject {
  const rowInColumn = nearestRowInColumn(foreground, height, width);
  const column = new Int32Array(height * width);
  const candidates: number[] = [];
  for (let x = 0; x < width; x++) if (rowInColumn[x]! >= 0) candidates.push(x);
  const envelope: Envelope = { column: new Int32Array(width), from: new Int32Array(width), constant: new Float64Array(width) };
  for (let y = 0; y < height; y++) {
    const last = fillEnvelope(envelope, candidates, rowInColumn, y, width);
    for (let l = 0; l <= last; l++) {
      const end = l < last ? envelope.from[l + 1]! : width;
      column.fill(envelope.column[l]!, y * width + envelope.from[l]!, y * width + end);
    }
  }
  return { column, rowInColumn };
}

/** Row of the nearest object pixel of the same column, the upper one of two; −1 in a column without any. */
function nearestRowInColumn(foreground: Uint8Array, height: number, width: number): Int32Array {
  const nearest = new Int32Array(height * width);
  const current = new Int32Array(width).fill(-1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (foreground[y * width + x] === 1) current[x] = y;
      nearest[y * width + x] = current[x]!;
    }
  }
  current.fill(-1);
  for (let y = height - 1; y >= 0; y--) {
    for (let x = 0; x < width; x++) {
      if (foreground[y * width + x] === 1) current[x] = y;
      const above = nearest[y * width + x]!;
      const below = current[x]!;
      if (below >= 0 && (above < 0 || below - y < y - above)) nearest[y * width + x] = below;
    }
  }
  return nearest;
}

/** Segments of a row, left to right. */
interface Envelope {
  /** The column whose candidate is nearest there. */
  readonly column: Int32Array;
  /** The first x of the segment. */
  readonly from: Int32Array;
  /** column² + (row − y)²: the candidate's parabola is x² − 2·column·x + constant. */
  readonly constant: Float64Array;
}

/** Returns the last segment's position. A later candidate takes over only where it is strictly nearer. */
function fillEnvelope(envelope: Envelope, candidates: readonly number[], rowInColumn: Int32Array, y: number, width: number): number {
  let last = -1;
  for (let c = 0; c < candidates.length; c++) {
    const x = candidates[c]!;
    const rows = rowInColumn[y * width + x]! - y;
    const constant = x * x + rows * rows;
    let from = 0;
    while (last >= 0) {
      from = Math.floor((constant - envelope.constant[last]!) / (2 * (x - envelope.column[last]!))) + 1;
      if (from > envelope.from[last]!) break;
      last--;
    }
    if (last < 0) from = 0;
    if (from >= width) continue;
    last++;
    envelope.column[last] = x;
    envelope.from[last] = from;
    envelope.constant[last] = constant;
  }
  return last;
}
