/**
 * What a pickle of tensors is made of. Python's objects become plain data; nothing of a pickle is ever run.
 */
import type { Dtype } from '../dtypes.ts';

export type Pickled = null | boolean | number | bigint | string | PickledContainer | PickledGlobal | PickledStorage | PickledTensor | PickledParameter;

export type PickledContainer = PickledList | PickledTuple | PickledDict;

export interface PickledList {
  readonly kind: 'list';
  readonly items: Pickled[];
}

export interface PickledTuple {
  readonly kind: 'tuple';
  readonly items: readonly Pickled[];
}

/** A dict or an OrderedDict. A key may come twice: the last one counts, as in Python. */
export interface PickledDict {
  readonly kind: 'dict';
  readonly ordered: boolean;
  readonly pairs: (readonly [key: Pickled, value: Pickled])[];
}

/** One of the few names of Python that a pickle of tensors needs. */
export interface PickledGlobal {
  readonly kind: 'global';
  readonly name: GlobalName;
  /** Of a storage class. */
  readonly dtype?: Dtype;
}

export type GlobalName = 'ordered-dict' | 'size' | 'rebuild-tensor' | 'rebuild-parameter' | 'parameter' | 'storage';

/** A flat array that tensors are views of. */
export interface PickledStorage {
  readonly kind: 'storage';
  readonly dtype: Dtype;
  readonly key: string;
  /** Of the array that the file holds under `key`. */
  readonly elements: number;
  /** Where this storage begins in that array: old files have storages that are views of others. */
  readonly begin: number;
  /** Elements of the view. */
  readonly length: number;
}

/** A view of a storage: element (i, j, …) is at offset + i·strides[0] + j·strides[1] + … */
export interface PickledTensor {
  readonly kind: 'tensor';
  readonly storage: PickledStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A parameter of PyTorch before 0.4, which is made empty and gets its tensor afterwards. */
export interface PickledParameter {
  readonly kind: 'parameter';
  tensor: PickledTensor | undefined;
}

export function isObject(value: Pickled | undefined): value is Exclude<Pickled, null | boolean | number | bigint | string> {
  return typeof value === 'object' && value !== null;
}

/** The tensor of a value, if it is one. */
export function tensorOf(value: Pickled | undefined): PickledTensor | undefined {
  if (!isObject(value)) return undefined;
  if (value.kind === 'tensor') return value;
  return value.kind === 'parameter' ? value.tensor : undefined;
}
