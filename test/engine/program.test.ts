import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { HostTensor, InputSpecs, Program, StepFunction } from '../../src/engine/engine.ts';
import { createOnnxRuntimeEngine } from '../../src/engine/onnxruntime.ts';
import { eager, expectClose, float, integers, traced, uniform, zeros } from './support.ts';

const inputs: InputSpecs = {
  image: { kind: 'feed', shape: [4, 16, 16, 3] },
  rate: { kind: 'feed', shape: [] },
  weight: { kind: 'state', shape: [8, 3, 3, 3] },
  moment: { kind: 'state', shape: [8, 3, 3, 3] },
  untouched: { kind: 'state', shape: [3], dtype: 'int32' },
  head: { kind: 'constant', value: uniform('head', [8]) },
};

const step: StepFunction = ({ image, rate, weight, moment, head }) => {
  const loss = (w: tf.Tensor): tf.Scalar => {
    const features = tf.relu(tf.conv2d(image as tf.Tensor4D, tf.transpose(w as tf.Tensor4D, [2, 3, 1, 0]), 1, 'same'));
    return tf.mean(tf.square(tf.sub(tf.sum(tf.mul(features, head!), 3), 1)));
  };
  const { value, grads } = tf.valueAndGrads(loss)([weight!]);
  const next = tf.add(tf.mul(moment!, 0.9), grads[0]!);
  return { loss: value, moment: next, weight: tf.sub(weight!, tf.mul(rate!, next)) };
};

const start = { weight: uniform('weight', [8, 3, 3, 3], -0.3, 0.3), moment: zeros([8, 3, 3, 3]), untouched: integers('untouched', [3], -9, 9) };
const feeds = (i: number): Record<string, HostTensor> => ({ image: uniform(`image ${i}`, [4, 16, 16, 3]), rate: float([], 0.01) });

async function lossesOf(program: Program, steps: number): Promise<Float32Array> {
  await program.writeState(start);
  const losses = new Float32Array(steps);
  for (let i = 0; i < steps; i++) losses[i] = (await program.run(feeds(i % 4))).loss!.data[0]!;
  return losses;
}

describe('a program of onnxruntime', () => {
  it('passes the state on from run to run, as the eager engine does', async () => {
    await using a = await traced.compile(step, inputs);
    await using b = await eager.compile(step, inputs);
    const [found, expected] = [await lossesOf(a, 5), await lossesOf(b, 5)];
    expectClose({ losses: { shape: [5], dtype: 'float32', data: found } }, { losses: { shape: [5], dtype: 'float32', data: expected } });
    expectClose(await a.readState(), await b.readState());
    expect(found[4]).toBeLessThan(found[0]!);
  });

  it('gives bit-equal results run after run', async () => {
    await using a = await traced.compile(step, inputs);
    await using b = await traced.compile(step, inputs);
    const first = await lossesOf(a, 4);
    expect(await lossesOf(a, 4)).toEqual(first);
    expect(await lossesOf(b, 4)).toEqual(first);
    expect(await a.readState()).toEqual(await b.readState());
  });

  it('gives back exactly the state that it was given, as a copy', async () => {
    await using program = await traced.compile(step, inputs);
    const odd = { ...start, weight: { ...start.weight, data: start.weight.data.slice() } };
    odd.weight.data.set([NaN, -0, Infinity, 1e-45, 3.4e38]);
    await program.writeState(odd);
    expect(await program.readState()).toEqual(odd);
    const copy = await program.readState(['weight']);
    copy.weight!.data.fill(0);
    odd.weight.data.fill(1);
    expect((await program.readState(['weight'])).weight!.data[4]).toBe(Math.fround(3.4e38));
    await program.writeState({ moment: uniform('other', [8, 3, 3, 3]) });
    expect((await program.readState()).untouched).toEqual(start.untouched);
  });

  it('does not change outputs that were returned earlier', async () => {
    await using program = await traced.compile(step, inputs);
    await program.writeState(start);
    const first = await program.run(feeds(0));
    const loss = first.loss!.data[0];
    await program.run(feeds(1));
    await program.run(feeds(2));
    expect(first.loss!.data[0]).toBe(loss);
  });

  it('returns inputs and constants that a step passes through', async () => {
    await using program = await traced.compile(({ x, s, c }) => ({ same: x!, s: s!, c2: c!, number: tf.scalar(3), twice: x! }), {
      x: { kind: 'feed', shape: [2] }, s: { kind: 'state', shape: [2] }, c: { kind: 'constant', value: float([2], 5, 6) },
    });
    await program.writeState({ s: float([2], 3, 4) });
    for (let i = 0; i < 3; i++) {
      expect(await program.run({ x: float([2], 1, 2) })).toEqual({ same: float([2], 1, 2), c2: float([2], 5, 6), number: float([], 3), twice: float([2], 1, 2) });
    }
    expect(await program.readState()).toEqual({ s: float([2], 3, 4) });
  });

  it('swaps two states', async () => {
    await using program = await traced.compile(({ a, b }) => ({ a: b!, b: a! }), { a: { kind: 'state', shape: [1] }, b: { kind: 'state', shape: [1] } });
    await program.writeState({ a: float([1], 1), b: float([1], 2) });
    await program.run({});
    expect(await program.readState()).toEqual({ a: float([1], 2), b: float([1], 1) });
    await program.run({});
    expect(await program.readState()).toEqual({ a: float([1], 1), b: float([1], 2) });
  });

  it.each(['fast', 'lean'] as const)('keeps its memory flat over 200 runs (%s)', async (memory) => {
    const engine = await createOnnxRuntimeEngine({ threads: 2, memory });
    await using program = await engine.compile(step, inputs);
    await lossesOf(program, 40);
    const before = process.memoryUsage().rss;
    await lossesOf(program, 200);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(24);
  });

  it('says where and with what it computes', () => {
    expect(traced).toMatchObject({ name: 'onnxruntime', device: 'CPU, 2 threads', versions: { onnxruntime: expect.stringMatching(/^1\.30\./) as string } });
  });
});
