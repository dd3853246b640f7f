import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp from 'sharp';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import { readImageHeader } from '../dataset/image-header.ts';
import { decodeBmp } from './bmp.ts';
import { DataError } from './errors.ts';
import type { GrayRaster, RgbRaster } from './raster.ts';

/** Larger images are refused by name instead of exhausting the memory. */
export const maxPixels = 100_000_000;

// One thread a picture and no cache: the decoding threads are the parallelism, and the cores belong to the engine.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes an image to 8-bit RGB. EXIF orientation is applied; gray is repeated; 16 bits are scaled to 8; an alpha or fourth
 * channel is dropped, not blended; CMYK is converted through its colour profile; RGB profiles are ignored, as Pillow and
 * OpenCV ignore them, so that the numbers are those of other people's data loaders. Of a multi-page TIFF, the first page;
 * multispectral bands without the meaning of colours are refused.
 * @throws DataError `unreadable`, `too-large`, `animated`
 */
export async function decodeImage(path: string): Promise<RgbRaster> {
  const { width, height, channels, data } = await decode(path);
  if (channels === 3) return { width, height, channels: 3, data };
  const pixels = width * height;
  const rgb = new Uint8Array(3 * pixels);
  if (channels === 4) for (let i = 0; i < pixels; i++) rgb.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
  else for (let i = 0; i < pixels; i++) rgb.fill(data[channels * i]!, 3 * i, 3 * i + 3);
  return { width, height, channels: 3, data: rgb };
}

/**
 * Decodes a mask to 8-bit gray; it stays soft. A coloured mask becomes its luma (ITU-R 601 in Pillow's integer form), alpha is dropped.
 * @throws DataError `unreadable`, `too-large`, `animated`
 */
export async function decodeMask(path: string): Promise<GrayRaster> {
  const { width, height, channels, data } = await decode(path);
  if (channels === 1) return { width, height, channels: 1, data };
  const gray = new Uint8Array(width * height);
  for (let i = 0; i < gray.length; i++) {
    const at = channels * i;
    gray[i] = channels === 2 ? data[at]! : (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data: gray };
}

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

const readableDepths: readonly string[] = ['uchar', 'ushort'];

async function decode(path: string): Promise<Decoded> {
  try {
    if (extname(path).toLowerCase() === '.bmp') return await readBmp(path);
    const { width, height, pages = 1, format, space, depth, channels } = await sharp(path, { limitInputPixels: false }).metadata();
    refuseLarge(path, width, height);
    if (pages > 1 && format !== 'tiff') throw new DataError('animated', l10n.t('{0} has {1} frames; expected a still image.', path, pages));
    if (!readableDepths.includes(depth)) throw new DataError('unreadable', l10n.t('{0} has values of type {1}; expected 8 or 16 bits a channel.', path, depth));
    // A multispectral TIFF: which bands are red, green and blue is not in the file, and the decoder would take the first as gray.
    if (space === 'b-w' && channels > 2) throw new DataError('unreadable', l10n.t('{0} has {1} bands that it does not call red, green and blue; expected a gray or an RGB image.', path, channels));
    const isCmyk = space === 'cmyk';
    const image = sharp(path, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true, ignoreIcc: !isCmyk }).autoOrient();
    const { data, info } = await (isCmyk ? image.toColourspace('srgb') : image).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: info.channels, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError('unreadable', l10n.t('Cannot decode {0}: {1}', path, messageOf(error).trim()), { cause: error });
  }
}

async function readBmp(path: string): Promise<Decoded> {
  const bytes = await readFile(path);
  const header = readImageHeader(bytes);
  if (header !== undefined) refuseLarge(path, header.width, header.height);
  const raster = decodeBmp(bytes);
  if (raster === undefined) throw new DataError('unreadable', l10n.t('{0} is not an uncompressed BMP with 8, 24 or 32 bits a pixel.', path));
  return raster;
}

function refuseLarge(path: string, width: number, height: number): void {
  if (width * height <= maxPixels) return;
  throw new DataError('too-large', l10n.t('{0} has {1} × {2} pixels; expected at most {3} million.', path, width, height, maxPixels / 1e6));
}
