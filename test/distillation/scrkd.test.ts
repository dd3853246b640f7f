import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { correlations } from '../../src/distillation/scrkd/correlation.ts';
import { headDsd } from '../../src/distillation/scrkd/dsd.ts';
import { similarities, stageWeights, weightedSum } from '../../src/distillation/scrkd/msfd.ts';
import { stageMvcd, teacherCorrelations } from '../../src/distillation/scrkd/mvcd.ts';
import { pyramidError } from '../../src/distillation/pyramid.ts';
import { gridOf } from '../../src/nn/resize.ts';
import { expectClose, largestDifference, onCpuBackend, randomTensor, wave } from '../nn/tensors.ts';

onCpuBackend();

const number = (scalar: tf.Tensor): number => scalar.arraySync() as number;

describe('MVCD', () => {
  const student = (): tf.Tensor4D => wave(0.2, [2, 6, 5, 4]);
  const teacher = (): tf.Tensor4D => wave(1.7, [2, 6, 5, 4]);

  test('golden correlations', () => {
    const { channel, height, width } = correlations(student());
    expect([channel.shape, height.shape, width.shape]).toEqual([[2, 6, 6], [2, 5, 5], [2, 4, 4]]);
    expectClose(channel.arraySync()[0]![0]!.slice(0, 3), [1, 0.9776, 0.9038], 4);
    expectClose(height.arraySync()[0]![0]!.slice(0, 3), [1, 0.9672, 0.8337], 4);
    expectClose(width.arraySync()[0]![0]!.slice(0, 3), [1, 0.9765, 0.8715], 4);
  });

  test('golden terms', () => {
    const { channel, height, width } = stageMvcd(student(), teacherCorrelations(teacher(), gridOf(student()), 'student'), 'student');
    expectClose([channel, height, width].map(number), [0.44314414, 0.06838948, 0.04054689], 6);
  });

  test('golden totals at the teacher\'s and at the student\'s size', () => {
    const small = wave(0.2, [2, 6, 3, 2]);
    const total = (at: 'student' | 'teacher'): number => Object.values(stageMvcd(small, teacherCorrelations(teacher(), gridOf(small), at), at)).map(number).reduce((a, b) => a + b);
    expect(total('teacher')).toBeCloseTo(0.67827033, 6);
    expect(total('student')).toBeCloseTo(0.61614407, 6);
  });

  test('the gradient of the Gram products equals that of plain products', () => {
    const x = randomTensor<tf.Rank.R4>([2, 3, 4, 5], 'x');
    const plain = (map: tf.Tensor): tf.Tensor => {
      const rows = tf.reshape(tf.transpose(map, [0, 1, 3, 2]), [2, 3, 20]);
      const unit = tf.div(rows, tf.sqrt(tf.sum(tf.square(rows), 2, true)));
      return tf.matMul(unit, unit, false, true);
    };
    const dy = randomTensor<tf.Rank.R3>([2, 3, 3], 'dy');
    const ours = tf.grad((map) => correlations(map as tf.Tensor4D).height)(x, dy);
    expect(largestDifference(ours, tf.grad(plain)(x, dy))).toBeLessThan(1e-5);
  });
});

describe('MSFD', () => {
  test('golden pyramid errors', () => {
    const error = (side: number): number => number(pyramidError(wave(0.2, [2, 3, side, side]), wave(1.7, [2, 3, side, side]), 'halving'));
    expectClose([20, 14, 7, 4, 2].map(error), [0.9669067, 1.01353322, 1.20216502, 1.55665986, 1.46057802], 5);
  });

  test('the uniform pyramid is the plain sum over all five levels', () => {
    const [student, teacher] = [wave(0.2, [2, 3, 4, 4]), wave(1.7, [2, 3, 4, 4])];
    // On a 4x4 grid levels 16, 8 and 4 all see the maps as they are.
    const ofMaps = number(tf.mean(tf.square(tf.sub(student, teacher))));
    const pooled = (side: number): tf.Tensor => tf.avgPool(tf.sub<tf.Tensor4D>(student, teacher), 4 / side, 4 / side, 'valid');
    const expected = 3 * ofMaps + number(tf.mean(tf.square(pooled(2)))) + number(tf.mean(tf.square(pooled(1))));
    expect(number(pyramidError(student, teacher, 'uniform'))).toBeCloseTo(expected, 5);
  });

  test('golden cosines, weights and fused error', () => {
    const size = [2, 3, 6, 6] as const;
    const maps = tf.stack([0.2, 0.9, 1.5, 2.4].map((a) => wave(a, size))) as tf.Tensor5D;
    const target = wave(1.7, size);
    const scores = similarities(maps, target);
    const weights = stageWeights(scores);
    const firstImage = (t: tf.Tensor2D): number[] => t.arraySync().map((row) => row[0]!);
    expectClose(firstImage(scores), [-0.234, 0.3899, 0.9731, 0.8545], 4);
    expectClose(firstImage(weights), [0.1089, 0.2033, 0.3643, 0.3235], 4);
    expect(number(pyramidError(weightedSum(maps, weights), target, 'halving'))).toBeCloseTo(0.05856873, 6);
  });
});

describe('DSD', () => {
  const student = (): tf.Tensor4D => tf.mul(wave(0.3, [2, 1, 8, 8]), 2);
  const teacher = (): tf.Tensor4D => tf.mul(wave(1.9, [2, 1, 8, 8]), 2);
  const dsd = (temperature: number, direction: 'teacher-to-student' | 'student-to-teacher', place: 'inside' | 'outside'): number =>
    number(headDsd(student(), teacher(), tf.scalar(temperature), { direction, temperature: place }));

  test('golden value, and the official temperature as the factor it is', () => {
    expect(dsd(1, 'teacher-to-student', 'inside')).toBeCloseTo(0.04769685, 6);
    expect(dsd(1, 'teacher-to-student', 'outside')).toBeCloseTo(0.04769685, 6);
    expect(dsd(2, 'teacher-to-student', 'outside')).toBeCloseTo(0.09539369, 6);
  });

  /** The definition, with a softmax over two channels. */
  const byDefinition = (p: tf.Tensor4D, q: tf.Tensor4D, temperature: number): number => {
    const distribution = (logits: tf.Tensor4D): tf.Tensor => {
      const s = tf.sigmoid(logits);
      return tf.softmax(tf.div(tf.concat([s, tf.sub(1, s)], 3), temperature));
    };
    const [a, b] = [distribution(p), distribution(q)];
    return number(tf.mean(tf.sum(tf.mul(a, tf.sub(tf.log(a), tf.log(b))), 3))) * temperature ** 2;
  };

  test.each([1, 2, 4])('temperature %d inside the softmax, both directions', (temperature) => {
    expect(dsd(temperature, 'teacher-to-student', 'inside')).toBeCloseTo(byDefinition(teacher(), student(), temperature) / 2, 5);
    expect(dsd(temperature, 'student-to-teacher', 'inside')).toBeCloseTo(byDefinition(student(), teacher(), temperature), 5);
  });
});
