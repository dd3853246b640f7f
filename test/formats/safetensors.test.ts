import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { FormatError } from '../../src/formats/errors.ts';
import { SafetensorsFile, withSafetensors } from '../../src/formats/safetensors-reader.ts';
import { safetensorsBytes, writeSafetensorsFile, type TensorSource } from '../../src/formats/safetensors-writer.ts';
import { readFloat32 } from '../../src/formats/tensor-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'scrkd-safetensors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = (): string => join(folder, `${files++}.safetensors`);

/** A file with the given header text and data. */
function handMade(header: string, data: Uint8Array, length: bigint = BigInt(Buffer.byteLength(header))): string {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length);
  const path = newPath();
  writeFileSync(path, Buffer.concat([prefix, Buffer.from(header), data]));
  return path;
}

const tensors: TensorSource[] = [
  { name: 'a', dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, -2, 0.5, 3) },
  { name: 'half', dtype: 'F16', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) },
  { name: 'counts', dtype: 'I64', shape: [], data: BigInt64Array.of(-7n) },
  { name: 'ids', dtype: 'I32', shape: [3], data: () => Int32Array.of(1, -1, 2147483647) },
  { name: 'größe', dtype: 'U8', shape: [1], data: Uint8Array.of(255) },
  { name: 'mask', dtype: 'BOOL', shape: [2], data: () => Promise.resolve(Uint8Array.of(1, 0)) },
  { name: 'empty', dtype: 'F32', shape: [0, 3], data: new Float32Array() },
];

async function reasonOf(path: string): Promise<string> {
  try {
    await (await SafetensorsFile.open(path)).close();
    return 'none';
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    expect(error.message).toContain(path);
    return error.reason;
  }
}

describe('safetensors', () => {
  test("is byte for byte what Python's serializer writes", async () => {
    const path = newPath();
    await writeSafetensorsFile(path, [
      { name: 'b', dtype: 'U8', shape: [3], data: Uint8Array.of(7, 8, 9) },
      { name: 'a', dtype: 'F32', shape: [1, 2], data: Float32Array.of(1, -2) },
    ], { format: 'pt' });
    // safetensors.serialize({'a': [1., -2.], 'b': [7, 8, 9]}, {'format': 'pt'}): wider types first, padded to a multiple of 8.
    const header = '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}';
    const padded = header.padEnd(144, ' ');
    expect(readFileSync(path).toString('hex')).toBe(`9000000000000000${Buffer.from(padded).toString('hex')}0000803f000000c0070809`);
  });

  test('everything comes back', async () => {
    const path = newPath();
    const { bytes } = await writeSafetensorsFile(path, tensors, { note: 'ü "quoted"' });
    expect(bytes).toBe(readFileSync(path).length);
    expect(bytes).toBe(safetensorsBytes(tensors, { note: 'ü "quoted"' }));
    await withSafetensors(path, async (file) => {
      expect(file.metadata).toEqual({ note: 'ü "quoted"' });
      expect([...file.names].sort()).toEqual(tensors.map(({ name }) => name).sort());
      for (const { name, dtype, shape, data } of tensors) {
        expect(await file.read(name)).toEqual({ dtype, shape, data: typeof data === 'function' ? await data() : data });
      }
      expect([...(await readFloat32(file, 'half')).data]).toEqual([1, -2]);
      expect([...(await readFloat32(file, 'counts')).data]).toEqual([-7]);
      await expect(file.read('b')).rejects.toMatchObject({ reason: 'missing-tensor' });
    });
  });

  test('reads one tensor without the rest', async () => {
    const path = handMade('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', new Uint8Array(Float32Array.of(3, 4).buffer));
    await withSafetensors(path, async (file) => expect([...(await readFloat32(file, 'y')).data]).toEqual([4]));
  });

  test('types that other programs use are listed, and refused by name when read', async () => {
    const path = handMade('{"x":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}', Uint8Array.of(1, 2));
    await withSafetensors(path, async (file) => {
      expect(file.header.tensors.get('x')).toMatchObject({ dtype: 'F8_E4M3', shape: [2] });
      await expect(file.read('x')).rejects.toThrow(/"x".*F8_E4M3/);
    });
  });

  const four = new Uint8Array(4);
  test.each<[string, string, string, Uint8Array, bigint?]>([
    ['no header', 'truncated', '', new Uint8Array(0), 100n],
    ['absurd length', 'bad-header', '{}', four, 2n ** 63n],
    ['length beyond the file', 'truncated', '{}', four, 1000n],
    ['not JSON', 'bad-header', '{nonsense}', four],
    ['not UTF-8', 'bad-header', '', Uint8Array.of(0xff, 0xfe), 2n],
    ['an array', 'bad-header', '[]', four],
    ['deep nesting', 'bad-header', '['.repeat(1_000_000), four],
    ['metadata with a number', 'bad-header', '{"__metadata__":{"a":1}}', four],
    ['unknown type', 'bad-tensor', '{"x":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}', four],
    ['a type named like a method', 'bad-tensor', '{"x":{"dtype":"toString","shape":[1],"data_offsets":[0,4]}}', four],
    ['no shape', 'bad-tensor', '{"x":{"dtype":"F32","data_offsets":[0,4]}}', four],
    ['negative size', 'bad-tensor', '{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', four],
    ['fractional size', 'bad-tensor', '{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}', four],
    ['sizes that overflow', 'bad-tensor', '{"x":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}', four],
    ['shape and bytes disagree', 'bad-tensor', '{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', four],
    ['offsets reversed', 'bad-tensor', '{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', four],
    ['offsets beyond the file', 'bad-tensor', '{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', four],
    ['overlap', 'bad-tensor', '{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"y":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}', four],
    ['hole', 'bad-tensor', '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}', four],
    ['bytes of no tensor', 'bad-tensor', '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', four],
    ['a name twice', 'bad-tensor', '{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"x":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}', four],
  ])('refused: %s', async (_name, reason, header, data, length) => {
    expect(await reasonOf(handMade(header, data, length))).toBe(reason);
  });

  test('refused: no file, a folder', async () => {
    expect(await reasonOf(join(folder, 'none.safetensors'))).toBe('unreadable');
    expect(await reasonOf(folder)).toBe('unreadable');
  });

  test('300 mutated files are read or refused, never more', async () => {
    const path = newPath();
    await writeSafetensorsFile(path, tensors, { note: 'mutated' });
    const original = readFileSync(path);
    let refused = 0;
    for (let i = 0; i < 300; i++) {
      const random = new Random('mutate', i);
      let bytes = Buffer.from(original);
      for (let change = 0; change <= random.integer(4); change++) {
        const at = random.integer(random.uniform() < 0.7 ? Math.min(600, bytes.length) : bytes.length);
        const kind = random.integer(4);
        if (kind === 0) bytes[at] = random.integer(256);
        else if (kind === 1) bytes = bytes.subarray(0, at + 1);
        else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(8))]);
        else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(String(random.word())), bytes.subarray(at)]);
      }
      const mutated = newPath();
      writeFileSync(mutated, bytes);
      try {
        await withSafetensors(mutated, async (file) => {
          for (const name of file.names) await file.read(name);
        });
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(150);
  });

  test('what cannot be written leaves the old file and no rest', async () => {
    const path = newPath();
    await writeSafetensorsFile(path, tensors);
    const before = readFileSync(path);
    const twice = [tensors[0]!, tensors[0]!];
    await expect(writeSafetensorsFile(path, twice)).rejects.toThrow(/"a" is taken/);
    await expect(writeSafetensorsFile(path, [{ name: 'x', dtype: 'F32', shape: [3], data: new Float32Array(2) }])).rejects.toMatchObject({ reason: 'bad-tensor' });
    const failing: TensorSource = { name: 'x', dtype: 'F32', shape: [3], data: () => Promise.reject(new Error('engine gone')) };
    await expect(writeSafetensorsFile(path, [failing])).rejects.toThrow('engine gone');
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
