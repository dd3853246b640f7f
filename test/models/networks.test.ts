/** Every network against the official one's state dict: names, shapes, counts, and a file of them that loads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe as group, expect, test } from 'vitest';
import { models, type ModelName } from '../../src/config/catalog/models.ts';
import { createNetwork, type NetworkDefinition } from '../../src/distillation/network.ts';
import { describe } from '../../src/engine/describe.ts';
import { fits, isBatchCount, matchParameters } from '../../src/models/state-dict.ts';
import { elementCount } from '../../src/nn/parameters.ts';
import { likenessOf } from '../../src/training/known-networks.ts';
import { definePrediction, defineTrainingStep } from '../../src/training/step.ts';
import { methods } from '../../src/config/catalog/methods.ts';

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

function stateDict(name: string): Shapes {
  const lines = readFileSync(join(import.meta.dirname, `../fixtures/state-dicts/${name}.txt`), 'utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [, key, sides] = /^(\S+) \((.*)\)$/.exec(line)!;
      return [key!, { shape: sides!.split(',').filter((side) => side.trim() !== '').map(Number) }];
    }),
  );
}

const definition = (model: ModelName, side = 112): NetworkDefinition => ({ model, options: models[model].defaults, height: side, width: side });
const trainable = (network: NetworkDefinition): number =>
  createNetwork(network).parameters.filter(({ kind }) => kind === 'trainable').reduce((sum, { shape }) => sum + elementCount(shape), 0);

group.each([
  ['segformer', 'segformer', 13_677_761],
  ['transxnet', 'transxnet-112', 27_747_761],
] as const)('%s', (model, file, count) => {
  const official = stateDict(file);

  test('has the parameters of the official network, in its order', () => {
    expect(trainable(definition(model))).toBe(count);
    const { parameters } = createNetwork(definition(model));
    expect(fits(matchParameters(official, parameters))).toBe(true);
    expect(parameters.map(({ name }) => name)).toEqual([...official.keys()].filter((name) => !isBatchCount(name)));
  });

  test('is recognised by its tensors', () => {
    const likeness = likenessOf(official);
    expect(likeness).toMatchObject({ kind: 'network', network: { model, options: models[model].defaults } });
    expect(fits(likeness!.report)).toBe(true);
  });

  test('says the sizes of its maps, also of images that are not square or odd', () => {
    for (const [height, width] of [[64, 96], [57, 48]] as const) {
      const network: NetworkDefinition = { ...definition(model), options: { ...models[model].defaults, width: 0.125 }, height, width };
      const { shape } = createNetwork(network);
      const prediction = definePrediction(network, 1);
      const { outputs, nodesByOperation } = describe(prediction.step, prediction.inputs());
      expect(outputs.saliency!.shape).toEqual([1, height, width, 1]);
      expect(shape.grids[0]).toEqual([Math.ceil(height / 2), Math.ceil(width / 2)]);
      // attention takes two products with a transposed operand, which runtimes fuse
      expect(nodesByOperation.Transpose ?? 0).toBeLessThan((nodesByOperation.Conv ?? 0) / 2);
    }
  });

  test('is distilled by SCRKD with the official parameters', () => {
    const scrkd = { method: 'scrkd' as const, options: methods.scrkd.presets.default };
    const student = { ...definition(model), adapter: scrkd };
    const counts = { segformer: [25_497_821, 23_135_449], transxnet: [39_567_821, 37_205_449] }[model];
    expect(trainable(student)).toBe(counts[0]);
    const deployed = createNetwork(student).parameters.filter(({ kind, trainingOnly }) => kind === 'trainable' && trainingOnly === undefined);
    expect(deployed.reduce((sum, { shape }) => sum + elementCount(shape), 0)).toBe(counts[1]);
  });

  test('a step of SCRKD is traced, without a Transpose per convolution', () => {
    const small = (side: number): NetworkDefinition => ({ ...definition(model, side), options: { ...models[model].defaults, width: 0.125 } });
    const optimizer = { weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const step = defineTrainingStep({ student: small(32), teacher: small(64), method: { name: 'scrkd', options: methods.scrkd.presets.default }, batchSize: 2, optimizer });
    const { nodesByOperation } = describe(step.step, step.inputs());
    expect(nodesByOperation.Conv).toBeGreaterThan(100);
    expect(nodesByOperation.Transpose ?? 0).toBeLessThan(4 * nodesByOperation.Conv!);
  });
});
