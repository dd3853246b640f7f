import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeImage, decodeMask } from '../../src/data/decode.ts';
import { DataError } from '../../src/data/errors.ts';
import { fuzzCount } from '../formats/support/fuzz-count.ts';
import { mutate } from '../formats/support/mutate.ts';
import { noise, scratchFolder } from './scratch.ts';

/** A small image and the decoders' own buffers, with room; an announced size that were believed would exceed it. */
const memoryBound = 768 * 1024 * 1024;

const picture = noise('fuzz', 24, 31, 3);
const encoder = () => sharp(picture.data, { raw: { width: 31, height: 24, channels: 3 } });
const originals: [string, () => Promise<Buffer>][] = [
  ['jpg', () => encoder().jpeg().withExif({ IFD0: { Copyright: 'nobody' } }).toBuffer()],
  ['png', () => encoder().png().toBuffer()],
  ['webp', () => encoder().webp().toBuffer()],
  ['tif', () => encoder().tiff({ compression: 'lzw' }).toBuffer()],
  ['bmp', () => Promise.resolve(bmp())],
];

/** 24 bits a pixel, rows from the bottom. */
function bmp(): Buffer {
  const rowBytes = 96;
  const bytes = Buffer.alloc(54 + rowBytes * 24);
  bytes.write('BM', 0, 'latin1');
  for (const [at, value] of [[2, bytes.length], [10, 54], [14, 40], [18, 31], [22, 24], [26, 1 | (24 << 16)], [34, rowBytes * 24]] as const) bytes.writeUInt32LE(value, at);
  for (let y = 0; y < 24; y++) bytes.set(picture.data.subarray(y * 93, (y + 1) * 93), 54 + rowBytes * y);
  return bytes;
}

test.each(originals)('%s, mutated: every image is decoded or refused by its name', { timeout: 1_800_000 }, async (extension, encode) => {
  await using folder = await scratchFolder();
  const original = await encode();
  const path = join(folder.path, `mutated.${extension}`);
  const before = process.resourceUsage().maxRSS;
  let [decoded, refused] = [0, 0];
  const count = Math.ceil(fuzzCount / originals.length);
  for (let i = 0; i < count; i++) {
    writeFileSync(path, i === 0 ? original : mutate(original, extension, i));
    const decode = i % 2 === 0 ? decodeImage : decodeMask;
    try {
      const { width, height, channels, data } = await decode(path);
      expect(data.length).toBe(width * height * channels);
      decoded++;
    } catch (error) {
      if (!(error instanceof DataError)) throw new Error(`mutation ${i} ended with another error`, { cause: error });
      expect(error.message).toContain(path);
      refused++;
    }
  }
  expect(decoded).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
  expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(memoryBound);
});
