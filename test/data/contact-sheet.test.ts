import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { contactSheet, errorMap, grayFromValues } from '../../src/data/contact-sheet.ts';
import { decodeMask } from '../../src/data/decode.ts';
import { savePng } from '../../src/data/png.ts';
import { noise, scratchFolder } from './scratch.ts';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

describe('errorMap', () => {
  test('false positives red, missing green, hits white, the rest black', () => {
    const gray = (...values: number[]) => ({ width: 4, height: 1, channels: 1 as const, data: Uint8Array.from(values) });
    expect([...errorMap(gray(255, 0, 200, 10), gray(0, 255, 255, 0)).data]).toEqual([255, 0, 0, 0, 255, 0, 255, 255, 255, 0, 0, 0]);
    expect(() => errorMap(gray(0, 0, 0, 0), { ...gray(0, 0, 0, 0), width: 2, height: 2 })).toThrow(RangeError);
  });
});

test('grayFromValues clips and truncates', () => {
  expect([...grayFromValues(Float32Array.of(-1, 0, 0.5, 0.999, 1, 2), 2, 3).data]).toEqual([0, 0, 127, 254, 255, 255]);
});

test('a contact sheet shows every picture in its cell, undistorted, and leaves empty cells white', async () => {
  const red = { width: 20, height: 10, channels: 3 as const, data: Uint8Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? 255 : 0)) };
  const png = await contactSheet({ columns: ['image', 'mask'], rows: [{ label: 'a<&', cells: [red, undefined] }, { label: 'b', cells: [noise('x', 4, 4, 3), { ...noise('y', 4, 4, 1) }] }], cell: 40 });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const reds: [number, number][] = [];
  for (let y = 0; y < 66; y++) for (let x = 0; x < info.width; x++) {
    const at = info.channels * (y * info.width + x);
    if (data[at]! > 240 && data[at + 1]! < 20) reds.push([x, y]);
  }
  const [xs, ys] = [reds.map(([x]) => x), reds.map(([, y]) => y)];
  expect([Math.max(...xs) - Math.min(...xs) + 1, Math.max(...ys) - Math.min(...ys) + 1]).toEqual([40, 20]);
});

test('savePng round-trips gray and leaves no temporary file', async () => {
  await using folder = await scratchFolder();
  const gray = noise('saved', 6, 9, 1);
  await savePng(join(folder.path, 'map.png'), gray);
  expect((await sharp(join(folder.path, 'map.png')).metadata()).channels).toBe(1);
  expect(await decodeMask(join(folder.path, 'map.png'))).toEqual(gray);
  expect(await readdir(folder.path)).toEqual(['map.png']);
});
