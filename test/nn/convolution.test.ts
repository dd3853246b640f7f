import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { convolve, halvingMaxPool, type ConvolutionInput } from '../../src/nn/convolution.ts';
import { resizeBilinear, type Grid } from '../../src/nn/resize.ts';
import { largestDifference, onCpuBackend, randomTensor } from './tensors.ts';

onCpuBackend();

const map = (height: number, width: number, channels: number, key: string): tf.Tensor4D => randomTensor<tf.Rank.R4>([2, height, width, channels], key);
const weight = (out: number, channels: number, kernel: number): tf.Tensor4D => randomTensor<tf.Rank.R4>([out, channels, kernel, kernel], 'weight', out, channels, kernel);

/** The definition: a sum over taps and channels of the zero-padded input. */
function byDefinition(x: tf.Tensor4D, w: tf.Tensor4D, stride: number): tf.Tensor4D {
  const [out, channels, kernel] = w.shape;
  const half = kernel >> 1;
  const [batch, height, width] = x.shape;
  const outHeight = Math.ceil(height / stride);
  const outWidth = Math.ceil(width / stride);
  const input = x.arraySync();
  const filter = w.arraySync();
  const result = tf.buffer<tf.Rank.R4>([batch, outHeight, outWidth, out]);
  for (let n = 0; n < batch; n++) for (let i = 0; i < outHeight; i++) for (let j = 0; j < outWidth; j++) for (let o = 0; o < out; o++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) for (let a = 0; a < kernel; a++) for (let b = 0; b < kernel; b++) {
      sum += (input[n]![i * stride + a - half]?.[j * stride + b - half]?.[c] ?? 0) * filter[o]![c]![a]![b]!;
    }
    result.set(sum, n, i, j, o);
  }
  return result.toTensor();
}

describe('convolution with PyTorch weights', () => {
  test.each([[1, 1], [3, 1], [3, 2], [1, 2], [7, 2]])('kernel %i, stride %i, odd and even sides', (kernel, stride) => {
    for (const [height, width] of [[8, 6], [7, 5], [9, 8]] as const) {
      const x = map(height, width, 3, 'x');
      const w = weight(4, 3, kernel);
      expect(largestDifference(convolve({ kind: 'map', map: x }, w, { stride }), byDefinition(x, w, stride))).toBeLessThan(1e-5);
    }
  });
});

describe('factored convolutions', () => {
  const gradientsOf = (input: (xs: readonly tf.Tensor4D[]) => ConvolutionInput | tf.Tensor4D, tensors: tf.Tensor4D[], w: tf.Tensor4D) => {
    const dy = (shape: readonly number[]): tf.Tensor => randomTensor(shape as [number, number, number, number], 'dy');
    const run = (...all: tf.Tensor[]): tf.Tensor4D => {
      const [filter, ...xs] = all as [tf.Tensor4D, ...tf.Tensor4D[]];
      const made = input(xs);
      return convolve('kind' in made ? made : { kind: 'map', map: made }, filter);
    };
    const value = run(w, ...tensors);
    return { value, grads: tf.grads(run)([w, ...tensors], dy(value.shape)) };
  };

  const expectSame = (a: ReturnType<typeof gradientsOf>, b: ReturnType<typeof gradientsOf>): void => {
    expect(largestDifference(a.value, b.value)).toBeLessThan(2e-5);
    for (const [index, gradient] of a.grads.entries()) expect(largestDifference(gradient, b.grads[index]!)).toBeLessThan(1e-4);
  };

  test.each<[Grid, Grid]>([[[4, 3], [8, 5]], [[5, 2], [9, 16]], [[6, 6], [6, 6]], [[1, 1], [3, 4]]])('skip connection, deep %j, skip %j', (small, large) => {
    const tensors = [map(large[0], large[1], 3, 'skip'), map(small[0], small[1], 2, 'deep')];
    const w = weight(4, 5, 3);
    const factored = gradientsOf(([skip, deep]) => ({ kind: 'skip-connection', skip: skip!, deep: deep! }), tensors, w);
    const plain = gradientsOf(([skip, deep]) => tf.concat([skip!, resizeBilinear(deep!, large)], 3), tensors, w);
    expectSame(factored, plain);
  });

  test('a stack of finer, equal and coarser maps, in their order', () => {
    const tensors = [map(12, 9, 2, 'finest'), map(6, 5, 2, 'equal'), map(3, 3, 2, 'coarse'), map(2, 2, 2, 'coarsest')];
    const w = weight(3, 2, 3);
    const grid = [6, 5] as const;
    const factored = gradientsOf((maps) => ({ kind: 'resized-stack', maps, grid }), tensors, w);
    const plain = gradientsOf((maps) => tf.concat(maps.map((x) => resizeBilinear(x, grid)), 0), tensors, w);
    expectSame(factored, plain);
  });

  test('a stack of coarser maps alone', () => {
    const coarse = map(2, 3, 2, 'coarse');
    const w = weight(3, 2, 3);
    const value = convolve({ kind: 'resized-stack', maps: [coarse], grid: [5, 7] }, w);
    expect(largestDifference(value, convolve({ kind: 'map', map: resizeBilinear(coarse, [5, 7]) }, w))).toBeLessThan(2e-5);
  });
});

test('max pooling halves with a border below every value', () => {
  const pooled = halvingMaxPool(tf.neg(tf.ones([1, 5, 4, 1])));
  expect(pooled.shape).toEqual([1, 3, 2, 1]);
  expect([...pooled.dataSync()]).toEqual([-1, -1, -1, -1, -1, -1]);
});
