import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { adamw, type AdamwConstants } from '../../src/nn/adamw.ts';
import { onCpuBackend } from './tensors.ts';

onCpuBackend();

interface Reference extends AdamwConstants {
  readonly start: number[];
  readonly steps: { learningRate: number; gradient: number[]; parameter: number[]; moment1: number[]; moment2: number[] }[];
}
const reference = JSON.parse(readFileSync(new URL('../fixtures/adamw.json', import.meta.url), 'utf8')) as Reference;

function scalars(n: number, learningRate: number) {
  return { learningRate: tf.scalar(learningRate), biasCorrection1: tf.scalar(1 - reference.beta1 ** n), biasCorrection2: tf.scalar(1 - reference.beta2 ** n) };
}

describe('AdamW', () => {
  test('equals torch.optim.AdamW over steps with changing rates, zero ones and zero gradients included', () => {
    const count = reference.start.length;
    let state: { parameter: tf.Tensor; moment1: tf.Tensor; moment2: tf.Tensor } = { parameter: tf.tensor1d(reference.start), moment1: tf.zeros([count]), moment2: tf.zeros([count]) };
    for (const [index, expected] of reference.steps.entries()) {
      state = adamw(reference, scalars(index + 1, expected.learningRate)).update(state, tf.tensor1d(expected.gradient));
      for (const key of ['parameter', 'moment1', 'moment2'] as const) {
        for (const [element, value] of expected[key].entries()) {
          const scale = Math.max(...reference.steps.map((step) => Math.abs(step[key][element]!)));
          expect(Math.abs(state[key].dataSync()[element]! - value), `step ${index} ${key}[${element}]`).toBeLessThanOrEqual(1e-6 * scale);
        }
      }
    }
  });

  test('a parameter without gradient only decays', () => {
    const decayed = adamw(reference, scalars(1, 0.01)).decay(tf.tensor1d([2, -1]));
    expect([...decayed.dataSync()].map((value) => value.toFixed(6))).toEqual(['1.998000', '-0.999000']);
  });
});
