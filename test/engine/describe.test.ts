import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe as group, expect, it } from 'vitest';
import { describe, toOnnx } from '../../src/engine/describe.ts';
import type { InputSpecs, StepFunction } from '../../src/engine/engine.ts';
import { eager, expectClose, float, uniform } from './support.ts';

const inputs: InputSpecs = {
  image: { kind: 'feed', shape: [1, 8, 10, 3] },
  'conv.weight': { kind: 'state', shape: [4, 3, 3, 3] },
  'conv.bias': { kind: 'state', shape: [4] },
  'running.mean': { kind: 'state', shape: [4] },
  'head.weight': { kind: 'constant', value: uniform('head', [4, 2]) },
};
const step: StepFunction = (t) => {
  const x = tf.add(tf.conv2d(t.image as tf.Tensor4D, tf.transpose(t['conv.weight'] as tf.Tensor4D, [2, 3, 1, 0]), 2, 1, 'NHWC', 1, 'floor'), tf.sub(t['conv.bias']!, t['running.mean']!));
  return { logits: tf.matMul(tf.reshape(tf.mean(x, [1, 2]), [1, 4]), t['head.weight']!), features: x };
};

group('describe', () => {
  it('counts parameters, multiply-accumulates and shapes', () => {
    const description = describe(step, inputs);
    expect(description.parameters).toBe(4 * 27 + 4 + 4 + 8);
    expect(description.multiplyAccumulates).toBe(4 * 5 * 4 * 27 + 4 * 2); // 4×5 pixels of 4 channels over 27 taps, then 4 × 2
    expect(description.outputs).toEqual({ logits: { shape: [1, 2], dtype: 'float32' }, features: { shape: [1, 4, 5, 4], dtype: 'float32' } });
    expect(describe(step, inputs, { isParameter: (name) => !name.startsWith('running') }).parameters).toBe(4 * 27 + 4 + 8);
  });

  it('estimates the worst moment by liveness', () => {
    // x → a (4 kB) → b (4 kB) → c: when b is made, a and b live; the input lives throughout, constants three times and the output twice
    const chain: StepFunction = ({ x }) => ({ y: tf.sum(tf.exp(tf.sin(tf.cos(x!)))) });
    expect(describe(chain, { x: { kind: 'feed', shape: [1000] } })).toMatchObject({ nodes: 5, constantBytes: 8, peakBytes: 3 * 8 + 4000 + 2 * 4 + 1.5 * 8000, fastPeakBytes: 3 * 8 + 4000 + 2 * 4 + 1.75 * 8000 });
  });

  it('counts depthwise and transposed convolutions and stacked products by hand', () => {
    const macs = (apply: StepFunction, specs: InputSpecs): number => describe(apply, specs).multiplyAccumulates;
    expect(macs(({ x, w }) => ({ y: tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same') }), { x: { kind: 'feed', shape: [2, 5, 6, 4] }, w: { kind: 'state', shape: [3, 3, 4, 1] } })).toBe(2 * 5 * 6 * 4 * 9);
    expect(macs(({ x, w }) => ({ y: tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [1, 8, 8, 2], 2, 'same') }), { x: { kind: 'feed', shape: [1, 4, 4, 3] }, w: { kind: 'state', shape: [3, 3, 2, 3] } })).toBe(4 * 4 * 3 * 2 * 9);
    expect(macs(({ a, b }) => ({ y: tf.matMul(a!, b!, false, true) }), { a: { kind: 'feed', shape: [5, 2, 3] }, b: { kind: 'feed', shape: [5, 4, 3] } })).toBe(5 * 2 * 4 * 3);
  });
});

group('toOnnx', () => {
  it('writes a model that gives the same numbers, under the names it was given', async () => {
    const weights = { 'conv.weight': uniform('w', [4, 3, 3, 3]), 'conv.bias': uniform('b', [4]), 'running.mean': uniform('m', [4]) };
    const image = uniform('image', [1, 8, 10, 3]);
    const bytes = toOnnx(step, inputs, { names: { logits: 'scores', image: 'picture' }, metadata: { author: 'nobody', licence: 'MIT' } });
    const session = await InferenceSession.create(bytes);
    expect(session.inputNames).toEqual(['picture', 'conv.weight', 'conv.bias', 'running.mean']);
    expect(session.outputNames).toEqual(['scores', 'features']);
    const feeds = Object.fromEntries(Object.entries({ ...weights, picture: image }).map(([name, { shape, data }]) => [name, new Tensor('float32', data as Float32Array, shape)]));
    const results = await session.run(feeds);

    await using program = await eager.compile(step, inputs);
    await program.writeState(weights);
    const expected = await program.run({ image });
    const found = { logits: float(results.scores!.dims, ...(results.scores!.data as Float32Array)), features: float(results.features!.dims, ...(results.features!.data as Float32Array)) };
    expectClose(found, expected);
    expect(Buffer.from(bytes).includes('licence')).toBe(true);
    await session.release();
  });

  it('refuses two tensors of one name', () => {
    expect(() => toOnnx(step, inputs, { names: { logits: 'image' } })).toThrow(expect.objectContaining({ reason: 'step' }));
  });
});
