import * as l10n from '@vscode/l10n';
import { allocate, bytesOf, bytesPerElement, elementCount } from '../dtypes.ts';
import { FormatError } from '../errors.ts';
import type { RandomAccessFile } from '../random-access-file.ts';
import type { Tensor, TensorFile, TensorInfo } from '../tensor-file.ts';
import type { Layout } from './layout.ts';
import { readLegacyLayout } from './legacy-layout.ts';
import type { PickledTensor } from './pickled.ts';
import { gather, isContiguous, seenRange } from './strided.ts';
import { readZipLayout } from './zip-layout.ts';

/** Tensors may share storages; together they may take this many times the file's size, and this much in any case. */
const maxSharing = 8;
const alwaysAllowedBytes = 64 * 1024 * 1024;

/** An open file of `torch.save` with a state dict. Only its pickle is read at first, and then only the tensors asked for. */
export class PytorchFile implements TensorFile {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** What the file says about itself, and plain values beside its state dict, e.g. `epoch`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #file: RandomAccessFile;
  readonly #layout: Layout;

  private constructor(file: RandomAccessFile, layout: Layout) {
    this.#file = file;
    this.#layout = layout;
    const { tensors, notes } = layout.stateDict;
    this.tensors = new Map([...tensors].map(([name, { shape, storage }]) => [name, { name, dtype: storage.dtype, shape }]));
    this.metadata = { ...notes, ...layout.metadata };
  }

  /**
   * Takes an open file over; closes it when it cannot be read.
   * @throws FormatError
   */
  static async from(file: RandomAccessFile, format: Layout['format']): Promise<PytorchFile> {
    try {
      const layout = await (format === 'pytorch-zip' ? readZipLayout(file) : readLegacyLayout(file));
      await check(file, layout);
      return new PytorchFile(file, layout);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get path(): string {
    return this.#file.path;
  }

  get format(): Layout['format'] {
    return this.#layout.format;
  }

  async read(name: string): Promise<Tensor> {
    const tensor = this.#layout.stateDict.tensors.get(name);
    if (tensor === undefined) throw new FormatError('missing-tensor', this.path, l10n.t('holds no tensor "{0}".', name));
    const { dtype, begin } = tensor.storage;
    const { first, end } = seenRange(tensor);
    const seen = allocate(dtype, end - first);
    const start = await this.#layout.locate(tensor.storage);
    await this.#file.readInto(bytesOf(seen), start + (begin + first) * bytesPerElement(dtype)!);
    return { dtype, shape: [...tensor.shape], data: isContiguous(tensor) ? seen : gather(tensor, seen) };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Every storage is where it should be, and the tensors are not many times what the file holds. */
async function check(file: RandomAccessFile, { stateDict, locate }: Layout): Promise<void> {
  const located = new Set<string>();
  let bytes = 0;
  for (const tensor of stateDict.tensors.values()) {
    bytes += bytesOfTensor(tensor);
    if (located.has(tensor.storage.key)) continue;
    located.add(tensor.storage.key);
    await locate(tensor.storage);
  }
  if (bytes > Math.max(maxSharing * file.size, alwaysAllowedBytes)) {
    throw new FormatError('too-large', file.path, l10n.t('its tensors would take {0} bytes, the file has {1}.', bytes, file.size));
  }
}

function bytesOfTensor({ shape, storage }: PickledTensor): number {
  return elementCount(shape) * bytesPerElement(storage.dtype)!;
}
