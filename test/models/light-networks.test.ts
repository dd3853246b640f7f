/** SOLNet and ISAANet: names, counts and one step of training; their forward passes are compared in test/parity. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import '../../src/engine/gradients.ts';
import type { HostTensor, StepFunction, TensorData } from '../../src/engine/engine.ts';
import { createModel } from '../../src/models/registry.ts';
import { CarriedTensors } from '../../src/nn/carried.ts';
import { trainingLayers } from '../../src/nn/layers.ts';
import { elementCount, initialise, type ParameterSpec } from '../../src/nn/parameters.ts';
import { eager, runOnce, traced, uniform } from '../engine/support.ts';

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

/** Loss and gradients of every learned parameter of a narrow network with its own supervised loss. */
function gradientStep(name: 'isaanet' | 'solnet', batch: number): { step: StepFunction; feeds: Record<string, HostTensor> } {
  const model = createModel(name, { width: 0.25 });
  const specs = model.parameters(32, 48);
  const weights = initialise(specs, 3);
  const learned = specs.filter(({ kind, cancelledByNorm }) => kind === 'trainable' && cancelledByNorm === undefined).map((spec) => spec.name);
    const step: StepFunction = ({ image, mask, ...tensors }) => {
    const statistics = new CarriedTensors();
    const drops = Object.fromEntries(model.noise.map((noise) => [noise.name, tf.ones(noise.channels === undefined ? [batch] : [batch, noise.channels])]));
    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const layers = trainingLayers({ ...tensors, ...Object.fromEntries(learned.map((parameter, index) => [parameter, values[index]!])) }, statistics, drops);
      const { features, logits } = model.decoderFeatures(layers, image as tf.Tensor4D);
      return model.supervisedLoss!([...model.logits(layers, features), ...(logits ?? [])], mask as tf.Tensor4D);
    })(learned.map((parameter) => tensors[parameter]!));
    statistics.dispose();
    return { total: value, ...Object.fromEntries(learned.map((parameter, index) => [`gradient/${parameter}`, grads[index]!])) };
  };
  const image = uniform('image', [batch, 32, 48, 3]);
  const mask = uniform('mask', [batch, 32, 48, 1], 0, 1);
  return { step, feeds: { ...weights, image, mask } };
}

const normOf = (values: TensorData): number => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));

describe.each(['isaanet', 'solnet'] as const)('a training step of %s', (name) => {
  const { step, feeds } = gradientStep(name, 2);

  test('has the same loss and gradients traced and eagerly', async () => {
    const [found, expected] = [await runOnce(traced, step, feeds), await runOnce(eager, step, feeds)];
    expect(found.total!.data[0]).toBeCloseTo(expected.total!.data[0]!, 4);
    for (const [parameter, gradient] of Object.entries(expected)) {
      const norm = normOf(gradient.data);
      const difference = normOf(gradient.data.map((value, index) => value - found[parameter]!.data[index]!));
      expect(difference, `${parameter} of norm ${norm}`).toBeLessThanOrEqual(1e-6 + 1e-2 * norm);
    }
  });
});
