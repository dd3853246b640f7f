import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../../src/dataset/open.ts';
import { decodeImage, decodeMask } from '../../src/data/decode.ts';
import type { GrayRaster } from '../../src/data/raster.ts';
import { renderScene, sceneKinds } from '../../src/data/synth/render.ts';
import { synthesise } from '../../src/data/synth/synthesise.ts';
import { scratchFolder } from './scratch.ts';

interface Coco {
  readonly categories: { readonly id: number; readonly name: string }[];
  readonly images: { readonly id: number; readonly file_name: string; readonly width: number; readonly height: number; readonly split: string }[];
  readonly annotations: { readonly image_id: number; readonly category_id: number; readonly bbox: [number, number, number, number]; readonly area: number }[];
}

const small = { width: 96, height: 64 };

/** One hash over the pixels of all images and masks of a folder. */
async function pixelHash(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(join(folder, 'images'))).sort()) hash.update((await decodeImage(join(folder, 'images', name))).data);
  for (const name of (await readdir(join(folder, 'labels'))).sort()) hash.update((await decodeMask(join(folder, 'labels', name))).data);
  return hash.digest('hex');
}

function salientPixels({ data }: GrayRaster): number {
  return data.reduce((count, value) => count + (value >= 128 ? 1 : 0), 0);
}

describe('renderScene', () => {
  test.each(sceneKinds)('%s: is a function of kind, size, seed and id, with salient objects and a textured ground', (kind) => {
    const scene = renderScene(kind, { width: 128, height: 128 }, 1, 'a');
    expect(renderScene(kind, { width: 128, height: 128 }, 1, 'a')).toEqual(scene);
    expect(renderScene(kind, { width: 128, height: 128 }, 2, 'a').image.data).not.toEqual(scene.image.data);
    expect(renderScene(kind, { width: 128, height: 128 }, 1, 'b').image.data).not.toEqual(scene.image.data);
    expect(scene.objects.length).toBeGreaterThan(0);
    const share = salientPixels(scene.mask) / scene.mask.data.length;
    expect(share).toBeGreaterThan(0.001);
    expect(share).toBeLessThan(0.6);
    expect(new Set(scene.image.data).size).toBeGreaterThan(40);
  });

  test('shows the same ground at another size: the mask shrinks with the picture', () => {
    for (const kind of ['harbour', 'desert', 'town'] as const) {
      const large = renderScene(kind, { width: 256, height: 256 }, 3, 'size');
      const half = renderScene(kind, { width: 128, height: 128 }, 3, 'size');
      expect(half.objects.map((object) => object.class)).toEqual(large.objects.map((object) => object.class));
      expect(salientPixels(half.mask) * 4).toBeGreaterThan(salientPixels(large.mask) * 0.8);
      expect(salientPixels(half.mask) * 4).toBeLessThan(salientPixels(large.mask) * 1.2);
    }
  });

  test('borders of masks are soft, objects inside are white', () => {
    const { mask } = renderScene('airport', { width: 256, height: 256 }, 5, 'edges');
    const values = new Set(mask.data);
    expect(values.has(0) && values.has(255)).toBe(true);
    expect([...values].every((value) => Math.abs((value / 255) * 16 - Math.round((value / 255) * 16)) < 0.04)).toBe(true); // sixteenths of a pixel
    expect(values.size).toBeGreaterThan(5);
  });
});

describe('synthesise', () => {
  test('writes a dataset that opens without a problem, twice the same', async () => {
    await using folder = await scratchFolder();
    const [one, two] = [join(folder.path, 'one'), join(folder.path, 'two')];
    const progress: string[] = [];
    await synthesise({ folder: one, train: 9, test: 4, size: small, seed: 11, onProgress: (done, total) => progress.push(`${done}/${total}`) });
    await synthesise({ folder: two, train: 9, test: 4, size: small, seed: 11 });
    expect(progress.at(-1)).toBe('13/13');
    const dataset = await openDataset({ root: one });
    expect(dataset.problems).toEqual([]);
    expect([dataset.splits.train.length, dataset.splits.test.length]).toEqual([9, 4]);
    expect(await pixelHash(two)).toBe(await pixelHash(one));
    expect(await readFile(join(two, 'annotations.json'), 'utf8')).toBe(await readFile(join(one, 'annotations.json'), 'utf8'));
    await synthesise({ folder: two, train: 9, test: 4, size: small, seed: 12 });
    expect(await pixelHash(two)).not.toBe(await pixelHash(one));
  });

  test('boxes and areas describe the mask', async () => {
    await using folder = await scratchFolder();
    await synthesise({ folder: folder.path, train: 9, test: 9, size: small, seed: 5 });
    const coco = JSON.parse(await readFile(join(folder.path, 'annotations.json'), 'utf8')) as Coco;
    expect(coco.images).toHaveLength(18);
    for (const image of coco.images) {
      expect([image.width, image.height]).toEqual([96, 64]);
      const mask = await decodeMask(join(folder.path, image.file_name.replace('images', 'labels').replace('.jpg', '.png')));
      const objects = coco.annotations.filter((annotation) => annotation.image_id === image.id);
      const inBoxes = new Uint8Array(mask.data.length);
      for (const { bbox: [left, top, width, height], area, category_id } of objects) {
        expect(coco.categories.some(({ id }) => id === category_id)).toBe(true);
        expect(area).toBeLessThanOrEqual(width * height);
        for (let y = top; y < top + height; y++) inBoxes.fill(1, y * 96 + left, y * 96 + left + width);
      }
      const outside = mask.data.filter((value, i) => value >= 128 && inBoxes[i] === 0);
      expect(outside.length).toBe(0);
      expect(salientPixels(mask)).toBeLessThanOrEqual(objects.reduce((sum, { area }) => sum + area, 0));
    }
  });

  test('overwrites nothing of others', async () => {
    await using folder = await scratchFolder();
    await mkdir(join(folder.path, 'images'));
    await writeFile(join(folder.path, 'train.txt'), 'mine\n');
    await expect(synthesise({ folder: folder.path, train: 1, test: 1, size: small, seed: 1 })).rejects.toMatchObject({ reason: 'folder-in-use' });
    expect(await readFile(join(folder.path, 'train.txt'), 'utf8')).toBe('mine\n');
  });

  test('an interrupted folder is no dataset and can be written again', async () => {
    await using folder = await scratchFolder();
    const stop = new AbortController();
    const writing = synthesise({ folder: folder.path, train: 5, test: 5, size: small, seed: 1, signal: stop.signal, onProgress: (done) => done === 3 && stop.abort() });
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
    await expect(openDataset({ root: folder.path })).rejects.toMatchObject({ reason: 'layout-unknown' });
    await synthesise({ folder: folder.path, train: 2, test: 1, size: small, seed: 1 });
    expect(await readdir(join(folder.path, 'images'))).toHaveLength(3);
  });
});
