/**
 * Fewer points for a picture, none of its peaks lost: the run is cut into equal stretches, and of each the rows stay in which
 * any column has its smallest or largest value (M4 aggregation, Jugel et al. 2014, over several columns at once).
 */

/**
 * The rows to keep, ascending; all when there are not more than `limit`. The first and last row stay, and rows with NaN count as
 * extremes: a loss that became NaN must be seen.
 * @param columns each of `length` values
 */
export function rowsToKeep(columns: readonly (readonly number[])[], length: number, limit: number): number[] {
  if (length <= limit || columns.length === 0) return Array.from({ length }, (_, i) => i);
  const stretches = Math.max(1, Math.floor((limit - 2) / (2 * columns.length)));
  const kept: number[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches);
    const rows = new Set<number>();
    if (stretch === 0) rows.add(0);
    if (stretch === stretches - 1) rows.add(length - 1);
    for (const values of columns) for (const row of extremes(values, from, to)) rows.add(row);
    kept.push(...[...rows].sort((a, b) => a - b));
  }
  return kept;
}

/** The rows of the smallest and largest value in [from, to), and of the first that is not a number. */
function extremes(values: readonly number[], from: number, to: number): number[] {
  let low = -1;
  let high = -1;
  let undefinedRow = -1;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) {
      if (undefinedRow === -1) undefinedRow = i;
      continue;
    }
    if (low === -1 || value < values[low]!) low = i;
    if (high === -1 || value > values[high]!) high = i;
  }
  return [low, high, undefinedRow].filter((row) => row !== -1);
}
