/** Finds the state dict in what a PyTorch file holds. */
import * as l10n from '@vscode/l10n';
import { FormatError } from '../errors.ts';
import { isObject, tensorOf, type Pickled, type PickledDict, type PickledTensor } from './pickled.ts';

/** Under which training scripts keep the state dict beside epoch, optimizer and the like; the first that is there counts. */
const wrappers = ['state_dict', 'model_state_dict', 'model', 'net', 'network', 'model_state'];
const maxWrappers = 3;
/** Of the numbers and names beside a state dict, this many are kept, cut to this length. */
const maxNotes = 20;
const maxNoteLength = 200;

export interface StateDict {
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, PickledTensor>;
  /** Plain values beside it, e.g. `epoch`. */
  readonly notes: Readonly<Record<string, string>>;
}

/**
 * The tensors by name of `{name: tensor}`, or of such a dict under one of the usual keys. Entries that are no tensors are left out.
 * @throws FormatError `unsupported` when there are none
 */
export function stateDictIn(value: Pickled, file: string): StateDict {
  const notes: Record<string, string> = {};
  let dict = asDict(value);
  for (let depth = 0; dict !== undefined && depth < maxWrappers; depth++) {
    const entries = namedEntries(dict);
    const wrapper = wrappers.map((name) => asDict(entries.get(name))).find((inner) => inner !== undefined);
    if (wrapper === undefined) return { tensors: tensorsOf(entries, file), notes };
    for (const [name, entry] of entries) {
      if (Object.keys(notes).length < maxNotes && (typeof entry === 'number' || typeof entry === 'string')) notes[name.slice(0, maxNoteLength)] = String(entry).slice(0, maxNoteLength);
    }
    dict = wrapper;
  }
  throw new FormatError('unsupported', file, l10n.t('holds no state dict (a dict of tensors by name).'));
}

function tensorsOf(entries: ReadonlyMap<string, Pickled>, file: string): Map<string, PickledTensor> {
  const tensors = new Map<string, PickledTensor>();
  for (const [name, value] of entries) {
    const tensor = tensorOf(value);
    if (tensor !== undefined) tensors.set(name, tensor);
  }
  if (tensors.size > 0) return tensors;
  const found = [...entries.keys()].slice(0, 8).join(', ');
  throw new FormatError('unsupported', file, l10n.t('holds no state dict (a dict of tensors by name); found {0}.', found === '' ? '{}' : found));
}

function namedEntries(dict: PickledDict): Map<string, Pickled> {
  const entries = new Map<string, Pickled>();
  for (const [key, value] of dict.pairs) {
    if (typeof key === 'string') entries.set(key, value);
  }
  return entries;
}

function asDict(value: Pickled | undefined): PickledDict | undefined {
  return isObject(value) && value.kind === 'dict' ? value : undefined;
}
