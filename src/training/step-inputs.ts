/** The names under which a step's inputs and state go, e.g. `parameter/fuse1.fuse.weight`. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { HostTensor, HostTensors, InputSpec, InputSpecs, TensorRecord } from '../engine/engine.ts';
import { elementCount, type ParameterSpec } from '../nn/parameters.ts';

export type InputPrefix = 'parameter/' | 'statistic/' | 'moment1/' | 'moment2/' | 'teacher/' | 'taught/' | 'noise/' | 'noise/teacher/';

export function feeds(shapes: Readonly<Record<string, readonly number[]>>): Record<string, InputSpec> {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { kind: 'feed', shape }]));
}

export function state(shape: readonly number[]): InputSpec {
  return { kind: 'state', shape };
}

/** A parameter's own input name. */
export function inputName({ kind, name }: ParameterSpec): string {
  return kind === 'trainable' ? `parameter/${name}` : `statistic/${name}`;
}

/** A fixed tensor where its value is known; a state, to describe a step, where it is not. */
export function fixed({ name, shape }: ParameterSpec, weights: HostTensors | undefined): InputSpec {
  const value = weights?.[name];
  return value === undefined ? state(shape) : { kind: 'constant', value };
}

/** The tensors whose names have the prefix, without it. */
export function pick(tensors: TensorRecord, prefix: InputPrefix): TensorRecord {
  const chosen = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(chosen.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

export function prefixed(tensors: Readonly<Record<string, Tensor>>, prefix: InputPrefix): TensorRecord {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}

export function scalar(value: number): HostTensor {
  return { shape: [], dtype: 'float32', data: Float32Array.of(value) };
}

export interface StateShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What a step hands on to the next. */
export function statesOf(inputs: InputSpecs): StateShape[] {
  return Object.entries(inputs).flatMap(([name, spec]) => (spec.kind === 'state' ? [{ name, shape: spec.shape }] : []));
}

/** States before the first step: weights by plain names, moments of zeros. */
export function stateFrom(states: readonly StateShape[], weights: HostTensors, teacherWeights?: HostTensors): Record<string, HostTensor> {
  return Object.fromEntries(
    states.map(({ name, shape }) => {
      const [kind, key] = splitOnce(name);
      if (kind === 'moment1' || kind === 'moment2') return [name, { shape, dtype: 'float32', data: new Float32Array(elementCount(shape)) }];
      return [name, (kind === 'teacher' ? teacherWeights! : weights)[key]!];
    }),
  );
}

/** `kind/name`, where the name may have slashes of its own. */
export function splitOnce(name: string): [kind: string, name: string] {
  const slash = name.indexOf('/');
  return [name.slice(0, slash), name.slice(slash + 1)];
}
