/**
 * The format of `torch.save` before 1.6 (torchvision's older weights have it): pickles of a magic number, a version, facts about
 * the machine, the object and the storages' keys; then for each key the number of elements and the elements.
 */
import * as l10n from '@vscode/l10n';
import { bytesPerElement } from '../dtypes.ts';
import { FormatError } from '../errors.ts';
import type { RandomAccessFile } from '../random-access-file.ts';
import { maxPickleBytes, type Layout } from './layout.ts';
import { isObject, type Pickled, type PickledStorage } from './pickled.ts';
import { PickleReader } from './pickle-reader.ts';
import { TensorRebuilder } from './rebuild.ts';
import { stateDictIn } from './state-dict.ts';
import { unpickle } from './unpickle.ts';

const magic = 0x1950a86a20f9469cfc6cn;
const version = 1001;

/** Remembers the type of every storage: the data's own list has keys and lengths only. */
class LegacyRebuilder extends TensorRebuilder {
  readonly storages = new Map<string, PickledStorage>();

  override persistent(id: Pickled): PickledStorage {
    const storage = super.persistent(id);
    const known = this.storages.get(storage.key);
    if (known !== undefined && (known.dtype !== storage.dtype || known.elements !== storage.elements)) {
      throw new FormatError('bad-tensor', this.file, l10n.t('storage "{0}" has two types or sizes.', storage.key.slice(0, 40)));
    }
    this.storages.set(storage.key, storage);
    return storage;
  }
}

/** @throws FormatError */
export async function readLegacyLayout(file: RandomAccessFile): Promise<Layout> {
  const reader = new PickleReader(await file.read(0, Math.min(file.size, maxPickleBytes)), file.path);
  const rebuilder = new LegacyRebuilder(file.path);
  const next = (): Pickled => unpickle(reader, rebuilder);
  if (next() !== magic) throw new FormatError('bad-header', file.path, l10n.t('is a pickle, and not one of torch.save.'));
  const found = next();
  if (found !== version) throw new FormatError('unsupported', file.path, l10n.t('is of version {0} of the old format, expected {1}.', typeof found === 'number' ? found : '?', version));
  if (!isLittleEndian(next())) throw new FormatError('unsupported', file.path, l10n.t('is not little-endian.'));
  const stateDict = stateDictIn(next(), file.path);
  const starts = await placeStorages(file, next(), rebuilder.storages, reader.position);
  return {
    format: 'pytorch-legacy',
    stateDict,
    metadata: {},
    locate: ({ key }) => {
      const start = starts.get(key);
      if (start !== undefined) return Promise.resolve(start);
      return Promise.reject(new FormatError('bad-tensor', file.path, l10n.t('holds no storage "{0}".', key.slice(0, 40))));
    },
  };
}

/** Where each storage's elements begin: behind their number, one storage after another from `position` on. */
async function placeStorages(file: RandomAccessFile, keys: Pickled, storages: ReadonlyMap<string, PickledStorage>, position: number): Promise<Map<string, number>> {
  if (!isObject(keys) || keys.kind !== 'list') throw new FormatError('bad-header', file.path, l10n.t('has no list of its storages.'));
  const starts = new Map<string, number>();
  let at = position;
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || starts.has(storage.key)) throw new FormatError('bad-header', file.path, l10n.t('lists a storage that no tensor has.'));
    const prefix = await file.read(at, 8);
    const elements = new DataView(prefix.buffer).getBigInt64(0, true);
    if (elements !== BigInt(storage.elements)) throw new FormatError('bad-tensor', file.path, l10n.t('storage "{0}" has {1} elements, expected {2}.', storage.key.slice(0, 40), String(elements), storage.elements));
    starts.set(storage.key, at + 8);
    at += 8 + storage.elements * bytesPerElement(storage.dtype)!;
    if (at > file.size) throw new FormatError('truncated', file.path, l10n.t('ends at byte {0}, expected at least {1}.', file.size, at));
  }
  return starts;
}

function isLittleEndian(facts: Pickled): boolean {
  if (!isObject(facts) || facts.kind !== 'dict') return false;
  return facts.pairs.some(([key, value]) => key === 'little_endian' && value === true);
}
