import { toFloat32, type Dtype, type TensorData } from './dtypes.ts';

/** A tensor in memory. */
export interface Tensor {
  dtype: Dtype;
  shape: number[];
  data: TensorData;
}

/** What is known of a tensor without reading it. */
export interface TensorInfo {
  readonly name: string;
  /** By its safetensors name; `isDtype` tells whether it can be read. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

export type TensorFileFormat = 'safetensors' | 'pytorch-zip' | 'pytorch-legacy';

/** An open file of named tensors, of whatever format: its list is read and checked, its data is read tensor by tensor. */
export interface TensorFile {
  readonly path: string;
  readonly format: TensorFileFormat;
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * One tensor as it is stored (F16 and BF16 as bits), contiguous.
   * @throws FormatError `missing-tensor`, `unsupported`, `truncated`, `unreadable`
   */
  read(name: string): Promise<Tensor>;
  close(): Promise<void>;
}

/**
 * Reads one tensor as float32 (see `toFloat32`).
 * @throws FormatError as `TensorFile.read`
 */
export async function readFloat32(file: TensorFile, name: string): Promise<{ shape: number[]; data: Float32Array }> {
  const { dtype, shape, data } = await file.read(name);
  return { shape, data: toFloat32(dtype, data) };
}
