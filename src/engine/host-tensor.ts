import * as l10n from '@vscode/l10n';
import type { DType, HostTensor, InputSpec, TensorData } from './engine.ts';
import { EngineError } from './errors.ts';

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** A zeroed array of a type's own kind. */
export function allocate(dtype: DType, length: number): TensorData {
  switch (dtype) {
    case 'float32': return new Float32Array(length);
    case 'int32': return new Int32Array(length);
    case 'bool': return new Uint8Array(length);
  }
}

function holds(dtype: DType, data: TensorData): boolean {
  switch (dtype) {
    case 'float32': return data instanceof Float32Array;
    case 'int32': return data instanceof Int32Array;
    case 'bool': return data instanceof Uint8Array;
  }
}

export interface TensorType {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** The shape and type of what an input takes. */
export function typeOf(spec: InputSpec): TensorType {
  return spec.kind === 'constant' ? spec.value : { shape: spec.shape, dtype: spec.dtype ?? 'float32' };
}

/** How messages print a type: `float32 [2, 3]`. */
export function describeType({ shape, dtype }: TensorType): string {
  return `${dtype} [${shape.join(', ')}]`;
}

/** @throws {EngineError} `shape` unless the tensor has the expected type and as many values as its shape says. */
export function checkTensor(name: string, tensor: HostTensor, expected: TensorType): void {
  if (tensor.dtype !== expected.dtype || !sameShape(tensor.shape, expected.shape)) {
    throw new EngineError('shape', l10n.t('"{0}" is {1}, expected {2}.', name, describeType(tensor), describeType(expected)));
  }
  if (!holds(tensor.dtype, tensor.data) || tensor.data.length !== sizeOf(tensor.shape)) {
    throw new EngineError('shape', l10n.t('"{0}" has {1} values in a {2}, expected {3}.', name, tensor.data.length, tensor.data.constructor.name, describeType(expected)));
  }
}
