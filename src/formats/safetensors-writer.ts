import * as l10n from '@vscode/l10n';
import { AtomicFile } from './atomic-file.ts';
import { bytesOf, bytesPerElement, elementCount, type Dtype, type TensorData } from './dtypes.ts';
import { FormatError } from './errors.ts';
import { encodeHeader, maxHeaderBytes, type TensorEntry } from './safetensors-header.ts';

/** A tensor to be written. `data` may be made when its turn comes, so that a checkpoint is never in memory twice. */
export interface TensorSource {
  name: string;
  dtype: Dtype;
  shape: readonly number[];
  data: TensorData | (() => TensorData | Promise<TensorData>);
}

/** Takes bytes in order; `AtomicFile` is one. A chunk may be overwritten once its promise is fulfilled. */
export interface ByteSink {
  readonly path: string;
  write(bytes: Uint8Array): Promise<void>;
}

/**
 * Places tensors one after another: wider elements first, so that each begins at a multiple of its element's size, and
 * in the given order among equals.
 * @throws FormatError `bad-tensor` for a name that comes twice or is reserved
 */
export function layOut(tensors: readonly TensorSource[], file: string): { source: TensorSource; entry: TensorEntry }[] {
  const names = new Set<string>(['__metadata__']);
  const ordered = [...tensors].sort((a, b) => bytesPerElement(b.dtype)! - bytesPerElement(a.dtype)!);
  let position = 0;
  return ordered.map((source) => {
    if (names.has(source.name)) throw new FormatError('bad-tensor', file, l10n.t('the tensor name "{0}" is taken.', source.name));
    names.add(source.name);
    const begin = position;
    position += elementCount(source.shape) * bytesPerElement(source.dtype)!;
    return { source, entry: { name: source.name, dtype: source.dtype, shape: [...source.shape], begin, end: position } };
  });
}

/**
 * Writes tensors and metadata as safetensors, one tensor in memory at a time.
 * @throws FormatError `bad-tensor` when a tensor's data does not fit its shape and type; whatever the sink throws
 */
export async function writeSafetensors(sink: ByteSink, tensors: readonly TensorSource[], metadata: Readonly<Record<string, string>> = {}): Promise<void> {
  const placed = layOut(tensors, sink.path);
  const header = encodeHeader(placed.map(({ entry }) => entry), metadata);
  if (header.length - 8 > maxHeaderBytes) throw new FormatError('bad-header', sink.path, l10n.t('the header would have {0} bytes, at most {1} are allowed.', header.length - 8, maxHeaderBytes));
  await sink.write(header);
  for (const { source, entry } of placed) {
    const data = typeof source.data === 'function' ? await source.data() : source.data;
    if (data.byteLength !== entry.end - entry.begin) {
      throw new FormatError('bad-tensor', sink.path, l10n.t('tensor "{0}" has {1} bytes, its shape [{2}] needs {3}.', entry.name, data.byteLength, entry.shape.join(', '), entry.end - entry.begin));
    }
    await sink.write(bytesOf(data));
  }
}

/** Size in bytes of the file that `writeSafetensors` would make. */
export function safetensorsBytes(tensors: readonly Omit<TensorSource, 'data'>[], metadata: Readonly<Record<string, string>> = {}): number {
  const placed = layOut(tensors.map((tensor) => ({ ...tensor, data: new Uint8Array() })), '');
  return encodeHeader(placed.map(({ entry }) => entry), metadata).length + (placed.at(-1)?.entry.end ?? 0);
}

/**
 * Writes a safetensors file; it appears under `path` only when it is whole.
 * @throws FormatError; the file system's errors as they are
 */
export async function writeSafetensorsFile(path: string, tensors: readonly TensorSource[], metadata: Readonly<Record<string, string>> = {}): Promise<{ sha256: string; bytes: number }> {
  const file = await AtomicFile.create(path);
  try {
    await writeSafetensors(file, tensors, metadata);
    return await file.commit();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}
