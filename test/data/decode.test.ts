import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage, decodeMask } from '../../src/data/decode.ts';
import { fromRaster } from '../../src/data/png.ts';
import { noise, scratchFolder, writeRaster } from './scratch.ts';

let folder: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());
const file = (name: string) => join(folder.path, name);

const colour = noise('colour', 5, 7, 3);
const gray = noise('gray', 5, 7, 1);

/** A BMP by hand: 2×2, 24 bits, rows from the bottom, each padded to 4 bytes. */
function bmp24(pixels: readonly (readonly [number, number, number])[]): Uint8Array {
  const bytes = new Uint8Array(54 + 16);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, 2, true);
  view.setInt32(22, 2, true);
  view.setUint16(28, 24, true);
  for (const [i, [red, green, blue]] of pixels.entries()) bytes.set([blue, green, red], 54 + (i < 2 ? 8 : 0) + 3 * (i % 2));
  return bytes;
}

/** One pixel of four bands (10, 20, 30, 40), written by tifffile. */
const fourBands = {
  multispectral: 'SUkqAAgAAAAOAAABBAABAAAAAQAAAAEBBAABAAAAAQAAAAIBAwAEAAAAtgAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAA4AAAABUBAwABAAAABAAAABYBBAABAAAAAQAAABcBBAABAAAABAAAABoBBQABAAAAvgAAABsBBQABAAAAxgAAABwBAwABAAAAAQAAACgBAwABAAAAAQAAAFIBAwADAAAAzgAAAAAAAAAIAAgACAAIAAEAAAABAAAAAQAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAKFB4o',
  rgb: 'SUkqAAgAAAAOAAABBAABAAAAAQAAAAEBBAABAAAAAQAAAAIBAwAEAAAAtgAAAAMBAwABAAAAAQAAAAYBAwABAAAAAgAAABEBBAABAAAA0AAAABUBAwABAAAABAAAABYBBAABAAAAAQAAABcBBAABAAAABAAAABoBBQABAAAAvgAAABsBBQABAAAAxgAAABwBAwABAAAAAQAAACgBAwABAAAAAQAAAFIBAwABAAAAAAAAAAAAAAAIAAgACAAIAAEAAAABAAAAAQAAAAEAAAAAAAoUHig=',
};

describe('decodeImage', () => {
  test.each(['png', 'webp', 'tif'])('reads %s without loss', async (extension) => {
    await fromRaster(colour).toFormat(extension === 'webp' ? 'webp' : extension === 'png' ? 'png' : 'tiff', { lossless: true, compression: 'lzw' }).toFile(file(`colour.${extension}`));
    expect(await decodeImage(file(`colour.${extension}`))).toEqual(colour);
  });

  test('repeats gray, drops alpha without blending', async () => {
    await writeRaster(file('gray.png'), gray);
    const repeated = Uint8Array.from({ length: 105 }, (_, i) => gray.data[Math.floor(i / 3)]!);
    expect(await decodeImage(file('gray.png'))).toEqual({ ...gray, channels: 3, data: repeated });
    const rgba = Uint8Array.from({ length: 140 }, (_, i) => (i % 4 === 3 ? 10 : colour.data[3 * Math.floor(i / 4) + (i % 4)]!));
    await sharp(rgba, { raw: { width: 7, height: 5, channels: 4 } }).png().toFile(file('rgba.png'));
    expect(await decodeImage(file('rgba.png'))).toEqual(colour);
  });

  test('drops the fourth band of an RGB TIFF', async () => {
    await writeFile(file('rgbn.tif'), Buffer.from(fourBands.rgb, 'base64'));
    expect(await decodeImage(file('rgbn.tif'))).toEqual({ width: 1, height: 1, channels: 3, data: Uint8Array.of(10, 20, 30) });
  });

  test('scales 16 bits to 8', async () => {
    const wide = Uint16Array.from(colour.data, (value) => value * 257);
    await sharp(wide, { raw: { width: 7, height: 5, channels: 3 } }).toColourspace('rgb16').png().toFile(file('wide.png'));
    expect((await sharp(file('wide.png')).metadata()).depth).toBe('ushort');
    expect(await decodeImage(file('wide.png'))).toEqual(colour);
  });

  test('applies the EXIF orientation', async () => {
    await fromRaster(colour).withMetadata({ orientation: 6 }).png().toFile(file('turned.png'));
    const { width, height, data } = await decodeImage(file('turned.png'));
    expect([width, height]).toEqual([5, 7]);
    expect([...data.slice(0, 3)]).toEqual([...colour.data.slice(4 * 21, 4 * 21 + 3)]); // the lower left corner comes up
  });

  test('converts CMYK', async () => {
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#c02020' } }).toColourspace('cmyk').jpeg().toFile(file('cmyk.jpg'));
    const { channels, data } = await decodeImage(file('cmyk.jpg'));
    expect(channels).toBe(3);
    expect(data[0]).toBeGreaterThan(150);
    expect(data[1]).toBeLessThan(90);
  });

  test('reads BMP', async () => {
    await writeFile(file('small.bmp'), bmp24([[1, 2, 3], [4, 5, 6], [7, 8, 9], [250, 251, 252]]));
    expect([...(await decodeImage(file('small.bmp'))).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 252]);
  });
});

describe('what is refused', () => {
  test('a file that is cut off, empty, missing or no image, by name', async () => {
    const jpeg = await fromRaster(noise('large', 90, 90, 3)).jpeg().toBuffer();
    await writeFile(file('cut.jpg'), jpeg.subarray(0, jpeg.length / 2));
    await writeFile(file('empty.png'), '');
    await writeFile(file('text.png'), 'hello');
    await writeFile(file('cut.bmp'), bmp24([]).subarray(0, 60));
    for (const name of ['cut.jpg', 'empty.png', 'text.png', 'missing.png', 'cut.bmp']) {
      await expect(decodeImage(file(name))).rejects.toMatchObject({ name: 'DataError', reason: 'unreadable', message: expect.stringContaining(name) as string });
    }
  });

  test('an animation', async () => {
    const frames = await Promise.all(['one', 'two'].map((key) => fromRaster(noise(key, 5, 7, 3)).png().toBuffer()));
    await sharp(frames, { join: { animated: true } }).webp().toFile(file('moving.webp'));
    await expect(decodeImage(file('moving.webp'))).rejects.toMatchObject({ reason: 'animated' });
  });

  test('more than 100 million pixels, from the header', async () => {
    const png = Buffer.from(await fromRaster(gray).png().toBuffer());
    png.writeUInt32BE(20_000, 16);
    png.writeUInt32BE(20_000, 20);
    await writeFile(file('huge.png'), png);
    await expect(decodeMask(file('huge.png'))).rejects.toMatchObject({ name: 'DataError' });
    const bmp = bmp24([]);
    new DataView(bmp.buffer).setInt32(18, 200_000_000, true);
    await writeFile(file('huge.bmp'), bmp);
    await expect(decodeMask(file('huge.bmp'))).rejects.toMatchObject({ reason: 'too-large' });
  });

  test('bands that are not said to be colours', async () => {
    await writeFile(file('bands.tif'), Buffer.from(fourBands.multispectral, 'base64'));
    for (const decode of [decodeImage, decodeMask]) {
      await expect(decode(file('bands.tif'))).rejects.toMatchObject({ reason: 'unreadable', message: expect.stringMatching(/bands\.tif has 4 bands/) as string });
    }
  });

  test('floating-point values', async () => {
    const onePixel = 'SUkqAAgAAAAKAAABBAABAAAAAQAAAAEBBAABAAAAAQAAAAIBAwABAAAAIAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAAhgAAABYBBAABAAAAAQAAABcBBAABAAAABAAAABwBAwABAAAAAQAAAFMBAwABAAAAAwAAAAAAAAAAAAA/'; // written by Pillow, mode F
    await writeFile(file('float.tif'), Buffer.from(onePixel, 'base64'));
    await expect(decodeMask(file('float.tif'))).rejects.toMatchObject({ reason: 'unreadable', message: expect.stringContaining('type float') as string });
  });
});

describe('decodeMask', () => {
  test('keeps soft gray values', async () => {
    await writeRaster(file('mask.png'), gray);
    expect(await decodeMask(file('mask.png'))).toEqual(gray);
  });

  test('takes the luma of a coloured mask', async () => {
    await writeRaster(file('coloured.png'), { width: 3, height: 1, channels: 3, data: Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 255, 0) });
    expect([...(await decodeMask(file('coloured.png'))).data]).toEqual([255, 76, 150]);
  });
});
