import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { createEagerEngine } from '../../src/engine/eager.ts';
import type { HostTensor, InputSpecs, StepFunction } from '../../src/engine/engine.ts';

const float = (shape: number[], ...values: number[]): HostTensor => ({ shape, dtype: 'float32', data: Float32Array.from(values) });

const inputs: InputSpecs = {
  x: { kind: 'feed', shape: [2] },
  weight: { kind: 'state', shape: [2] },
  scale: { kind: 'constant', value: float([], 10) },
};
const step: StepFunction = ({ x, weight, scale }) => {
  const { value, grads } = tf.valueAndGrads((w: tf.Tensor) => tf.sum(tf.mul(tf.mul(w, x!), scale!)))([weight!]);
  return { loss: value, weight: tf.sub(weight!, grads[0]!) };
};

describe('the eager engine', () => {
  it('advances the state and returns the other outputs', async () => {
    await using program = await createEagerEngine('cpu').compile(step, inputs);
    await program.writeState({ weight: float([2], 1, 2) });
    expect(await program.run({ x: float([2], 3, 4) })).toEqual({ loss: float([], 110) });
    expect(await program.readState()).toEqual({ weight: float([2], -29, -38) });
  });

  it('leaks no tensor', async () => {
    const program = await createEagerEngine('cpu').compile(step, inputs);
    await program.writeState({ weight: float([2], 1, 2) });
    await program.run({ x: float([2], 3, 4) });
    const before = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) await program.run({ x: float([2], 3, 4) });
    expect(tf.memory().numTensors).toBe(before);
    await program.dispose();
    expect(tf.memory().numTensors).toBe(before - 2);
  });

  it('leaves the state as it was when the step throws', async () => {
    await using program = await createEagerEngine('cpu').compile(() => { throw new RangeError('no'); }, inputs);
    await program.writeState({ weight: float([2], 1, 2) });
    await expect(program.run({ x: float([2], 3, 4) })).rejects.toThrow('no');
    expect(await program.readState()).toEqual({ weight: float([2], 1, 2) });
  });

  it('refuses an unknown backend by name', () => {
    expect(() => createEagerEngine('abacus')).toThrow(expect.objectContaining({ reason: 'runtime', message: 'The tfjs backend "abacus" is not registered.' }));
  });
});
