import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { createEagerEngine } from '../../src/engine/eager.ts';
import type { DType, Engine, HostTensor, HostTensors, InputSpecs, StepFunction, TensorRecord } from '../../src/engine/engine.ts';
import { allocate, sizeOf } from '../../src/engine/host-tensor.ts';
import { createOnnxRuntimeEngine } from '../../src/engine/onnxruntime.ts';

export const eager: Engine = createEagerEngine('cpu');
export const traced: Engine = await createOnnxRuntimeEngine({ threads: 2 });

export function float(shape: readonly number[], ...values: number[]): HostTensor {
  return { shape, dtype: 'float32', data: Float32Array.from(values) };
}

/** Values between `low` and `high` that depend on the key alone. */
export function uniform(key: string, shape: readonly number[], low = -2, high = 2): HostTensor {
  const random = new Random(key);
  return { shape, dtype: 'float32', data: Float32Array.from({ length: sizeOf(shape) }, () => random.between(low, high)) };
}

export function integers(key: string, shape: readonly number[], low: number, high: number): HostTensor {
  const random = new Random(key);
  return { shape, dtype: 'int32', data: Int32Array.from({ length: sizeOf(shape) }, () => low + random.integer(high - low)) };
}

export function booleans(key: string, shape: readonly number[]): HostTensor {
  const random = new Random(key);
  return { shape, dtype: 'bool', data: Uint8Array.from({ length: sizeOf(shape) }, () => random.integer(2)) };
}

export function zeros(shape: readonly number[], dtype: DType = 'float32'): HostTensor {
  return { shape, dtype, data: allocate(dtype, sizeOf(shape)) };
}

export function feedsOf(tensors: HostTensors): InputSpecs {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { kind: 'feed', shape, dtype }]));
}

/** Runs a step once on an engine, all inputs fed. */
export async function runOnce(engine: Engine, step: StepFunction, feeds: HostTensors): Promise<Record<string, HostTensor>> {
  await using program = await engine.compile(step, feedsOf(feeds));
  return await program.run(feeds); // the program must live until then
}

/** Fails unless shapes and types are equal, whole numbers too, and floats to `tolerance` (relative to 1 + |expected|). */
export function expectClose(found: HostTensors, expected: HostTensors, tolerance = 2e-5): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, { shape, dtype, data }] of Object.entries(expected)) {
    const other = found[name]!;
    expect({ name, shape: other.shape, dtype: other.dtype }).toEqual({ name, shape, dtype });
    const limit = dtype === 'float32' ? tolerance : 0;
    data.forEach((value, i) => {
      const deviation = Math.abs(other.data[i]! - value);
      const isEqual = Object.is(other.data[i], value) || deviation <= limit * (1 + Math.abs(value));
      if (!isEqual) throw new Error(`${name}[${i}] of [${shape.join(', ')}] is ${other.data[i]!}, expected ${value}`);
    });
  }
}

/** Random weights turn any record of outputs into one number, so that every element has a gradient of its own. */
function projection(outputs: TensorRecord): tf.Tensor {
  const terms: tf.Tensor[] = Object.entries(outputs).filter(([, tensor]) => tensor.dtype === 'float32').map(([name, tensor]) => {
    const weights = uniform(`weights of ${name}`, tensor.shape, 0.5, 1.5);
    return tf.sum(tf.mul(tensor, tf.tensor(weights.data, [...weights.shape])));
  });
  return tf.addN(terms);
}

/** A step's projected value and its gradients with respect to the float inputs, as `d NAME`. */
export function withGradients(step: StepFunction): StepFunction {
  return (inputs) => {
    const names = Object.keys(inputs).filter((name) => inputs[name]!.dtype === 'float32');
    const at = (...values: tf.Tensor[]): tf.Tensor => projection(step({ ...inputs, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) }));
    const { value, grads } = tf.valueAndGrads(at as (...values: tf.Tensor[]) => tf.Scalar)(names.map((name) => inputs[name]!));
    return { value, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, grads[i]!])) };
  };
}
