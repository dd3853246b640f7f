/** Pickles and archives by hand, good and hostile. */
import { ZipWriter } from '../../../src/formats/pytorch/zip-writer.ts';

export type Piece = string | number | readonly number[];

/** Instructions by their codes; text stands for its bytes. */
export function bytesOf(...pieces: readonly Piece[]): number[] {
  return pieces.flatMap((piece) => (typeof piece === 'number' ? [piece] : typeof piece === 'string' ? [...Buffer.from(piece, 'latin1')] : piece));
}

export function text(value: string): number[] {
  return [0x58, ...little(value.length, 4), ...Buffer.from(value)];
}

export function int(value: number): number[] {
  return [0x8a, 8, ...little(value, 8)];
}

/** A tuple of any length. */
export function tuple(...items: readonly (readonly number[])[]): number[] {
  return [...bytesOf('('), ...items.flat(), ...bytesOf('t')];
}

export function global(module: string, name: string): number[] {
  return bytesOf(`c${module}\n${name}\n`);
}

/** A storage of floats that the archive holds as `data/KEY`. */
export function storage(key: string, elements: number, storageClass = 'FloatStorage'): number[] {
  return [...tuple(text('storage'), global('torch', storageClass), text(key), text('cpu'), int(elements)), ...bytesOf('Q')];
}

export function tensor(source: readonly number[], shape: readonly number[], strides: readonly number[], offset = 0): number[] {
  const orderedDict = [...global('collections', 'OrderedDict'), ...bytesOf(')R')];
  return [...global('torch._utils', '_rebuild_tensor_v2'), ...tuple(source, int(offset), tuple(...shape.map(int)), tuple(...strides.map(int)), bytesOf(0x89), orderedDict), ...bytesOf('R')];
}

/** `{name: value, …}` as a whole pickle. */
export function dictPickle(entries: Readonly<Record<string, readonly number[]>>): number[] {
  return bytesOf(0x80, 2, '}(', ...Object.entries(entries).flatMap(([name, value]) => [text(name), value]), 'u.');
}

/** A ZIP archive of PyTorch's form around a pickle. */
export async function archive(pickle: readonly number[], others: Readonly<Record<string, Uint8Array>> = {}): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const zip = new ZipWriter({ path: 'archive', write: (bytes) => Promise.resolve(void pieces.push(Uint8Array.from(bytes))) });
  await zip.add('archive/data.pkl', Uint8Array.from(pickle));
  for (const [name, data] of Object.entries(others)) await zip.add(name, data);
  await zip.end();
  return Buffer.concat(pieces);
}

/** A file of the format before 1.6 around a pickle, with the storages' keys and bytes. */
export function legacyFile(pickle: readonly number[], storages: Readonly<Record<string, Float32Array>> = {}): Uint8Array {
  const magic = bytesOf(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.');
  const version = bytesOf(0x80, 2, 'M', [0xe9, 0x03], '.');
  const facts = dictPickle({ little_endian: bytesOf(0x88) });
  const keys = bytesOf(0x80, 2, '](', ...Object.keys(storages).map(text), 'e.');
  const data = Object.values(storages).flatMap((values) => [...little(values.length, 8), ...new Uint8Array(values.buffer)]);
  return Uint8Array.from([...magic, ...version, ...facts, ...pickle, ...keys, ...data]);
}

function little(value: number, bytes: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, BigInt(value), true);
  return [...new Uint8Array(view.buffer, 0, bytes)];
}
