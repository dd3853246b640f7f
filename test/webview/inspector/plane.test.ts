import { describe, expect, it } from 'vitest';
import { atRanks } from '../../../webview/inspector/plane.ts';

describe('the values at ranks', () => {
  const cases: Readonly<Record<string, (i: number) => number>> = {
    'spread evenly': (i) => ((i * 7_919) % 10_007) / 10_007,
    'nearly all alike, with outliers': (i) => (i % 997 === 0 ? 1e6 * i : 0.5 + 1e-6 * (i % 13)),
    'all the same': () => -0.25,
    'very large': (i) => (i % 2 === 0 ? 1 : -1) * 3e38 * ((i % 100) / 100),
  };
  for (const [name, value] of Object.entries(cases)) {
    it(`are those of the sorted values: ${name}`, () => {
      const values = Float32Array.from({ length: 5_000 }, (_, i) => value(i));
      const sorted = values.toSorted();
      const ranks = [0, 49, 2_500, 4_975, 4_999];
      expect(atRanks(values, ranks)).toEqual(ranks.map((rank) => sorted[rank]));
    });
  }
});
