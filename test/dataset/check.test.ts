import { stat, truncate, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { inspectImage } from '../../src/data/inspect-image.ts';
import { maskStatistics } from '../../src/data/mask-statistics.ts';
import type { GrayRaster } from '../../src/data/raster.ts';
import { checkDataset } from '../../src/dataset/check.ts';
import { scratchFolder, writeDataset, writeRaster } from '../data/scratch.ts';

const square = (value: number): GrayRaster => ({ width: 20, height: 20, channels: 1, data: Uint8Array.from({ length: 400 }, (_, i) => (i % 20 < 5 ? value : 0)) });

test('checkDataset opens what openDataset would refuse, and looks into the masks', async () => {
  await using folder = await scratchFolder();
  const samples = await writeDataset(folder.path, 8);
  for (const { image, mask } of samples) {
    await writeRaster(image, { ...square(255), channels: 3, data: new Uint8Array(1200) });
    await writeRaster(mask, square(255));
  }
  await writeRaster(samples[3]!.mask, square(0));
  await writeRaster(samples[4]!.mask, square(1));
  await writeRaster(samples[5]!.mask, { ...square(0), data: Uint8Array.from({ length: 400 }, (_, i) => (i * 7) % 256) });
  await writeFile(samples[6]!.image, '');
  await truncate(samples[7]!.image, (await stat(samples[7]!.image)).size - 20); // the header stays whole
  const report = await checkDataset({ root: folder.path, validation: { fraction: 0.2, seed: 1 }, maskStatistics, inspectImage });
  expect(report.counts).toEqual({ train: 4, validation: 1, test: 2 });
  expect(report.problemCounts).toEqual({ 'empty-mask': 1, 'not-a-mask': 2, 'unreadable-image': 2 });
  expect(report.problems.find(({ kind }) => kind === 'empty-mask')).toMatchObject({ id: 'scene-003', excluded: false });
  expect(report.problems.find(({ id }) => id === 'scene-004')?.message).toContain('up to 1');
  expect(report.statistics.train).toMatchObject({ samples: 4, width: { minimum: 20, maximum: 20 }, salientShare: { minimum: 0 } });
  expect(report.statistics.train.salientShare!.maximum).toBeGreaterThan(0.25);
  expect(report.nearDuplicates).toEqual([]);
});
