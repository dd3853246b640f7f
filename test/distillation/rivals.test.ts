import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { methodNames, methods } from '../../src/config/catalog/methods.ts';
import { models, type ModelName } from '../../src/config/catalog/models.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { attentionError } from '../../src/distillation/at.ts';
import { affinityError } from '../../src/distillation/cmhrd.ts';
import { channelDivergence, imageRowDivergence, pixelDivergence } from '../../src/distillation/divergence.ts';
import { meanSquaredError } from '../../src/distillation/fitnet.ts';
import { variationError } from '../../src/distillation/ifvd.ts';
import { standardised } from '../../src/distillation/logitstdkd.ts';
import { whyMismatched } from '../../src/distillation/mismatch.ts';
import type { NetworkShape } from '../../src/distillation/method.ts';
import { networkShape } from '../../src/distillation/network.ts';
import { pixelShuffle } from '../../src/distillation/pd.ts';
import { hierarchicalContextLoss } from '../../src/distillation/pyramid.ts';
import { createMethod } from '../../src/distillation/registry.ts';
import { pairwiseError } from '../../src/distillation/skd.ts';
import { logDistance } from '../../src/distillation/srd.ts';
import { diceError } from '../../src/distillation/stonet.ts';
import { resizeBicubic, resizeNearest } from '../../src/nn/resize.ts';
import { onCpuBackend, plane, wave } from '../nn/tensors.ts';

onCpuBackend();

const number = (scalar: tf.Tensor): number => scalar.arraySync() as number;
const f = (): tf.Tensor4D => wave(0.2, [2, 3, 6, 6]);
const g = (): tf.Tensor4D => wave(1.7, [2, 3, 6, 6]);
const student = (): tf.Tensor4D => tf.mul(wave(0.3, [2, 1, 8, 8]), 2);
const teacher = (): tf.Tensor4D => tf.mul(wave(1.9, [2, 1, 8, 8]), 2);
const label = (): tf.Tensor4D => tf.cast(tf.greater(wave(1.1, [2, 1, 6, 6]), 0), 'float32');

/** Numbers of the official functions, computed in float64. */
const golden: readonly [quantity: string, compute: () => tf.Scalar, expected: number][] = [
  ['KD, T = 2', () => pixelDivergence(student(), teacher(), tf.scalar(2)), 0.18210748],
  ['LogitStd, T = 2', () => pixelDivergence(standardised(student()), standardised(teacher()), tf.scalar(2)), 0.16025713],
  ['LogitStd, T = 4', () => pixelDivergence(standardised(student()), standardised(teacher()), tf.scalar(4)), 0.04119555],
  ['FitNet', () => meanSquaredError(f(), g()), 1.34455574],
  ['AT', () => attentionError(f(), g()), 0.0218695],
  ['SRD', () => logDistance(f(), g()), 5.41565565],
  ['CWD, T = 1', () => channelDivergence(f(), g(), tf.scalar(1)), 0.11449636],
  ['CWD, T = 4', () => tf.mul(channelDivergence(f(), g(), tf.scalar(4)), 16), 0.1211182],
  ['SKD, 2 x 2 positions', () => pairwiseError(f(), g()), 0.34324288],
  ['IFVD, background', () => variationError(f(), g(), label(), 'official'), 0.02303102],
  ['IFVD, both classes', () => variationError(f(), g(), label(), 'default'), 0.07520166],
  ['hierarchical context loss', () => hierarchicalContextLoss(f(), g()), 1.29799419],
  ['STONet, rows', () => imageRowDivergence(student(), teacher()), 0.4085376],
  ['STONet, dice', () => diceError(student(), teacher()), 0.56175349],
  ['CMHRD, affinity', () => affinityError(f(), g()), 2.04971064],
];

test.each(golden)('golden value: %s', (_, compute, expected) => {
  expect(number(compute())).toBeCloseTo(expected, 5);
});

describe('resizing', () => {
  test('nearest reads at the rounded-down position, bicubic keeps the corners and a linear ramp inside', () => {
    const ramp = tf.tensor4d(Array.from({ length: 6 }, (_, i) => i), [1, 1, 6, 1]);
    expect(plane(resizeNearest(ramp, [1, 4]), 0, 0)).toEqual([[0, 1, 3, 4]]);
    const enlarged = plane(resizeBicubic(ramp, [1, 11]), 0, 0)[0]!;
    expect(enlarged[0]).toBeCloseTo(0, 6);
    expect(enlarged[10]).toBeCloseTo(5, 6);
    expect(enlarged[5]).toBeCloseTo(2.5, 6);
  });

  test('pixel shuffle orders channels as colour, row, column', () => {
    const map = tf.tensor4d(Array.from({ length: 8 }, (_, i) => i), [1, 1, 1, 8]);
    const image = pixelShuffle(map, 2);
    expect(image.shape).toEqual([1, 2, 2, 2]);
    expect([plane(image, 0, 0), plane(image, 0, 1)]).toEqual([[[0, 1], [2, 3]], [[4, 5], [6, 7]]]);
  });
});

test('gradients reach the student alone', () => {
  const gradient = tf.grad((x) => affinityError(x as tf.Tensor4D, g()))(f());
  expect(number(tf.sum(tf.abs(gradient)))).toBeGreaterThan(0);
  const ofTeacher = tf.grad((x) => affinityError(f(), x as tf.Tensor4D))(g());
  expect(number(tf.sum(tf.abs(ofTeacher)))).toBe(0);
});

test.each(methodNames)('%s reports the terms of its catalog entry, and explains every value of its options', (name) => {
  const entry = methods[name];
  expect(createMethod(name, entry.presets.default).terms).toEqual(Object.keys(entry.terms));
  for (const preset of Object.values(entry.presets)) expect(entry.options.safeParse(preset).success).toBe(true);
  for (const [option, field] of Object.entries(entry.options.shape)) {
    for (const value of field.options) expect(field.meta()?.description, `${name}.${option}`).toContain(`${String(value)}: `);
  }
});

const shapeOf = (model: ModelName, side: number): NetworkShape => networkShape({ model, options: models[model].defaults, height: side, width: side });

test("SOLNet's stages differ in channels: methods with a layer for several stages refuse it, the others do not", () => {
  const refused = methodNames.filter((name) => whyMismatched(name, methods[name].presets.default, shapeOf('solnet', 64), shapeOf('solnet', 128))?.includes('same number of channels') === true);
  expect(refused.sort()).toEqual(['cmhrd', 'famkd', 'reviewkd', 'scrkd', 'stonet']);
});

/** The smallest teacher: half of it is the map of several heads, all of it that of one head. */
test.each([['pspnet', 127], ['segformer', 64], ['transxnet', 64], ['isaanet', 127], ['solnet', 49]] as const)('a discriminator needs a map of 64 pixels, which a %s of %i has; the config says the same', async (model, side) => {
  for (const [teacherSide, isRefused] of [[side, false], [side - 1, true]] as const) {
    const reason = whyMismatched('skd', methods.skd.presets.default, shapeOf(model, 32), shapeOf(model, teacherSide));
    expect(reason?.includes('discriminator') === true, reason).toBe(isRefused);
    const text = `version: 1\nexperiment: a\ndataset: { root: ./d }\nstages:\n  t: { model: ${model}, resolution: ${teacherSide} }\n  s: { model: ${model}, resolution: 32, distill: { from: t, method: skd } }\n`;
    const { diagnostics } = await resolveExperiment({ text, path: 'a.scrkd.yaml' }, { readText: () => Promise.reject(new Error('none')) });
    expect(diagnostics.some(({ code }) => code === 'method-sizes')).toBe(isRefused);
  }
});
