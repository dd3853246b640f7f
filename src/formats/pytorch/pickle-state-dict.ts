/** The pickle of a state dict, protocol 2, as `torch.save` makes it but without memo: every tensor in full. */
import type { Dtype } from '../dtypes.ts';
import { storageClassOf } from './rebuild.ts';

export interface PickledEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** The storage's key. */
  readonly key: string;
  /** Elements. */
  readonly elements: number;
}

const proto = [0x80, 2];
const mark = 0x28;
const reduce = 0x52;
const tuple = 0x74;
const emptyTuple = 0x29;
const setItems = 0x75;
const persistentId = 0x51;
const newFalse = 0x89;
const stop = 0x2e;

/** The bytes of `OrderedDict({name: tensor, …})`; every tensor is contiguous and has a storage of its own. */
export function pickleStateDict(entries: readonly PickledEntry[]): Uint8Array {
  const bytes: number[] = [...proto, ...emptyOrderedDict(), mark];
  for (const entry of entries) bytes.push(...text(entry.name), ...tensor(entry));
  bytes.push(setItems, stop);
  return Uint8Array.from(bytes);
}

/** `_rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict())` */
function tensor({ dtype, shape, key, elements }: PickledEntry): number[] {
  const storage = [mark, ...text('storage'), ...global('torch', storageClassOf(dtype)), ...text(key), ...text('cpu'), ...integer(elements), tuple, persistentId];
  const args = [...storage, ...integer(0), ...integers(shape), ...integers(stridesOf(shape)), newFalse, ...emptyOrderedDict()];
  return [...global('torch._utils', '_rebuild_tensor_v2'), mark, ...args, tuple, reduce];
}

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
}

function emptyOrderedDict(): number[] {
  return [...global('collections', 'OrderedDict'), emptyTuple, reduce];
}

function global(module: string, name: string): number[] {
  return [0x63, ...Buffer.from(`${module}\n${name}\n`)];
}

function text(value: string): number[] {
  const bytes = Buffer.from(value);
  return [0x58, ...littleEndian(bytes.length, 4), ...bytes];
}

function integers(values: readonly number[]): number[] {
  return values.length === 0 ? [emptyTuple] : [mark, ...values.flatMap(integer), tuple];
}

/** BININT, or LONG1 beyond its 31 bits. */
function integer(value: number): number[] {
  return value <= 0x7fffffff ? [0x4a, ...littleEndian(value, 4)] : [0x8a, 8, ...littleEndian(value, 8)];
}

function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
}
