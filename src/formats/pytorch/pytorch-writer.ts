import * as l10n from '@vscode/l10n';
import { AtomicFile } from '../atomic-file.ts';
import { bytesOf, elementCount } from '../dtypes.ts';
import { FormatError } from '../errors.ts';
import type { ByteSink, TensorSource } from '../safetensors-writer.ts';
import { pickleStateDict } from './pickle-state-dict.ts';
import { metadataEntry } from './zip-layout.ts';
import { ZipWriter } from './zip-writer.ts';

/** The folder in the archive; PyTorch takes any. */
const folder = 'archive';
/** Of the file format. */
const version = '3\n';

/**
 * Writes a state dict as `torch.save` does since 1.6, one tensor in memory at a time. `torch.load(path, weights_only=True)` reads it.
 * @param metadata not seen by PyTorch; `PytorchFile` gives it back
 * @throws FormatError `bad-tensor` when a tensor's data does not fit its shape and type; whatever the sink throws
 */
export async function writePytorch(sink: ByteSink, tensors: readonly TensorSource[], metadata: Readonly<Record<string, string>> = {}): Promise<void> {
  const encoder = new TextEncoder();
  const zip = new ZipWriter(sink);
  const add = (name: string, data: Uint8Array): Promise<void> => zip.add(`${folder}/${name}`, data);
  const entries = tensors.map(({ name, dtype, shape }, i) => ({ name, dtype, shape, key: String(i), elements: elementCount(shape) }));
  await add('data.pkl', pickleStateDict(entries));
  await add('byteorder', encoder.encode('little'));
  for (const [i, { name, shape, data: source }] of tensors.entries()) {
    const data = typeof source === 'function' ? await source() : source;
    if (data.length !== entries[i]!.elements) throw new FormatError('bad-tensor', sink.path, l10n.t('tensor "{0}" has {1} elements, its shape [{2}] needs {3}.', name, data.length, shape.join(', '), entries[i]!.elements));
    await add(`data/${i}`, bytesOf(data));
  }
  await add('version', encoder.encode(version));
  if (Object.keys(metadata).length > 0) await add(metadataEntry, encoder.encode(JSON.stringify(metadata)));
  await zip.end();
}

/**
 * Writes a PyTorch file; it appears under `path` only when it is whole.
 * @throws FormatError; the file system's errors as they are
 */
export async function writePytorchFile(path: string, tensors: readonly TensorSource[], metadata: Readonly<Record<string, string>> = {}): Promise<{ sha256: string; bytes: number }> {
  const file = await AtomicFile.create(path);
  try {
    await writePytorch(file, tensors, metadata);
    return await file.commit();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}
