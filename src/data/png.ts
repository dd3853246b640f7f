import { rename, rm, writeFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import type { Raster } from './raster.ts';

/** An 8-bit gray or RGB image as PNG bytes. */
export async function encodePng(image: Raster): Promise<Buffer> {
  const encoder = fromRaster(image).png({ compressionLevel: 6 });
  return (image.channels === 1 ? encoder.toColourspace('b-w') : encoder).toBuffer();
}

/** Writes an 8-bit gray or RGB PNG; readers never see a part of it. @throws NodeJS.ErrnoException */
export async function savePng(path: string, image: Raster): Promise<void> {
  await saveFile(path, await encodePng(image));
}

/** An image for sharp to work on. */
export function fromRaster({ width, height, channels, data }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

/** Writes a whole file under a temporary name and renames it. @throws NodeJS.ErrnoException */
export async function saveFile(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
