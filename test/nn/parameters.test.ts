import { describe, expect, test } from 'vitest';
import { convolutionParameters } from '../../src/nn/initialisers.ts';
import { initialise, type ParameterSpec } from '../../src/nn/parameters.ts';

const shape = { in: 48, out: 64, kernel: 3 };
const fanIn = 48 * 9;
const fanOut = 64 * 9;

function moments(data: ArrayLike<number>): { mean: number; deviation: number; largest: number } {
  const values = Array.from(data);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length), largest: Math.max(...values.map(Math.abs)) };
}

describe('initial weights', () => {
  test.each([
    ['kaiming-normal-fan-in', Math.sqrt(2 / fanIn)],
    ['kaiming-normal-fan-out', Math.sqrt(2 / fanOut)],
    ['framework-default', 1 / Math.sqrt(3 * fanIn)],
  ] as const)('%s has the deviation it should', (scheme, deviation) => {
    const specs = convolutionParameters('layer', shape, 'plain', scheme);
    const values = initialise(specs, 1);
    const weight = moments(values['layer.weight']!.data);
    expect(Math.abs(weight.mean)).toBeLessThan(0.02 * deviation);
    expect(weight.deviation / deviation).toBeCloseTo(1, 1.7);
    const bias = values['layer.bias']!.data;
    if (scheme === 'framework-default') {
      expect(weight.largest).toBeLessThanOrEqual(1 / Math.sqrt(fanIn));
      expect(moments(bias).deviation).toBeGreaterThan(0);
      expect(moments(bias).largest).toBeLessThanOrEqual(1 / Math.sqrt(fanIn));
    } else {
      expect([...bias].every((value) => value === 0)).toBe(true);
    }
  });

  test('normal draws have the tails of a normal distribution', () => {
    const values = initialise([{ name: 'x', shape: [40_000], kind: 'trainable', initialiser: { kind: 'normal', deviation: 1 } }], 3).x!.data;
    const beyond = (limit: number): number => Array.from(values).filter((value) => Math.abs(value) > limit).length / values.length;
    expect(beyond(1)).toBeCloseTo(0.3173, 1.8);
    expect(beyond(2)).toBeCloseTo(0.0455, 1.8);
  });

  test('depend on the seed and the name alone', () => {
    const spec = (name: string): ParameterSpec => ({ name, shape: [4], kind: 'trainable', initialiser: { kind: 'normal', deviation: 1 } });
    const alone = initialise([spec('b')], 7);
    const among = initialise([spec('a'), spec('b'), spec('c')], 7);
    expect(among.b).toEqual(alone.b);
    expect(among.a!.data).not.toEqual(among.b!.data);
    expect(initialise([spec('b')], 8).b!.data).not.toEqual(alone.b!.data);
  });
});
