import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crc32, crc32c } from '../../src/formats/crc.ts';
import { withTensorFile } from '../../src/formats/open-tensor-file.ts';
import { writePytorchFile } from '../../src/formats/pytorch/pytorch-writer.ts';
import type { TensorSource } from '../../src/formats/safetensors-writer.ts';
import { readAll, scratchFolder } from './support/scratch.ts';

const folder = scratchFolder();

const tensors: TensorSource[] = [
  { name: 'weight', dtype: 'F32', shape: [2, 3, 1], data: Float32Array.of(1, -2, 0.5, 3, 4, 5) },
  { name: 'half', dtype: 'F16', shape: [2], data: () => Uint16Array.of(0x3c00, 0xc000) },
  { name: 'batches', dtype: 'I64', shape: [], data: () => Promise.resolve(BigInt64Array.of(-7n)) },
  { name: 'bytes', dtype: 'I8', shape: [2], data: Int8Array.of(-1, 1) },
  { name: 'größe', dtype: 'BOOL', shape: [1], data: Uint8Array.of(1) },
  { name: 'empty', dtype: 'F32', shape: [0, 3], data: new Float32Array() },
];

test('what is written is read back: values, types, shapes, order and metadata', async () => {
  const path = join(folder, 'tensors.pth');
  const { bytes } = await writePytorchFile(path, tensors, { network: '{}' });
  expect(readFileSync(path).length).toBe(bytes);
  const found = await readAll(path);
  expect(Object.keys(found)).toEqual(tensors.map(({ name }) => name));
  expect(found['weight']).toEqual({ dtype: 'F32', shape: [2, 3, 1], data: tensors[0]!.data });
  expect(found['half']!.data).toEqual(Uint16Array.of(0x3c00, 0xc000));
  expect(found['batches']).toEqual({ dtype: 'I64', shape: [], data: BigInt64Array.of(-7n) });
  expect(found['bytes']!.data).toEqual(Int8Array.of(-1, 1));
  expect(found['größe']!.data).toEqual(Uint8Array.of(1));
  expect(await withTensorFile(path, (file) => Promise.resolve(file.metadata))).toEqual({ network: '{}' });
});

test('data begins at multiples of 64 bytes, so that PyTorch can map it', async () => {
  const path = join(folder, 'aligned.pth');
  await writePytorchFile(path, [{ name: 'x', dtype: 'F32', shape: [3], data: Float32Array.of(1.5, 2.5, 3.5) }]);
  const at = readFileSync(path).indexOf(new Uint8Array(Float32Array.of(1.5, 2.5, 3.5).buffer));
  expect([at > 0, at % 64]).toEqual([true, 0]);
});

test('equal weights make equal files', async () => {
  const [first, second] = await Promise.all(['a.pth', 'b.pth'].map((name) => writePytorchFile(join(folder, name), tensors)));
  expect(first!.sha256).toBe(second!.sha256);
});

test('data that does not fit its shape is refused, and no file is left', async () => {
  const path = join(folder, 'wrong.pth');
  await expect(writePytorchFile(path, [{ name: 'x', dtype: 'F32', shape: [3], data: Float32Array.of(1) }])).rejects.toMatchObject({ reason: 'bad-tensor' });
  expect(() => readFileSync(path)).toThrow('ENOENT');
});

test('checksums of the specifications', () => {
  const digits = Buffer.from('123456789');
  expect(crc32(digits).toString(16)).toBe('cbf43926');
  expect(crc32c(digits).toString(16)).toBe('e3069283');
  expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa'); // RFC 3720, B.4
});
