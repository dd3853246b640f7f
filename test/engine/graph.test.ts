import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { InputSpecs, StepFunction } from '../../src/engine/engine.ts';
import { evaluationOrder } from '../../src/engine/trace/graph.ts';
import { trace } from '../../src/engine/trace/trace.ts';
import { float, uniform } from './support.ts';

const inputs: InputSpecs = { x: { kind: 'feed', shape: [2, 3] }, w: { kind: 'constant', value: float([3, 2], 1, 2, 3, 4, 5, 6) } };

function operations(step: StepFunction, specs: InputSpecs = inputs): string[] {
  return evaluationOrder(trace(step, specs).outputs.map((output) => output.value)).map((node) => node.operation);
}

describe('a traced graph', () => {
  it('computes equal things once', () => {
    expect(operations(({ x }) => ({ y: tf.add(tf.exp(tf.mul(x!, 2)), tf.exp(tf.mul(x!, 2))) }))).toEqual(['Mul', 'Exp', 'Add']);
  });

  it('holds equal constants once', () => {
    const { outputs } = trace(({ x }) => ({ a: tf.mul(x!, tf.tensor1d([1, 2, 3])), b: tf.add(x!, tf.tensor1d([1, 2, 3])) }), inputs);
    const constants = evaluationOrder(outputs.map((output) => output.value)).map((node) => node.inputs[1]);
    expect(constants[0]).toBe(constants[1]);
  });

  it('leaves out what no output needs', () => {
    expect(operations(({ x }) => { tf.matMul(tf.exp(x!), tf.transpose(x!)); return { y: tf.neg(x!) }; })).toEqual(['Neg']);
  });

  it('computes with constants while it is traced', () => {
    expect(operations(({ x, w }) => ({ y: tf.add(x!, tf.transpose(tf.sqrt(tf.mul(w!, tf.tensor1d([2, 3]))))) }))).toEqual(['Add']);
    const { outputs } = trace(({ w }) => ({ y: tf.transpose(tf.sub(tf.mul(w!, w!), 1)) }), inputs);
    expect(outputs[0]!.value).toMatchObject({ kind: 'constant', shape: [2, 3], data: Float32Array.of(0, 8, 24, 3, 15, 35) });
  });

  it('drops neutral operands and cancelling layout changes', () => {
    expect(operations(({ x }) => ({ y: tf.transpose(tf.reshape(tf.mul(tf.add(tf.transpose(x!), 0), 1), [3, 2, 1]), [1, 0, 2]) }))).toEqual(['Reshape']);
  });

  it('leaves broadcasts to the operation that needs them', () => {
    expect(operations(({ x }) => ({ y: tf.mul(tf.tile(tf.slice(x!, [0, 0], [1, 3]), [2, 1]), x!) }))).toEqual(['Slice', 'Mul']);
  });

  it('adds up a broadcast at once when it is differentiated', () => {
    const ofMean = (v: tf.Tensor): tf.Tensor => tf.grad((u: tf.Tensor) => tf.mean(tf.square(u)))(v);
    const twice: StepFunction = ({ x }) => ({ y: tf.grad((v: tf.Tensor) => tf.sum(tf.square(ofMean(tf.tile(v, [4, 1])))))(x!) });
    expect(operations(twice)).not.toContain('Slice');
  });

  it('evaluates what the first output needs first', () => {
    const step = (order: string[]): StepFunction => ({ x }) => {
      const all: Record<string, tf.Tensor> = { a: tf.exp(x!), b: tf.neg(x!) };
      return Object.fromEntries(order.map((name) => [name, all[name]!]));
    };
    expect(operations(step(['a', 'b']))).toEqual(['Exp', 'Neg']);
    expect(operations(step(['b', 'a']))).toEqual(['Neg', 'Exp']);
  });

  it('takes over constants that a step keeps between traces', () => {
    let kept: tf.Tensor | undefined;
    const step: StepFunction = ({ x }) => ({ y: tf.add(x!, (kept ??= tf.keep(tf.tensor1d([1, 2, 3])))) });
    expect(operations(step)).toEqual(['Add']);
    expect(operations(step)).toEqual(['Add']);
    expect(Array.from(kept!.dataSync())).toEqual([1, 2, 3]);
    kept!.dispose();
  });

  it('broadcasts constants that it computes with', () => {
    const grid = float([2, 3], 1, 2, 3, 4, 5, 6);
    const { outputs } = trace(({ w, row, column }) => ({ a: tf.mul(w!, row!), b: tf.sub(tf.transpose(w!), tf.transpose(column!)), c: tf.mul(column!, row!), d: tf.maximum(tf.transpose(w!), 3) }), {
      w: { kind: 'constant', value: grid }, row: { kind: 'constant', value: float([3], 1, 10, 100) }, column: { kind: 'constant', value: float([2, 1], 1, 2) },
    });
    const valuesOf = (name: string): unknown => { const value = outputs.find((output) => output.name === name)!.value; return value.kind === 'constant' ? Array.from(value.data as Float32Array) : value.kind; };
    expect(valuesOf('a')).toEqual([1, 20, 300, 4, 50, 600]);
    expect(valuesOf('b')).toEqual([0, 2, 1, 3, 2, 4]);
    expect(valuesOf('c')).toEqual([1, 10, 100, 2, 20, 200]);
    expect(valuesOf('d')).toEqual([3, 4, 3, 5, 3, 6]);
  });

  it('leaves tfjs on the backend that it would have chosen', () => {
    expect(tf.getBackend()).toBe('cpu');
    expect(Array.from(tf.add(tf.tensor1d([1]), 2).dataSync())).toEqual([3]);
  });

  it('folds a frozen batch norm into its convolution', () => {
    const frozen: InputSpecs = {
      x: { kind: 'feed', shape: [1, 4, 4, 2] },
      w: { kind: 'constant', value: uniform('w', [3, 2, 3, 3]) },
      scale: { kind: 'constant', value: uniform('s', [3]) },
    };
    const folded = operations(({ x, w, scale }) => ({ y: tf.conv2d(x as tf.Tensor4D, tf.mul(tf.transpose(w!, [2, 3, 1, 0]), scale!), 1, 'same') }), frozen);
    expect(folded).toEqual(['Transpose', 'Conv', 'Transpose']); // NHWC at the boundary, NCHW inside
  });
});
