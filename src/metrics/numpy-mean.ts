/**
 * PySODMetrics gives a block in which map and mask are both constant an S of 1 if the map's variance is exactly 0, else 0;
 * and its variance is exactly 0 only if numpy's mean of equal numbers gives that number back, which rounding decides.
 * A constant map (not black or white) against a small object meets this, and the S of the image jumps by tenths, so the
 * `pysod` protocol repeats numpy's order of summation (numpy 2.3 and later).
 */
export function numpyMeanIsExact(value: number, rows: number, columns: number, rowStride: number): boolean {
  const count = rows * columns;
  // Numbers with few bits (0 and 1 above all) sum without rounding.
  if (Number.isInteger(value)) return true;
  return sumOfEqual(value, rows, columns, rowStride) / count === value;
}

/** A contiguous block is summed as one vector; others through a buffer that holds whole rows. */
function sumOfEqual(value: number, rows: number, columns: number, rowStride: number): number {
  const count = rows * columns;
  if (columns === rowStride || rows === 1) return pairwiseSum(value, count);
  const perBuffer = Math.max(Math.floor(BUFFER_ELEMENTS / columns), 1) * columns;
  let sum = 0;
  for (let done = 0; done < count; done += perBuffer) sum += pairwiseSum(value, Math.min(perBuffer, count - done));
  return sum;
}

const BUFFER_ELEMENTS = 8192;

/** numpy's pairwise summation of `count` equal numbers: eight running sums up to 128 elements, halves above. */
function pairwiseSum(value: number, count: number): number {
  if (count < 8) return repeatedSum(value, count);
  if (count <= 128) {
    const eighth = repeatedSum(value, Math.floor(count / 8));
    const pair = eighth + eighth;
    let sum = pair + pair + (pair + pair);
    for (let i = count - (count % 8); i < count; i++) sum += value;
    return sum;
  }
  const half = Math.floor(count / 2);
  const first = half - (half % 8);
  return pairwiseSum(value, first) + pairwiseSum(value, count - first);
}

function repeatedSum(value: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += value;
  return sum;
}
