/** SOLNet and ISAANet: names, counts and one step of training; their forward passes are compared in test/parity. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createModel } from '../../src/models/registry.ts';
import { elementCount, type ParameterSpec } from '../../src/nn/parameters.ts';

const models = { isaanet: createModel('isaanet', { width: 1 }), solnet: createModel('solnet', { width: 1 }) };

function officialNames(network: string): { name: string; shape: number[] }[] {
  const lines = readFileSync(new URL(`../fixtures/state-dicts/${network}.txt`, import.meta.url), 'utf8').trim().split('\n');
  return lines
    .filter((line) => !line.includes('num_batches_tracked'))
    .map((line) => {
      const [name, ...shape] = line.split(' ');
      return { name: name!, shape: (shape.join(' ').match(/\d+/g) ?? []).map(Number) };
    });
}

const countOf = (specs: readonly ParameterSpec[]): number => specs.filter(({ kind }) => kind !== 'statistic').reduce((sum, { shape }) => sum + elementCount(shape), 0);

describe.each([
  ['isaanet', 3_611_967],
  ['solnet', 11_830_955],
] as const)('%s', (name, count) => {
  const specs = models[name].parameters(112, 112);

  test('has the names, shapes and order of the official state dict', () => {
    expect(specs.map(({ name, shape }) => ({ name, shape }))).toEqual(officialNames(name));
  });

  test('has the parameters of the official network', () => expect(countOf(specs)).toBe(count));
});

test("SOLNet's unused convolution is kept and is not trained", () => {
  const unused = models.solnet.parameters(112, 112).filter(({ kind }) => kind === 'unused');
  expect(unused.map(({ name }) => name)).toEqual(['QK.conv.weight', 'QK.conv.bias']);
  expect(countOf(unused)).toBe(2_359_808);
});
