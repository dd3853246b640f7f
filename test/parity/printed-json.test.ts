import { expect, test } from 'vitest';
import { compare } from '../../scripts/parity/comparison.ts';
import { seedOf, valueAt } from '../../scripts/parity/generator.ts';
import { parsePrintedJson } from '../../scripts/parity/printed-json.ts';

test('numbers keep the precision they were printed with', () => {
  expect(parsePrintedJson('{"a": [0.50, -3, 2e-05, 1.25E+3], "b 1.5": "7", "c": null}')).toEqual({
    a: [{ value: 0.5, halfUnit: 0.5 * 10 ** -2 }, { value: -3, halfUnit: 0.5 }, { value: 2e-5, halfUnit: 0.5 * 10 ** -5 }, { value: 1250, halfUnit: 5 }],
    'b 1.5': '7',
    c: null,
  });
});

test('half a unit of the last digit is granted where that is more than the tolerance', () => {
  expect(compare('x', 0.1049, { value: 0.1, halfUnit: 0.05 }, 1e-5).passes).toBe(true);
  expect(compare('x', 0.1049, { value: 0.1, halfUnit: 5e-6 }, 1e-5).passes).toBe(false);
  expect(compare('x', NaN, { value: 0.1, halfUnit: 0.05 }, 1).passes).toBe(false);
  expect(compare('x', 0, { value: 0, halfUnit: 0.05 }, 1e-5).passes).toBe(true);
});

test('the generator gives the published check values', () => {
  expect(seedOf('input')).toBe(4191711099);
  const values = (key: string, count: number) => Array.from({ length: count }, (_, index) => valueAt(seedOf(key), index).toFixed(10));
  expect(values('input', 4)).toEqual(['1.0358811698', '-1.3453867243', '-1.5154817232', '-0.4024541908']);
  expect(values('bkbone.conv1.weight', 3)).toEqual(['-0.9453784555', '-1.4217924452', '-1.0946442174']);
});
