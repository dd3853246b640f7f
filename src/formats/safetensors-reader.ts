import { open, type FileHandle } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import { allocate, bytesOf, elementCount, isDtype, toFloat32, type Dtype, type TensorData } from './dtypes.ts';
import { FormatError } from './errors.ts';
import { parseHeader, parseHeaderLength, type SafetensorsHeader, type TensorEntry } from './safetensors-header.ts';

/** The system reads at most 2 GiB at once. */
const maxReadBytes = 2 ** 30;

export interface Tensor {
  dtype: Dtype;
  shape: number[];
  data: TensorData;
}

/** An open safetensors file. Only the header is read at first, and then only the tensors asked for. */
export class SafetensorsFile {
  readonly #handle: FileHandle;

  private constructor(
    readonly path: string,
    readonly header: SafetensorsHeader,
    handle: FileHandle,
  ) {
    this.#handle = handle;
  }

  /**
   * Opens a file and checks its header against the file's size.
   * @throws FormatError
   */
  static async open(path: string): Promise<SafetensorsFile> {
    const handle = await open(path, 'r').catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    try {
      return new SafetensorsFile(path, await readHeader(handle, path), handle);
    } catch (error) {
      await handle.close();
      throw error instanceof FormatError ? error : unreadable(path, error);
    }
  }

  get names(): string[] {
    return [...this.header.tensors.keys()];
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.header.metadata;
  }

  has(name: string): boolean {
    return this.header.tensors.has(name);
  }

  /**
   * Reads one tensor as it is stored (F16 and BF16 as bits).
   * @throws FormatError `missing-tensor`, `unsupported`, `truncated`, `unreadable`
   */
  async read(name: string): Promise<Tensor> {
    const entry = this.#entry(name);
    const { dtype } = entry;
    if (!isDtype(dtype)) throw new FormatError('unsupported', this.path, l10n.t('tensor "{0}" has type {1}, which is not supported.', name, dtype));
    const data = allocate(dtype, elementCount(entry.shape));
    await readFully(this.#handle, bytesOf(data), this.header.dataStart + entry.begin, this.path);
    return { dtype, shape: [...entry.shape], data };
  }

  /**
   * Reads one tensor as float32 (see `toFloat32`).
   * @throws FormatError as `read`
   */
  async readFloat32(name: string): Promise<{ shape: number[]; data: Float32Array }> {
    const { dtype, shape, data } = await this.read(name);
    return { shape, data: toFloat32(dtype, data) };
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #entry(name: string): TensorEntry {
    const entry = this.header.tensors.get(name);
    if (entry === undefined) throw new FormatError('missing-tensor', this.path, l10n.t('holds no tensor "{0}".', name));
    return entry;
  }
}

/** Opens, uses and closes a file. */
export async function withSafetensors<T>(path: string, use: (file: SafetensorsFile) => Promise<T>): Promise<T> {
  const file = await SafetensorsFile.open(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function readHeader(handle: FileHandle, path: string): Promise<SafetensorsHeader> {
  const { size } = await handle.stat();
  const prefix = new Uint8Array(Math.min(8, size));
  await readFully(handle, prefix, 0, path);
  const json = new Uint8Array(parseHeaderLength(prefix, size, path));
  await readFully(handle, json, 8, path);
  return parseHeader(json, size, path);
}

async function readFully(handle: FileHandle, target: Uint8Array, position: number, path: string): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(target.length - done, maxReadBytes);
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0) throw new FormatError('truncated', path, l10n.t('ends at byte {0}, expected at least {1}.', position + done, position + target.length));
    done += bytesRead;
  }
}

function unreadable(path: string, cause: unknown): FormatError {
  return new FormatError('unreadable', path, l10n.t('cannot be read: {0}', messageOf(cause)), { cause });
}
