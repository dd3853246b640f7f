import { describe, expect, test } from 'vitest';
import { createEvaluator } from '../../src/metrics/evaluator.ts';
import type { Scores } from '../../src/metrics/metrics.ts';
import record from './fixtures/pysod.json' with { type: 'json' };
import trained from './fixtures/trained-maps.json' with { type: 'json' };
import { hardCase, noiseWord, slope } from './hard-cases.ts';

const columns = record.columns as Exclude<keyof Scores, 'auc'>[];
const cases = Object.entries(record.cases);

/** `reference` has null where PySODMetrics gives NaN (an object that ends in the last row or column): ours is finite there. */
function expectEqual(actual: Scores, reference: readonly (number | null)[], where: string): void {
  for (const [c, measure] of columns.entries()) {
    const value = actual[measure] ?? NaN;
    const expected = reference[c];
    const equal = typeof expected === 'number' ? Math.abs(value - expected) < 1e-7 : value >= 0 && value <= 1;
    expect(equal, `${where}: ${measure} is ${value}, PySODMetrics says ${expected ?? 'NaN'}`).toBe(true);
  }
}

describe("PySODMetrics' numbers", () => {
  test('the formulas make the same maps here and there', () => {
    expect([0, 1, 5000].map(noiseWord)).toEqual(record.samples.noise);
    expect([0, 2000, 5000].map((i) => slope(3, 5)(61, 83)(Math.floor(i / 83), i % 83))).toEqual(record.samples.slope);
  });

  test.each(['12x10', '61x83', '5x300', '144x96'])('every measure of every image of %s', (size) => {
    const ofSize = cases.filter(([name]) => name.startsWith(size));
    expect(ofSize).toHaveLength(99);
    for (const [name, reference] of ofSize) {
      const { map, mask, height, width } = hardCase(name);
      expectEqual(createEvaluator('pysod').add(map, mask, height, width, name), reference, name);
    }
  });

  test('the images as one set: curves are averaged before they are reduced', () => {
    const evaluator = createEvaluator('pysod');
    for (const [name, reference] of cases) {
      if (reference.some((value) => value === null)) continue;
      const { map, mask, height, width } = hardCase(name);
      evaluator.add(map, mask, height, width, name);
    }
    expectEqual(evaluator.result(), record.set, 'the set');
  });

  test.each(trained.cases.map((item) => [item.id, item] as const))('a map of a trained student: %s (made by scripts/interop/check.py --fixture)', (id, item) => {
    const map = new Uint8Array(Buffer.from(item.map, 'base64'));
    const bits = Buffer.from(item.mask, 'base64');
    const mask = Uint8Array.from(map, (_, i) => 255 * ((bits[i >> 3]! >> (7 - (i & 7))) & 1));
    const scores = createEvaluator('pysod').add(map, mask, trained.side, trained.side, id);
    for (const [measure, expected] of Object.entries(item.scores)) expect(Math.abs((scores[measure as keyof typeof item.scores] ?? NaN) - expected), measure).toBeLessThan(1e-8);
  });
});
