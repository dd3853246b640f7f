import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { binaryCrossEntropy, saliencyLoss } from '../../src/models/saliency-loss.ts';
import { onCpuBackend, wave } from '../nn/tensors.ts';

onCpuBackend();

describe('the supervised loss', () => {
  const logits = (): tf.Tensor4D => tf.mul(wave(0.3, [2, 1, 8, 8]), 2);

  test('golden values, hard mask', () => {
    const mask: tf.Tensor4D = tf.cast(tf.greater(wave(1.1, [2, 1, 8, 8]), 0), 'float32');
    expect(tf.sum(mask).arraySync()).toBe(57);
    expect(binaryCrossEntropy(logits(), mask).arraySync()).toBeCloseTo(0.54743353, 6);
    expect(saliencyLoss([logits()], mask, [1]).arraySync()).toBeCloseTo(1.04702048, 6);
  });

  test('golden value, soft mask', () => {
    const mask: tf.Tensor4D = tf.div(tf.add(wave(1.1, [2, 1, 8, 8]), 1.3), 2.6);
    expect(saliencyLoss([logits()], mask, [1]).arraySync()).toBeCloseTo(1.30767297, 6);
  });

  test('heads are resized to the mask, weighted and summed', () => {
    const mask: tf.Tensor4D = tf.ones([2, 8, 8, 1]);
    const one = saliencyLoss([logits()], mask, [1]).arraySync();
    const small = wave(0.7, [2, 1, 3, 5]);
    const other = saliencyLoss([small], mask, [1]).arraySync();
    expect(saliencyLoss([logits(), small], mask, [1, 0.25]).arraySync()).toBeCloseTo(one + other / 4, 5);
  });

  test('large logits overflow nowhere', () => {
    const mask: tf.Tensor4D = tf.tensor4d([0, 1], [1, 1, 2, 1]);
    expect(binaryCrossEntropy(tf.tensor4d([500, 500], [1, 1, 2, 1]), mask).arraySync()).toBe(250);
  });
});
