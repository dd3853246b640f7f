/** Deterministic tensors for the tests of layers and losses, computed eagerly on tfjs' own cpu backend. */
import '@tensorflow/tfjs-backend-cpu';
import '../../src/engine/gradients.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, afterEach, expect } from 'vitest';
import { Random } from '../../src/base/random.ts';

/** Call once in a file: the backend, and a check that no test of the file leaks a tensor. */
export function onCpuBackend(): void {
  let before = 0;
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend('cpu');
    tf.engine().startScope();
    before = tf.memory().numTensors;
  });
  afterEach(() => {
    tf.engine().endScope();
    expect(tf.memory().numTensors, 'tensors alive after the test').toBe(before);
    tf.engine().startScope();
  });
}

/** D(a)[n,c,h,w] = sin(a + 0.9n + 0.5c + 0.31h + 0.17w) + 0.3·cos(2a + 0.4nc + 0.23hw), given as [B,H,W,C]. */
export function wave(a: number, [batch, channels, height, width]: readonly [number, number, number, number]): tf.Tensor4D {
  const data: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let h = 0; h < height; h++) {
      for (let w = 0; w < width; w++) {
        for (let c = 0; c < channels; c++) data.push(Math.sin(a + 0.9 * n + 0.5 * c + 0.31 * h + 0.17 * w) + 0.3 * Math.cos(2 * a + 0.4 * n * c + 0.23 * h * w));
      }
    }
  }
  return tf.tensor4d(data, [batch, height, width, channels]);
}

export function randomTensor<R extends tf.Rank>(shape: tf.ShapeMap[R], ...keys: readonly (string | number)[]): tf.Tensor<R> {
  const random = new Random(...keys);
  return tf.tensor<R>(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()), shape);
}

/** Every value of one channel of one image, row by row. */
export function plane(map: tf.Tensor4D, image: number, channel: number): number[][] {
  return tf.tidy(() => tf.squeeze<tf.Tensor2D>(tf.slice(map, [image, 0, 0, channel], [1, -1, -1, 1]), [0, 3]).arraySync());
}

export function largestDifference(a: tf.Tensor, b: tf.Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).arraySync() as number);
}

/** Values to so many decimals. */
export function expectClose(found: readonly number[], expected: readonly number[], decimals: number): void {
  expect(found.length).toBe(expected.length);
  for (const [index, value] of expected.entries()) expect(found[index], `value ${index}`).toBeCloseTo(value, decimals);
}
