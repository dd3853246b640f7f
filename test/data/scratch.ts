import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../src/base/random.ts';
import type { Sample } from '../../src/dataset/dataset.ts';
import type { Raster } from '../../src/data/raster.ts';

/** A temporary folder that goes with the test. */
export async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'scrkd-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Reproducible noise. */
export function noise<Channels extends 1 | 3>(key: string, height: number, width: number, channels: Channels): Raster<Channels> {
  const random = new Random('test image', key);
  return { height, width, channels, data: Uint8Array.from({ length: height * width * channels }, () => random.integer(256)) };
}

/** A dataset in the `lists` layout: noise of different shapes (PNG, so that pixels are exact), the first `test` of them for testing. */
export async function writeDataset(root: string, count: number, test = 2): Promise<Sample[]> {
  await mkdir(join(root, 'images'), { recursive: true });
  await mkdir(join(root, 'labels'), { recursive: true });
  const samples: Sample[] = [];
  for (let i = 0; i < count; i++) {
    const id = `scene-${String(i).padStart(3, '0')}`;
    const [height, width] = [24 + (i % 3) * 5, 31 - (i % 4) * 3];
    const sample: Sample = { id, image: join(root, 'images', `${id}.png`), mask: join(root, 'labels', `${id}.png`), split: i < test ? 'test' : 'train' };
    await writeRaster(sample.image, noise(id, height, width, 3));
    await writeRaster(sample.mask, noise(`${id} mask`, height, width, 1));
    samples.push(sample);
  }
  const stems = (split: string) => samples.filter((sample) => sample.split === split).map(({ id }) => `${id}\n`).join('');
  await writeFile(join(root, 'train.txt'), stems('train'));
  await writeFile(join(root, 'test.txt'), stems('test'));
  return samples;
}

export async function writeRaster(path: string, { width, height, channels, data }: Raster): Promise<void> {
  await sharp(data, { raw: { width, height, channels } }).toFile(path);
}
