import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { makeScenes, scratchFolder, scrkd, writeConfig } from '../training/support.ts';

const folder = scratchFolder();

beforeAll(() => makeScenes(folder, 9, 5));

test('scrkd dataset check of a sound dataset: counts and statistics', async () => {
  const { code, stdout } = await scrkd(folder, 'dataset', 'check', 'data');
  expect(code).toBe(exitCodes.ok);
  expect(stdout).toMatch(/train +9 +64 +64 .*%/);
  expect(stdout).toContain('Nothing is wrong');
});

test('scrkd dataset check of a config: its folders and lists', async () => {
  const folders = '{ trainImages: data/images, trainMasks: data/labels, testImages: data/images, testMasks: data/labels }';
  writeConfig(folder, 'named', `version: 1\nexperiment: named\ndataset: { root: ., name: mine, folders: ${folders}, train: data/train.txt, test: data/test.txt }\nstages: { only: { model: pspnet, resolution: 64 } }\n`);
  const { code, stdout } = await scrkd(folder, 'dataset', 'check', 'named.scrkd.yaml');
  expect(stdout).toMatch(/^mine: .*named-folders\n(.*\n){2}train +9 /);
  expect(code).toBe(exitCodes.ok);
});

test('scrkd dataset check of a damaged one: every kind with its count and examples, and an exit code for scripts', async () => {
  for (let i = 1; i <= 8; i++) writeFileSync(join(folder, `data/labels/train-000${i}.png`), 'no mask');
  writeFileSync(join(folder, 'data/images/test-0002.jpg'), readFileSync(join(folder, 'data/images/train-0009.jpg')));
  const { code, stdout } = await scrkd(folder, 'dataset', 'check', 'data');
  expect(code).toBe(exitCodes.invalidInput);
  expect(stdout).toContain('error unreadable-mask: 8');
  expect(stdout).toContain('and 3 more');
  expect(stdout).toContain('warning near-duplicate: 1\n  The test image test-0002 is the training image train-0009');
  const report = JSON.parse((await scrkd(folder, 'dataset', 'check', 'data', '--json')).stdout) as { counts: object; problems: object[]; statistics: object };
  expect(report.counts).toEqual({ train: 1, validation: 0, test: 5 });
  expect(report.problems).toHaveLength(9);
  expect(report.statistics).toMatchObject({ train: { samples: 1, width: { median: 64 } }, test: { samples: 5 } });
  expect((await scrkd(folder, 'dataset', 'check', 'nowhere')).code).toBe(exitCodes.invalidInput);
});
