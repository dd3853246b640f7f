/**
 * Element types by their safetensors names. Data is little-endian, like every machine Node runs on,
 * so bytes and typed arrays are views of one another. F16 and BF16 are kept as their bits; BOOL as 0 and 1.
 */
import { decodeBfloat16, decodeFloat16 } from './float16.ts';

const arrays = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type Dtype = keyof typeof arrays;
/** The typed array that holds elements of type `D`. */
export type TensorData<D extends Dtype = Dtype> = ArrayOf[D];

interface ArrayOf extends Record<Dtype, ArrayBufferView> {
  F64: Float64Array;
  F32: Float32Array;
  F16: Uint16Array;
  BF16: Uint16Array;
  I64: BigInt64Array;
  I32: Int32Array;
  I16: Int16Array;
  I8: Int8Array;
  U8: Uint8Array;
  BOOL: Uint8Array;
}

/** Bytes an element, of all types a safetensors file may name; those outside `Dtype` are sized, not read. */
const bytesByName: Record<string, number> = { F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1 };

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(arrays, name);
}

/** Bytes an element; undefined for a name that is no element type. */
export function bytesPerElement(dtype: string): number | undefined {
  return Object.hasOwn(bytesByName, dtype) ? bytesByName[dtype] : undefined;
}

/** A zeroed array of `length` elements. */
export function allocate<D extends Dtype>(dtype: D, length: number): TensorData<D> {
  return new arrays[dtype](length) as TensorData<D>;
}

/** The bytes of an array, not copied. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The values as float32: F32 as it is (not copied), F16 and BF16 exactly, integers and F64 rounded to nearest. */
export function toFloat32(dtype: Dtype, data: TensorData): Float32Array {
  if (dtype === 'F16') return decodeFloat16(data as Uint16Array);
  if (dtype === 'BF16') return decodeBfloat16(data as Uint16Array);
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  return Float32Array.from(data);
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
