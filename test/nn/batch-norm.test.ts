import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { Activation } from '../../src/nn/activation.ts';
import { batchNormTraining, EPSILON, nextRunningStatistics } from '../../src/nn/batch-norm.ts';
import { CarriedTensors } from '../../src/nn/carried.ts';
import { inferenceLayers, trainingLayers } from '../../src/nn/layers.ts';
import { largestDifference, onCpuBackend, randomTensor } from './tensors.ts';

onCpuBackend();

/** The same from plain operations, differentiated by tfjs. */
function plainly(x: tf.Tensor4D, gamma: tf.Tensor, beta: tf.Tensor, activation: Activation): tf.Tensor {
  const mean = tf.mean(x, [0, 1, 2]);
  const variance = tf.mean(tf.square(tf.sub(x, mean)), [0, 1, 2]);
  const z = tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPSILON))), gamma), beta);
  switch (activation.kind) {
    case 'none':
      return z;
    case 'relu':
      return tf.relu(z);
    case 'prelu':
      return tf.add(tf.relu(z), tf.mul(activation.slope, tf.minimum(z, 0)));
    case 'residual':
      return tf.relu(tf.add(z, activation.residual));
  }
}

describe('batch norm in training', () => {
  const shapes = [[2, 3, 4, 5], [4, 12, 11, 3], [2, 1, 1, 4]] as const; // 528 values per channel take the other form of the gradient
  const kinds = ['none', 'relu', 'prelu', 'residual'] as const;
  test.each(shapes.flatMap((shape) => kinds.map((kind) => [shape, kind] as const)))('%j, %s: value and all gradients equal those of plain operations', (shape, kind) => {
    const x = randomTensor<tf.Rank.R4>([...shape], 'x');
    const channels = shape[3];
    const inputs: tf.Tensor[] = [x, randomTensor([channels], 'gamma'), randomTensor([channels], 'beta')];
    if (kind === 'prelu') inputs.push(tf.tensor1d([0.25]));
    if (kind === 'residual') inputs.push(randomTensor([...shape], 'residual'));
    const activationOf = (extra: tf.Tensor | undefined): Activation => {
      if (kind === 'prelu') return { kind, slope: extra! };
      return kind === 'residual' ? { kind, residual: extra as tf.Tensor4D } : { kind };
    };
    const dy = randomTensor([...shape], 'dy');
    const fused = (...t: tf.Tensor[]): tf.Tensor => batchNormTraining(t[0] as tf.Tensor4D, t[1]!, t[2]!, activationOf(t[3]), () => undefined);
    const plain = (...t: tf.Tensor[]): tf.Tensor => plainly(t[0] as tf.Tensor4D, t[1]!, t[2]!, activationOf(t[3]));
    expect(largestDifference(fused(...inputs), plain(...inputs))).toBeLessThan(1e-5);
    const expected = tf.grads(plain)(inputs, dy);
    const scale = shape[1] === 1 ? 1e-2 : 1e-4; // two values per channel: both gradients are differences of near equals
    for (const [index, gradient] of tf.grads(fused)(inputs, dy).entries()) expect(largestDifference(gradient, expected[index]!)).toBeLessThan(scale);
  });

  test('running statistics: momentum 0.1, unbiased variance, the bias that was left out', () => {
    const next = nextRunningStatistics(
      { mean: tf.tensor1d([1]), variance: tf.tensor1d([2]) },
      { mean: tf.tensor1d([3]), variance: tf.tensor1d([4]), count: 5 },
      tf.tensor1d([10]),
    );
    expect(next.mean.dataSync()[0]).toBeCloseTo(0.9 * 1 + 0.1 * 13, 6);
    expect(next.variance.dataSync()[0]).toBeCloseTo(0.9 * 2 + 0.1 * 4 * (5 / 4), 6);
  });
});

describe('units', () => {
  const weights = {
    'c.weight': randomTensor<tf.Rank.R4>([3, 2, 3, 3], 'w'),
    'c.bias': randomTensor<tf.Rank.R1>([3], 'b'),
    'n.weight': randomTensor<tf.Rank.R1>([3], 'g'),
    'n.bias': randomTensor<tf.Rank.R1>([3], 'beta'),
    'n.running_mean': randomTensor<tf.Rank.R1>([3], 'm'),
    'n.running_var': tf.abs(randomTensor<tf.Rank.R1>([3], 'v')),
  };
  for (const tensor of Object.values(weights)) tf.keep(tensor);
  const names = { convolution: 'c', norm: 'n' };

  test('with running statistics: the folded convolution is the definition', () => {
    const x = randomTensor<tf.Rank.R4>([1, 5, 4, 2], 'x');
    const convolved = tf.add(tf.conv2d(x, tf.transpose(weights['c.weight'], [2, 3, 1, 0]), 1, 'same'), weights['c.bias']);
    const normalised = tf.div(tf.sub(convolved, weights['n.running_mean']), tf.sqrt(tf.add(weights['n.running_var'], EPSILON)));
    const expected = tf.relu(tf.add(tf.mul(normalised, weights['n.weight']), weights['n.bias']));
    expect(largestDifference(inferenceLayers(weights).unit(x, names, { activation: { kind: 'relu' } }), expected)).toBeLessThan(1e-5);
  });

  test('with batch statistics: the bias changes nothing but the running mean', () => {
    const x = randomTensor<tf.Rank.R4>([2, 5, 4, 2], 'x');
    const run = (bias: tf.Tensor): { value: tf.Tensor; mean: tf.Tensor } => {
      const statistics = new CarriedTensors();
      const value = trainingLayers({ ...weights, 'c.bias': bias }, statistics).unit(x, names);
      return { value, mean: statistics.release()['n.running_mean']! };
    };
    const [without, moved] = [run(tf.zeros([3])), run(tf.ones([3]))];
    expect(largestDifference(without.value, moved.value)).toBe(0);
    expect(largestDifference(tf.add(without.mean, 0.1), moved.mean)).toBeLessThan(1e-6);
  });

  test('a norm that is used twice in a step updates its statistics twice', () => {
    const x = randomTensor<tf.Rank.R4>([2, 5, 4, 2], 'x');
    const statistics = new CarriedTensors();
    const layers = trainingLayers(weights, statistics);
    layers.unit(x, names);
    const once = tf.clone(statistics.get('n.running_var')!);
    layers.unit(x, names);
    const twice = statistics.release()['n.running_var']!;
    const batch = tf.div(tf.sub(once, tf.mul(weights['n.running_var'], 0.9)), 0.1);
    expect(largestDifference(twice, tf.add(tf.mul(once, 0.9), tf.mul(batch, 0.1)))).toBeLessThan(1e-5);
  });

  test('a missing parameter is named', () => {
    expect(() => inferenceLayers({}).weight('fuse1.fuse.weight')).toThrow('The network has no parameter "fuse1.fuse.weight".');
  });
});
