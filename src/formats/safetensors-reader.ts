import * as l10n from '@vscode/l10n';
import { allocate, bytesOf, elementCount, isDtype } from './dtypes.ts';
import { FormatError } from './errors.ts';
import { RandomAccessFile } from './random-access-file.ts';
import { parseHeader, parseHeaderLength, type SafetensorsHeader, type TensorEntry } from './safetensors-header.ts';
import type { Tensor, TensorFile } from './tensor-file.ts';

/** An open safetensors file. Only the header is read at first, and then only the tensors asked for. */
export class SafetensorsFile implements TensorFile {
  readonly format = 'safetensors';
  readonly #file: RandomAccessFile;

  private constructor(
    readonly path: string,
    readonly header: SafetensorsHeader,
    file: RandomAccessFile,
  ) {
    this.#file = file;
  }

  /**
   * Opens a file and checks its header against the file's size.
   * @throws FormatError
   */
  static async open(path: string): Promise<SafetensorsFile> {
    return SafetensorsFile.from(await RandomAccessFile.open(path));
  }

  /**
   * Takes an open file over; closes it when it cannot be read.
   * @throws FormatError
   */
  static async from(file: RandomAccessFile): Promise<SafetensorsFile> {
    try {
      return new SafetensorsFile(file.path, await readHeader(file), file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get names(): string[] {
    return [...this.header.tensors.keys()];
  }

  get tensors(): ReadonlyMap<string, TensorEntry> {
    return this.header.tensors;
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
    await this.#file.readInto(bytesOf(data), this.header.dataStart + entry.begin);
    return { dtype, shape: [...entry.shape], data };
  }

  async close(): Promise<void> {
    await this.#file.close();
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

async function readHeader(file: RandomAccessFile): Promise<SafetensorsHeader> {
  const { path, size } = file;
  const headerBytes = parseHeaderLength(await file.read(0, Math.min(8, size)), size, path);
  return parseHeader(await file.read(8, headerBytes), size, path);
}
