import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sample } from '../../src/dataset/dataset.ts';
import { drawView } from '../../src/data/augment.ts';
import type { Batch, LoaderOptions } from '../../src/data/batch.ts';
import { loadForEvaluation } from '../../src/data/evaluation.ts';
import { createLoader } from '../../src/data/loader.ts';
import { decodePair, preparePair } from '../../src/data/prepare.ts';
import { noise, scratchFolder, writeDataset, writeRaster } from './scratch.ts';

const sizes = [{ height: 16, width: 12 }, { height: 8, width: 6 }];
let folder: Awaited<ReturnType<typeof scratchFolder>>;
let samples: Sample[];
beforeAll(async () => {
  folder = await scratchFolder();
  samples = await writeDataset(folder.path, 11, 0);
});
afterAll(() => folder[Symbol.asyncDispose]());

const options = (changes: Partial<LoaderOptions> = {}): LoaderOptions => ({
  samples,
  batchSize: 4,
  imageSizes: sizes,
  maskSize: { height: 8, width: 6 },
  seed: 2025,
  stream: 'student',
  augmentation: 'default',
  maxUnreadable: 0.1,
  ...changes,
});

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function epochOf(changes: Partial<LoaderOptions> = {}, epoch = 0, from: { firstBatch?: number; shuffle?: boolean } = {}): Promise<Batch[]> {
  await using loader = createLoader(options(changes));
  return await collect(loader.epoch(epoch, from));
}

/** `samples` with a damaged one among them. */
async function withDamaged(name: string, count = 1): Promise<Sample[]> {
  const damaged: Sample[] = [];
  for (let i = 0; i < count; i++) {
    const image = join(folder.path, `${name}-${i}.jpg`);
    await writeFile(image, 'not an image');
    damaged.push({ id: `${name}-${i}`, image, mask: samples[0]!.mask, split: 'train' });
  }
  return [...samples.slice(0, 5), ...damaged, ...samples.slice(5)];
}

describe('the training loader', () => {
  test('delivers batches of the announced shapes, without the short last one', async () => {
    const batches = await epochOf();
    expect(batches.map(({ index }) => index)).toEqual([0, 1]);
    for (const batch of batches) {
      expect(Object.entries(batch.images).map(([key, values]) => [key, values.length])).toEqual([['16x12', 4 * 16 * 12 * 3], ['8x6', 4 * 8 * 6 * 3]]);
      expect(batch.mask.length).toBe(4 * 8 * 6);
      expect(Math.max(...batch.mask)).toBeLessThanOrEqual(1);
      expect(batch.skipped).toEqual([]);
    }
  });

  test('shows every sample once an epoch, in an order and views of the epoch', async () => {
    const first = (await epochOf({ batchSize: 1 })).flatMap(({ ids }) => ids);
    const second = (await epochOf({ batchSize: 1 }, 1)).flatMap(({ ids }) => ids);
    const listed = samples.map(({ id }) => id).sort();
    expect([...first].sort()).toEqual(listed);
    expect([...second].sort()).toEqual(listed);
    expect(second).not.toEqual(first);
    expect((await epochOf({ batchSize: 1, stream: 'teacher' })).flatMap(({ ids }) => ids)).not.toEqual(first);
    expect((await epochOf({ batchSize: 1 }, 0, { shuffle: false })).flatMap(({ ids }) => ids)).toEqual(listed);
  });

  test('a row of a batch is that sample: viewed, resized from the original, normalised', async () => {
    const [batch] = await epochOf();
    for (const [row, id] of batch!.ids.entries()) {
      const sample = samples.find((each) => each.id === id)!;
      const view = drawView('default', 2025, 'student', 0, id);
      const { images, mask } = preparePair(await decodePair(sample.image, sample.mask), { ...sample, view, imageSizes: sizes, maskSize: sizes[1]! });
      expect(batch!.images['16x12']!.slice(row * 576, (row + 1) * 576)).toEqual(images[0]);
      expect(batch!.images['8x6']!.slice(row * 144, (row + 1) * 144)).toEqual(images[1]);
      expect([...batch!.mask.slice(row * 48, (row + 1) * 48)].map((value) => Math.round(value * 255))).toEqual([...mask.data]);
    }
  });

  test('the hash is that of the arrays', async () => {
    const [batch] = await epochOf();
    const hash = createHash('sha256').update(batch!.images['16x12']!).update(batch!.images['8x6']!).update(batch!.mask).digest('hex');
    expect(batch!.hash).toBe(hash);
  });

  test('is the same with any number of threads, any prefetch and without a cache', async () => {
    const reference = await epochOf();
    expect(await epochOf({ workers: 2, prefetch: 5 })).toEqual(reference);
    expect(await epochOf({ prefetch: 1, cacheBytes: 0 })).toEqual(reference);
  });

  test('continues an epoch with the batches of an unbroken one, also in the middle of a second epoch', async () => {
    const unbroken = await epochOf({ batchSize: 2 }, 1);
    expect(unbroken).toHaveLength(5);
    expect(await epochOf({ batchSize: 2 }, 1, { firstBatch: 3 })).toEqual(unbroken.slice(3));
    expect(await epochOf({ batchSize: 2 }, 1, { firstBatch: 5 })).toEqual([]);
    await using loader = createLoader(options({ batchSize: 2 }));
    await collect(loader.epoch(0)); // now the originals are cached
    expect(await collect(loader.epoch(1))).toEqual(unbroken);
  });

  test('replaces a damaged sample by the next one, leaves the other batches alone and reports it', async () => {
    const damaged = await withDamaged('damaged');
    const batches = await epochOf({ samples: damaged, batchSize: 3 });
    const skipped = batches.flatMap((batch) => batch.skipped);
    expect(skipped.map(({ id }) => id)).toEqual(['damaged-0']);
    expect(skipped[0]!.reason).toContain('damaged-0.jpg');
    expect(batches.flatMap(({ ids }) => ids)).not.toContain('damaged-0');
    expect(batches.every(({ ids }) => ids.length === 3)).toBe(true);
    const where = batches.findIndex((batch) => batch.skipped.length > 0);
    expect(await epochOf({ samples: damaged, batchSize: 3 }, 0, { firstBatch: where })).toEqual(batches.slice(where));
    expect(await epochOf({ samples: damaged, batchSize: 3 }, 0, { firstBatch: where + 1 })).toEqual(batches.slice(where + 1));
  });

  test('ends with an error above the limit of unreadable samples', async () => {
    const damaged = await withDamaged('bad', 3);
    await expect(epochOf({ samples: damaged, maxUnreadable: 0.2, batchSize: 7, augmentation: 'none' }, 0)).rejects.toMatchObject({ name: 'DataError', reason: 'too-many-unreadable' });
    expect(await epochOf({ samples: damaged, maxUnreadable: 0.3, batchSize: 7 })).toHaveLength(2);
  });

  test('refuses fewer samples than a batch', () => {
    expect(() => createLoader(options({ batchSize: 12 }))).toThrow(expect.objectContaining({ reason: 'too-few-samples' }));
  });

  test('ends its threads when it is closed, also in the middle of an epoch', async () => {
    const openPorts = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length; // each live thread holds some
    const before = openPorts();
    const loader = createLoader(options({ workers: 2, batchSize: 2 }));
    const epoch = loader.epoch(0)[Symbol.asyncIterator]();
    await epoch.next();
    expect(openPorts()).toBeGreaterThan(before);
    await loader[Symbol.asyncDispose]();
    expect(openPorts()).toBe(before);
    await expect(collect(loader.epoch(1))).rejects.toMatchObject({ reason: 'disposed' });
  });

  test('a mask of another shape than its image is no sample', async () => {
    const mask = join(folder.path, 'wide.png');
    await writeRaster(mask, noise('wide', 10, 40, 1));
    await expect(decodePair(samples[0]!.image, mask)).rejects.toMatchObject({ reason: 'size-mismatch' });
  });
});

describe('the evaluation loader', () => {
  test('delivers all samples in order, pads the last batch and keeps masks at their size', async () => {
    const batches = await collect(loadForEvaluation({ samples, size: sizes[0]!, batchSize: 4 }));
    expect(batches.map(({ count }) => count)).toEqual([4, 4, 3]);
    expect(batches.flatMap((batch) => batch.samples)).toEqual(samples);
    const last = batches[2]!;
    expect(last.images.length).toBe(4 * 576);
    expect(last.images.slice(3 * 576)).toEqual(last.images.slice(2 * 576, 3 * 576));
    expect(last.masks).toHaveLength(3);
    const { mask } = await decodePair(samples[10]!.image, samples[10]!.mask);
    expect(last.masks[2]).toEqual(mask);
    const [resized] = await collect(loadForEvaluation({ samples: samples.slice(0, 1), size: sizes[0]!, batchSize: 1, maskSize: { height: 5, width: 7 } }));
    expect(resized!.masks[0]).toMatchObject({ height: 5, width: 7 });
  });

  test('leaves out what cannot be read and says so', async () => {
    const batches = await collect(loadForEvaluation({ samples: (await withDamaged('gone')).slice(4, 7), size: sizes[1]!, batchSize: 2 }));
    expect(batches.map(({ count }) => count)).toEqual([1, 1]);
    expect(batches.flatMap(({ skipped }) => skipped.map(({ id }) => id))).toEqual(['gone-0']);
  });
});
