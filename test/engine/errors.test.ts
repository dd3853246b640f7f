import * as tf from '@tensorflow/tfjs-core';
import { describe as group, expect, it } from 'vitest';
import type { InputSpecs, StepFunction } from '../../src/engine/engine.ts';
import { EngineError, type EngineErrorReason } from '../../src/engine/errors.ts';
import { trace } from '../../src/engine/trace/trace.ts';
import { float, traced } from './support.ts';

const inputs: InputSpecs = { x: { kind: 'feed', shape: [2, 3] }, w: { kind: 'state', shape: [2] } };

/** The error that tracing a step gives; its place must be the line of this file that the step marks with `here()`. */
function failure(step: (marked: () => void) => StepFunction): { reason: EngineErrorReason; operation: string | undefined; message: string } {
  let line = '';
  const here = (): void => { line = /errors\.test\.ts:(\d+):/.exec(new Error('mark').stack!.split('\n')[2]!)![1]!; };
  let caught: unknown;
  try {
    trace(step(here), inputs);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(EngineError);
  const error = caught as EngineError;
  expect(error.place, error.message).toMatch(new RegExp(`errors\\.test\\.ts:${line}:\\d+$`));
  expect(error.message).toContain(error.place);
  return { reason: error.reason, operation: error.operation, message: error.message };
}

group('an error in a step names the operation and the place', () => {
  it('for an operation that cannot be recorded', () => {
    expect(failure((here) => ({ x }) => { here(); return { y: tf.topk(x!, 2).values }; })).toMatchObject({ reason: 'unsupported-operation', operation: 'topk', message: expect.stringContaining('TopK') as string });
  });

  it('for a form of an operation that cannot be recorded', () => {
    const step = (here: () => void): StepFunction => ({ x }) => { here(); return { y: tf.gather(tf.tile(x!, [1, 1]), tf.zeros([2, 1], 'int32'), 1, 1) }; };
    expect(failure(step)).toMatchObject({ reason: 'unsupported-operation', operation: 'gather', message: expect.stringContaining('batchDims') as string });
  });

  it('for an operation without a gradient', () => {
    const step = (here: () => void): StepFunction => ({ x }) => { here(); return { y: tf.grad((v: tf.Tensor) => tf.sum(tf.all(tf.cast(v, 'bool'))))(x!) }; };
    expect(failure(step)).toMatchObject({ reason: 'unsupported-operation' });
  });

  it.each(['randomUniform', 'randomNormal', 'truncatedNormal'] as const)('for %s', (operation) => {
    expect(failure((here) => ({ x }) => { here(); return { y: tf.add(x!, tf[operation]([2, 3])) }; })).toMatchObject({ reason: 'random-operation', operation });
  });

  it('for dropout', () => {
    expect(failure((here) => ({ x }) => { here(); return { y: tf.dropout(x!, 0.5) }; })).toMatchObject({ reason: 'random-operation' });
  });

  it('for a value that is read', () => {
    expect(failure((here) => ({ x }) => { here(); return { y: tf.mul(x!, tf.max(x!).dataSync()[0]!) }; })).toMatchObject({ reason: 'value-read-in-step' });
  });

  it('for shapes that do not fit', () => {
    expect(failure((here) => ({ x }) => { here(); return { y: tf.matMul(x!, x!) }; })).toMatchObject({ reason: 'shape', operation: 'matMul' });
    expect(failure((here) => ({ x }) => { here(); return { y: tf.add(x!, tf.zeros([5])) }; })).toMatchObject({ reason: 'shape', operation: 'add' });
    expect(failure((here) => ({ x }) => { here(); return { y: tf.slice(x!, [0, 2], [2, 2]) }; })).toMatchObject({ reason: 'shape', operation: 'slice' });
    expect(failure((here) => ({ x }) => { here(); return { y: tf.concat([x!, tf.zeros([4, 4])], 0) }; })).toMatchObject({ reason: 'shape', operation: 'concat' });
    expect(failure((here) => ({ x }) => { here(); return { y: tf.reshape(x!, [5]) }; })).toMatchObject({ reason: 'shape', operation: 'reshape' });
  });

  it('for shapes that do not fit inside a gradient', () => {
    const mistaken = tf.customGrad((v) => ({ value: tf.sum(v as tf.Tensor), gradFunc: () => tf.zeros([5]) }));
    const step = (here: () => void): StepFunction => ({ x }) => { here(); return { y: tf.grad((v: tf.Tensor) => mistaken(v))(x!) }; };
    expect(failure(step)).toMatchObject({ reason: 'step' });
  });
});

group('other refusals', () => {
  const refusal = (step: StepFunction): unknown => { try { trace(step, inputs); return undefined; } catch (error) { return error; } };

  it('passes on what the step itself throws', () => {
    const own = new RangeError('a rule of its own');
    expect(refusal(() => { throw own; })).toBe(own);
  });

  it('wants a record of tensors', () => {
    expect(refusal(({ x }) => x as never)).toMatchObject({ reason: 'step' });
    expect(refusal(() => ({ y: 3 }) as never)).toMatchObject({ reason: 'step', message: 'The output "y" of the step is no tensor.' });
    expect(refusal((async () => Promise.resolve({})) as never)).toMatchObject({ reason: 'step' });
  });

  it('wants the next value of a state to have the shape of the state', () => {
    expect(refusal(({ x }) => ({ w: x! }))).toMatchObject({ reason: 'shape', message: 'The next value of the state "w" is float32 [2, 3], expected float32 [2].' });
  });

  it('refuses an output with the name of a feed', () => {
    expect(refusal(({ x }) => ({ x: x! }))).toMatchObject({ reason: 'step' });
  });

  it('refuses a tensor that a step kept from an earlier trace', () => {
    let kept: tf.Tensor | undefined;
    const step: StepFunction = ({ x }) => ({ y: (kept ??= tf.keep(tf.exp(x!))) });
    expect(refusal(step)).toBeUndefined();
    expect(refusal(step)).toMatchObject({ reason: 'step' });
    kept!.dispose();
  });

  it('leaves tfjs as it was after a failed trace', () => {
    const before = { backend: tf.getBackend(), tensors: tf.memory().numTensors };
    refusal(({ x }) => ({ y: tf.matMul(x!, x!) }));
    expect({ backend: tf.getBackend(), tensors: tf.memory().numTensors }).toEqual(before);
  });

  it('names what is wrong with the inputs of a program', async () => {
    await using program = await traced.compile(({ x, w }) => ({ w: tf.add(w!, tf.sum(x!)) }), inputs);
    const x = float([2, 3], 1, 2, 3, 4, 5, 6);
    await expect(program.run({ x })).rejects.toMatchObject({ reason: 'state-missing', message: 'The state "w" was never written (1 missing).' });
    await expect(program.readState()).rejects.toMatchObject({ reason: 'state-missing' });
    await expect(program.writeState({ v: float([2], 1, 2) })).rejects.toMatchObject({ reason: 'unknown-input', message: 'The program has no state "v"; it has: w.' });
    await expect(program.writeState({ w: float([3], 1, 2, 3) })).rejects.toMatchObject({ reason: 'shape', message: '"w" is float32 [3], expected float32 [2].' });
    await expect(program.writeState({ w: float([2], 1) })).rejects.toMatchObject({ reason: 'shape', message: '"w" has 1 values in a Float32Array, expected float32 [2].' });
    await program.writeState({ w: float([2], 1, 2) });
    await expect(program.run({})).rejects.toMatchObject({ reason: 'feed-missing', message: 'The run was given no "x".' });
    await expect(program.run({ x, z: x })).rejects.toMatchObject({ reason: 'unknown-input' });
    await expect(program.run({ x: { ...x, dtype: 'int32' } })).rejects.toMatchObject({ reason: 'shape' });
    await expect(program.readState(['x'])).rejects.toMatchObject({ reason: 'unknown-input' });
    expect(await program.readState()).toEqual({ w: float([2], 1, 2) });
    const first = program.run({ x });
    await expect(program.run({ x })).rejects.toMatchObject({ reason: 'busy' });
    await first;
    expect(await program.readState()).toEqual({ w: float([2], 22, 23) });
    await program.dispose();
    await expect(program.run({ x })).rejects.toMatchObject({ reason: 'disposed' });
  });

  it('gives the runtime\'s own words when the runtime fails, and keeps the state', async () => {
    await using program = await traced.compile(({ index, w }) => ({ w: tf.add(w!, 1), y: tf.gather(w!, index!) }), { index: { kind: 'feed', shape: [1], dtype: 'int32' }, w: { kind: 'state', shape: [2] } });
    await program.writeState({ w: float([2], 1, 2) });
    const index = { shape: [1], dtype: 'int32', data: Int32Array.of(7) } as const;
    await expect(program.run({ index })).rejects.toMatchObject({ reason: 'runtime', message: expect.stringContaining('indices element out of data bounds') as string });
    expect(await program.readState()).toEqual({ w: float([2], 1, 2) });
  });
});
