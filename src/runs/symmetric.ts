/** Symmetric matrices as their upper triangle, row by row: n(n+1)/2 values instead of n². */

export function triangleLength(n: number): number {
  return (n * (n + 1)) / 2;
}

/** [count, n, n] → [count, n(n+1)/2]. What stands below the diagonal is not looked at. */
export function packTriangles(matrices: Float32Array, n: number): Float32Array {
  const matrixCount = matrices.length / (n * n);
  const packed = new Float32Array(matrixCount * triangleLength(n));
  let at = 0;
  for (let matrix = 0; matrix < matrixCount; matrix++) {
    for (let row = 0; row < n; row++) {
      const rowStart = (matrix * n + row) * n;
      packed.set(matrices.subarray(rowStart + row, rowStart + n), at);
      at += n - row;
    }
  }
  return packed;
}

/** [count, n(n+1)/2] → [count, n, n] */
export function unpackTriangles(packed: Float32Array, n: number): Float32Array {
  const matrixCount = packed.length / triangleLength(n);
  const matrices = new Float32Array(matrixCount * n * n);
  let at = 0;
  for (let matrix = 0; matrix < matrixCount; matrix++) {
    const start = matrix * n * n;
    for (let row = 0; row < n; at += n - row, row++) matrices.set(packed.subarray(at, at + n - row), start + row * n + row);
    // Below the diagonal by reading across rows: to write across them takes longer.
    for (let row = 1; row < n; row++) for (let column = 0; column < row; column++) matrices[start + row * n + column] = matrices[start + column * n + row]!;
  }
  return matrices;
}
