/**
 * The format of `torch.save` since 1.6: a ZIP archive with one folder that holds `data.pkl`, `byteorder`, `version` and the storages as
 * `data/KEY`. We add `.data/metadata.json`, which PyTorch does not look at.
 */
import * as l10n from '@vscode/l10n';
import { bytesPerElement } from '../dtypes.ts';
import { FormatError } from '../errors.ts';
import type { RandomAccessFile } from '../random-access-file.ts';
import { maxPickleBytes, type Layout } from './layout.ts';
import { PickleReader } from './pickle-reader.ts';
import { TensorRebuilder } from './rebuild.ts';
import { stateDictIn } from './state-dict.ts';
import { unpickle } from './unpickle.ts';
import { entryStart, readZipDirectory, type ZipEntry } from './zip-directory.ts';

export const metadataEntry = '.data/metadata.json';
const maxMetadataBytes = 64 * 1024;

/** @throws FormatError */
export async function readZipLayout(file: RandomAccessFile): Promise<Layout> {
  const entries = await readZipDirectory(file);
  const folder = folderIn(entries, file);
  const entry = (name: string): ZipEntry | undefined => entries.get(`${folder}/${name}`);
  if (entry('constants.pkl') !== undefined) throw new FormatError('unsupported', file.path, l10n.t('is a TorchScript program. Save its weights: torch.save(model.state_dict(), …).'));
  const read = async (found: ZipEntry, limit: number): Promise<Uint8Array> => {
    if (found.size > limit) throw new FormatError('too-large', file.path, l10n.t('"{0}" has {1} bytes, at most {2} are read.', found.name, found.size, limit));
    return file.read(await entryStart(file, found), found.size);
  };
  const byteOrder = entry('byteorder');
  if (byteOrder !== undefined && new TextDecoder().decode(await read(byteOrder, 16)).trim() !== 'little') throw new FormatError('unsupported', file.path, l10n.t('is not little-endian.'));
  const pickle = new PickleReader(await read(entry('data.pkl')!, maxPickleBytes), file.path);
  const stateDict = stateDictIn(unpickle(pickle, new TensorRebuilder(file.path)), file.path);
  const notes = entry(metadataEntry);
  return {
    format: 'pytorch-zip',
    stateDict,
    metadata: notes === undefined ? {} : stringsIn(await read(notes, maxMetadataBytes)),
    locate: async (storage) => {
      const found = entry(`data/${storage.key}`);
      const expected = storage.elements * bytesPerElement(storage.dtype)!;
      if (found?.size !== expected) {
        throw new FormatError('bad-tensor', file.path, l10n.t('storage "{0}" has {1} bytes, expected {2}.', storage.key.slice(0, 40), found?.size ?? 0, expected));
      }
      return entryStart(file, found);
    },
  };
}

function folderIn(entries: ReadonlyMap<string, ZipEntry>, file: RandomAccessFile): string {
  const suffix = '/data.pkl';
  const name = [...entries.keys()].find((candidate) => candidate.endsWith(suffix) && candidate.indexOf('/') === candidate.length - suffix.length);
  if (name === undefined) throw new FormatError('bad-header', file.path, l10n.t('is a ZIP archive, and not one of PyTorch: it holds no data.pkl.'));
  return name.slice(0, -suffix.length);
}

/** A JSON object of strings; empty for anything else: it only explains. */
function stringsIn(json: Uint8Array): Record<string, string> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(json));
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
  } catch {
    return {};
  }
}
