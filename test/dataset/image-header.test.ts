import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readImageHeader } from '../../src/dataset/image-header.ts';
import { fromRaster } from '../../src/data/png.ts';
import { noise } from '../data/scratch.ts';

const image = () => fromRaster(noise('header', 37, 53, 3));

describe('readImageHeader', () => {
  test.each(['png', 'jpeg', 'webp', 'tiff'] as const)('%s', async (format) => {
    expect(readImageHeader(await image().toFormat(format).toBuffer())).toEqual({ format, width: 53, height: 37, orientation: 1 });
  });

  test('lossless and extended WebP, progressive JPEG', async () => {
    expect(readImageHeader(await image().webp({ lossless: true }).toBuffer())).toMatchObject({ width: 53, height: 37 });
    expect(readImageHeader(await image().ensureAlpha(0.5).webp().toBuffer())).toMatchObject({ width: 53, height: 37 });
    expect(readImageHeader(await image().jpeg({ progressive: true }).toBuffer())).toMatchObject({ width: 53, height: 37 });
  });

  test('the EXIF orientation of a JPEG', async () => {
    expect(readImageHeader(await image().withMetadata({ orientation: 6 }).jpeg().toBuffer())).toMatchObject({ width: 53, height: 37, orientation: 6 });
  });

  test('a BMP with rows from the top', () => {
    const bytes = new Uint8Array(54);
    bytes.set([0x42, 0x4d]);
    new DataView(bytes.buffer).setInt32(18, 20, true);
    new DataView(bytes.buffer).setInt32(22, -10, true);
    expect(readImageHeader(bytes)).toMatchObject({ format: 'bmp', width: 20, height: 10 });
  });

  test('nothing, text, and every cut of a real header give no header and no error', async () => {
    expect(readImageHeader(new Uint8Array())).toBeUndefined();
    expect(readImageHeader(new TextEncoder().encode('<html>not an image at all</html>'))).toBeUndefined();
    for (const format of ['png', 'jpeg', 'webp', 'tiff'] as const) {
      const bytes = await image().toFormat(format).toBuffer();
      for (let end = 0; end < 12; end++) expect(readImageHeader(bytes.subarray(0, end))).toBeUndefined();
    }
  });

  test('agrees with sharp on mutated files wherever both read a size', async () => {
    const bytes = await image().jpeg().toBuffer();
    for (let at = 0; at < 200; at++) {
      const mutated = Buffer.from(bytes);
      mutated[at] = (mutated[at]! + 1) & 255;
      const header = readImageHeader(mutated);
      const metadata = await sharp(mutated).metadata().catch(() => undefined);
      if (header !== undefined && metadata !== undefined) expect([header.width, header.height]).toEqual([metadata.width, metadata.height]);
    }
  });
});
