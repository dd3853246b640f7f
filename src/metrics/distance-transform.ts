/** For every pixel the nearest object pixel: its flat index and the squared distance to it. */
export interface NearestObject {
  readonly index: Int32Array;
  readonly squaredDistance: Int32Array;
}

/**
 * Exact Euclidean feature transform (Maurer et al., 2003): nearest object row in every column first, then along each row
 * the lower envelope of those candidates. Among equally near pixels it chooses as SciPy does (the upper, then the one
 * first on the envelope), because the weighted F-measure reads the map at the chosen pixel.
 * @param foreground H·W, 1 on the object, which has at least one pixel
 */
export function nearestObject(foreground: Uint8Array, height: number, width: number): NearestObject {
  const nearestRow = nearestRowInColumn(foreground, height, width);
  const index = new Int32Array(height * width);
  const squaredDistance = new Int32Array(height * width);
  const envelope = new Int32Array(width);
  for (let y = 0; y < height; y++) {
    const rows = nearestRow.subarray(y * width, (y + 1) * width);
    const last = lowerEnvelope(rows, y, envelope);
    let l = 0;
    for (let x = 0; x < width; x++) {
      let distance = squared(envelope[l]! - x) + squared(rows[envelope[l]!]! - y);
      while (l < last) {
        const next = squared(envelope[l + 1]! - x) + squared(rows[envelope[l + 1]!]! - y);
        if (distance <= next) break;
        distance = next;
        l++;
      }
      const column = envelope[l]!;
      index[y * width + x] = rows[column]! * width + column;
      squaredDistance[y * width + x] = distance;
    }
  }
  return { index, squaredDistance };
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

/** Fills `envelope` with the columns whose candidates are nearest somewhere in row y; returns the last position used. */
function lowerEnvelope(rows: Int32Array, y: number, envelope: Int32Array): number {
  let last = -1;
  for (let x = 0; x < rows.length; x++) {
    if (rows[x]! < 0) continue;
    const height = squared(rows[x]! - y);
    while (last >= 1) {
      const middle = envelope[last]!;
      const before = envelope[last - 1]!;
      const a = middle - before;
      const b = x - middle;
      const c = a + b;
      if (c * squared(rows[middle]! - y) - b * squared(rows[before]! - y) - a * height - a * b * c <= 0) break;
      last--;
    }
    envelope[++last] = x;
  }
  return last;
}

function squared(value: number): number {
  return value * value;
}
