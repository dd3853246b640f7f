import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { rowsToKeep } from '../../src/extension/dashboard/thin.ts';

describe('thinning', () => {
  it('keeps everything that fits', () => {
    expect(rowsToKeep([[1, 2, 3]], 3, 3)).toEqual([0, 1, 2]);
    expect(rowsToKeep([], 3, 2)).toEqual([0, 1, 2]);
  });

  it('keeps the ends and every peak of every column within the limit', () => {
    const random = new Random('thin');
    const length = 50_000;
    const columns = Array.from({ length: 4 }, () => Array.from({ length }, () => random.normal()));
    columns[2]![31_234] = 1e6;
    columns[3]![7] = -1e6;
    columns[1]![40_000] = NaN;
    const rows = rowsToKeep(columns, length, 2000);
    expect(rows.length).toBeLessThanOrEqual(2000 + 8);
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    expect(rows).toEqual(expect.arrayContaining([0, length - 1, 31_234, 7, 40_000]));
    for (const values of columns) {
      const kept = rows.map((row) => values[row]!).filter((value) => !Number.isNaN(value));
      const all = values.filter((value) => !Number.isNaN(value));
      expect([Math.min(...kept), Math.max(...kept)]).toEqual([all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))]);
    }
  });
});
