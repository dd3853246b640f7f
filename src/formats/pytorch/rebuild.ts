/**
 * The part of Python that a pickle of tensors may use: storages, views of them, parameters, ordered dicts. Sizes are checked
 * before anything is allocated for them.
 */
import * as l10n from '@vscode/l10n';
import type { Dtype } from '../dtypes.ts';
import { FormatError } from '../errors.ts';
import { isObject, tensorOf, type GlobalName, type Pickled, type PickledGlobal, type PickledStorage, type PickledTensor } from './pickled.ts';
import type { Rebuilder } from './unpickle.ts';

/** More dimensions than any layer has; PyTorch itself takes 64. */
const maxDimensions = 16;
/** A tensor may repeat elements of its storage (stride 0), so a small file could name a huge one: only up to this many elements. */
const maxRepeatedElements = 2 ** 22;

const globals: Readonly<Record<string, GlobalName>> = {
  'collections.OrderedDict': 'ordered-dict',
  'torch.Size': 'size',
  'torch._utils._rebuild_tensor': 'rebuild-tensor', // before 0.4
  'torch._utils._rebuild_tensor_v2': 'rebuild-tensor',
  'torch._utils._rebuild_parameter': 'rebuild-parameter',
  'torch.nn.parameter.Parameter': 'parameter', // before 0.4
};

const storages: Readonly<Record<string, Dtype>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** The name in `torch` of the storage class with elements of a type. */
export function storageClassOf(dtype: Dtype): string {
  return Object.entries(storages).find(([, candidate]) => candidate === dtype)![0];
}

export class TensorRebuilder implements Rebuilder {
  constructor(
    /** For messages. */
    readonly file: string,
  ) {}

  global(module: string, name: string): PickledGlobal {
    const isTorch = module === 'torch' || module === 'torch.cuda'; // the latter in old files that were saved on a GPU
    if (isTorch && Object.hasOwn(storages, name)) return { kind: 'global', name: 'storage', dtype: storages[name]! };
    const path = `${module}.${name}`;
    if (Object.hasOwn(globals, path)) return { kind: 'global', name: globals[path]! };
    throw this.#refused(l10n.t('its pickle asks for {0}; only tensors and plain containers are read. Save the state dict alone: torch.save(model.state_dict(), …).', printable(path)));
  }

  call({ name }: PickledGlobal, args: readonly Pickled[]): Pickled {
    switch (name) {
      case 'ordered-dict':
        if (args.length > 0) throw this.#refused(l10n.t('its pickle makes an OrderedDict in an unusual way.'));
        return { kind: 'dict', ordered: true, pairs: [] };
      case 'size':
        return { kind: 'tuple', items: itemsOf(args[0]) ?? [] };
      case 'rebuild-tensor':
        return this.#tensor(args);
      case 'rebuild-parameter':
        return this.#parameterTensor(args[0]);
      case 'parameter':
        return { kind: 'parameter', tensor: args.length === 0 ? undefined : this.#parameterTensor(args[0]) };
      case 'storage':
        throw this.#refused(l10n.t('its pickle makes a storage without data.'));
    }
  }

  build(instance: Pickled, state: Pickled): void {
    // Attributes of a state dict (its modules' versions) are of no use here.
    if (isObject(instance) && instance.kind === 'dict' && instance.ordered) return;
    if (isObject(instance) && instance.kind === 'parameter') {
      const tensor = tensorOf(itemsOf(state)?.[0]);
      if (tensor !== undefined) instance.tensor = tensor; // else: flags of the parameter
      return;
    }
    throw this.#refused(l10n.t('its pickle sets the state of an object (BUILD), which no tensor needs.'));
  }

  /** `('storage', class, key, device, elements)`, in the legacy format with `view`: None or `(key, begin, length)`. */
  persistent(id: Pickled): PickledStorage {
    const [tag, storageClass, key, , elements, view] = itemsOf(id) ?? [];
    if (tag !== 'storage') throw this.#refused(l10n.t('its pickle refers to {0} outside of it; expected a storage.', typeof tag === 'string' ? printable(tag) : 'an object'));
    const dtype = isObject(storageClass) && storageClass.kind === 'global' ? storageClass.dtype : undefined;
    if (dtype === undefined || typeof key !== 'string' || !isCount(elements)) throw this.#damaged(l10n.t('a storage without type, key or size'));
    const storage = { kind: 'storage', dtype, key, elements } as const;
    if (view === undefined || view === null) return { ...storage, begin: 0, length: elements };
    const [, begin, length] = itemsOf(view) ?? [];
    if (!isCount(begin) || !isCount(length) || begin + length > elements) throw this.#damaged(l10n.t('a view beyond its storage'));
    return { ...storage, begin, length };
  }

  /** `(storage, offset, size, stride, …)` */
  #tensor([storage, offset, size, stride]: readonly Pickled[]): PickledTensor {
    const shape = itemsOf(size);
    const strides = itemsOf(stride);
    if (!isObject(storage) || storage.kind !== 'storage' || !isCount(offset) || !areCounts(shape) || !areCounts(strides) || shape.length !== strides.length || shape.length > maxDimensions) {
      throw this.#damaged(l10n.t('a tensor without storage, sizes or strides'));
    }
    const elements = shape.reduce((product, side) => product * side, 1);
    const end = elements === 0 ? 0 : offset + 1 + shape.reduce((last, side, i) => last + (side - 1) * strides[i]!, 0);
    if (!Number.isSafeInteger(elements) || !Number.isSafeInteger(end) || end > storage.length) {
      throw new FormatError('bad-tensor', this.file, l10n.t('has a tensor [{0}] that goes beyond its storage of {1} elements.', shape.join(', '), storage.length));
    }
    if (elements > Math.max(storage.length, maxRepeatedElements)) {
      throw new FormatError('too-large', this.file, l10n.t('has a tensor [{0}] that repeats a storage of {1} elements; at most {2} are read.', shape.join(', '), storage.length, maxRepeatedElements));
    }
    return { kind: 'tensor', storage, offset, shape, strides };
  }

  #parameterTensor(value: Pickled | undefined): PickledTensor {
    const tensor = tensorOf(value);
    if (tensor === undefined) throw this.#damaged(l10n.t('a parameter without tensor'));
    return tensor;
  }

  #refused(problem: string): FormatError {
    return new FormatError('refused', this.file, problem);
  }

  #damaged(what: string): FormatError {
    return new FormatError('bad-header', this.file, l10n.t('its pickle is damaged: {0}.', what));
  }
}

function itemsOf(value: Pickled | undefined): readonly Pickled[] | undefined {
  return isObject(value) && (value.kind === 'tuple' || value.kind === 'list') ? value.items : undefined;
}

function isCount(value: Pickled | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function areCounts(values: readonly Pickled[] | undefined): values is readonly number[] {
  return values?.every(isCount) ?? false;
}

/** A name out of a hostile file, for a terminal. */
function printable(text: string): string {
  const shown = text.replace(/[^\x20-\x7e]/g, '?');
  return shown.length > 120 ? `${shown.slice(0, 120)}…` : shown;
}
