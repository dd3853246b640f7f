import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { averageMatrix, bilinearMatrix } from '../../src/nn/matrix.ts';
import { adaptiveAveragePool, resizeBilinear, type Grid } from '../../src/nn/resize.ts';
import { expectClose, largestDifference, onCpuBackend, plane, randomTensor, wave } from './tensors.ts';

onCpuBackend();

const rows = (data: Float32Array, columns: number): number[][] => Array.from({ length: data.length / columns }, (_, row) => [...data.slice(row * columns, (row + 1) * columns)]);

describe('the synthetic tensor of the golden values', () => {
  test('has the values it is given with', () => {
    const values = plane(wave(0.3, [2, 1, 8, 8]), 0, 0);
    expectClose(values[0]!.slice(0, 3), [0.5431, 0.7005, 0.8448], 4);
    expect(plane(wave(0.3, [2, 1, 8, 8]), 1, 0)[7]![7]).toBeCloseTo(-0.7583, 4);
  });
});

describe('bilinear resizing', () => {
  test('golden values, 3x2 to 5x4', () => {
    const resized = plane(resizeBilinear(wave(0.2, [2, 6, 3, 2]), [5, 4]), 0, 0);
    expectClose(resized[0]!, [0.475, 0.5293, 0.5836, 0.6379], 4);
    expectClose(resized[4]!, [1.0075, 1.0156, 1.0237, 1.0318], 4);
  });

  test('keeps corners, and reads index 0 for a single output', () => {
    expect(rows(bilinearMatrix(4, 1).data, 4)).toEqual([[1, 0, 0, 0]]);
    const matrix = rows(bilinearMatrix(5, 3).data, 5);
    expect(matrix[0]).toEqual([1, 0, 0, 0, 0]);
    expect(matrix[2]).toEqual([0, 0, 0, 0, 1]);
    expect(rows(bilinearMatrix(1, 3).data, 1)).toEqual([[1], [1], [1]]);
  });

  test.each<[Grid, Grid]>([[[7, 5], [13, 4]], [[40, 30], [60, 90]], [[6, 9], [3, 2]]])('equals tfjs with aligned corners, %j to %j', (from, to) => {
    const map = randomTensor<tf.Rank.R4>([2, ...from, 3], 'bilinear');
    expect(largestDifference(resizeBilinear(map, to), tf.image.resizeBilinear(map, [...to], true))).toBeLessThan(2e-6);
  });
});

describe('adaptive average pooling', () => {
  test('golden values, 5x4 to 3x2', () => {
    const pooled = plane(adaptiveAveragePool(wave(1.7, [2, 6, 5, 4]), [3, 2]), 0, 0);
    expectClose(pooled.flat(), [0.6343, 0.5019, 0.3921, 0.3279, 0.0467, 0.1015], 4);
  });

  test('bins overlap unless the sizes divide, and repeat when enlarging', () => {
    expect(rows(averageMatrix(3, 2).data, 3)).toEqual([[0.5, 0.5, 0], [0, 0.5, 0.5]]);
    expect(rows(averageMatrix(2, 4).data, 2)).toEqual([[1, 0], [1, 0], [0, 1], [0, 1]]);
  });
});

describe('gradients', () => {
  test.each([['bilinear', resizeBilinear], ['average', adaptiveAveragePool]] as const)('%s: the transposed map, both for one product and for two', (_, resize) => {
    for (const [from, to] of [[[5, 4], [9, 6]], [[20, 24], [40, 33]], [[30, 20], [11, 7]]] as const) {
      const map = randomTensor<tf.Rank.R4>([1, ...from, 2], 'x');
      const dy = randomTensor<tf.Rank.R4>([1, ...to, 2], 'dy');
      const gradient = tf.grad((x) => resize(x as tf.Tensor4D, to))(map, dy);
      // ⟨dy, A x⟩ = ⟨Aᵀ dy, x⟩ for a linear A.
      const left = tf.sum(tf.mul(resize(map, to), dy)).arraySync() as number;
      const right = tf.sum(tf.mul(gradient, map)).arraySync() as number;
      expect(left).toBeCloseTo(right, 3);
      expect(gradient.shape).toEqual(map.shape);
    }
  });
});
