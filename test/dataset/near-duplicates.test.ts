import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { inspectImage } from '../../src/data/inspect-image.ts';
import { maskStatistics } from '../../src/data/mask-statistics.ts';
import { renderScene, sceneKinds } from '../../src/data/synth/render.ts';
import { checkDataset } from '../../src/dataset/check.ts';
import { scratchFolder, writeRaster } from '../data/scratch.ts';

const scene = (i: number) => renderScene(sceneKinds[i % sceneKinds.length]!, { height: 96, width: 128 }, 5, `scene ${i}`);

test('copies of training images in the test split are found however they were changed, and other scenes are not', async () => {
  await using folder = await scratchFolder();
  const path = (kind: string, id: string, extension: string): string => join(folder.path, kind, `${id}.${extension}`);
  for (const kind of ['images', 'labels']) await mkdir(join(folder.path, kind));
  const train = Array.from({ length: 27 }, (_, i) => `train-${i}`);
  for (const [i, id] of train.entries()) {
    const { image, mask } = scene(i);
    await writeRaster(path('images', id, 'png'), image);
    await writeRaster(path('labels', id, 'png'), mask);
  }
  const copies = {
    'same-bytes': (from: string) => sharp(from).png(),
    recoded: (from: string) => sharp(from).jpeg({ quality: 30 }),
    smaller: (from: string) => sharp(from).resize(90, 70).jpeg(),
    brighter: (from: string) => sharp(from).linear(0.9, 25).jpeg(),
    gray: (from: string) => sharp(from).grayscale().jpeg(),
    cropped: (from: string) => sharp(from).extract({ left: 1, top: 1, width: 126, height: 94 }).jpeg(),
    mirrored: (from: string) => sharp(from).flop().jpeg(),
    turned: (from: string) => sharp(from).rotate(90).jpeg(),
  };
  const expected: [string, string, boolean][] = [];
  for (const [i, [id, copy]] of Object.entries(copies).entries()) {
    await copy(path('images', train[3 * i]!, 'png')).toFile(path('images', id, 'jpg'));
    await writeRaster(path('labels', id, 'png'), scene(3 * i).mask);
    expected.push([id, train[3 * i]!, id === 'mirrored' || id === 'turned']);
  }
  const others = Array.from({ length: 27 }, (_, i) => `test-${i}`);
  for (const [i, id] of others.entries()) {
    const { image, mask } = scene(100 + i);
    await writeRaster(path('images', id, 'png'), image);
    await writeRaster(path('labels', id, 'png'), mask);
  }
  // Nothing to see: two flat images are not taken for one.
  for (const id of ['flat-train', 'flat-test']) {
    await writeRaster(path('images', id, 'png'), { width: 30, height: 30, channels: 3, data: new Uint8Array(2700).fill(90) });
    await writeRaster(path('labels', id, 'png'), { width: 30, height: 30, channels: 1, data: new Uint8Array(900).fill(255, 0, 60) });
  }
  await writeFile(join(folder.path, 'train.txt'), [...train, 'flat-train'].join('\n'));
  await writeFile(join(folder.path, 'test.txt'), [...Object.keys(copies), ...others, 'flat-test'].join('\n'));
  const report = await checkDataset({ root: folder.path, maskStatistics, inspectImage });
  expect(report.nearDuplicates.map(({ test, train: like, turned }) => [test, like, turned])).toEqual(expected);
  expect(report.problemCounts['near-duplicate']).toBe(expected.length);
  expect(report.problems.find(({ id, kind }) => id === 'turned' && kind === 'near-duplicate')?.message).toContain('train-21, flipped or turned');
});

test('a check can be cancelled', async () => {
  await using folder = await scratchFolder();
  for (const kind of ['images', 'labels']) await mkdir(join(folder.path, kind));
  for (const kind of ['images', 'labels']) await writeRaster(join(folder.path, kind, 'a.png'), { width: 8, height: 8, channels: 1, data: new Uint8Array(64) });
  for (const split of ['train', 'test']) await writeFile(join(folder.path, `${split}.txt`), 'a');
  await expect(checkDataset({ root: folder.path, maskStatistics, inspectImage, signal: AbortSignal.abort(new RangeError('enough')) })).rejects.toThrow('enough');
});
