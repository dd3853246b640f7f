import { mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../../src/dataset/open.ts';
import { noise, scratchFolder, writeDataset, writeRaster } from '../data/scratch.ts';

describe('openDataset', () => {
  test('lists the splits of the lists layout in their order, with paths', async () => {
    await using folder = await scratchFolder();
    const samples = await writeDataset(folder.path, 7);
    const dataset = await openDataset({ root: folder.path });
    expect(dataset.layout).toBe('lists');
    expect(dataset.splits.train).toEqual(samples.slice(2));
    expect(dataset.splits.test).toEqual(samples.slice(0, 2));
    expect(dataset.splits.validation).toEqual([]);
    expect(dataset.problems).toEqual([]);
  });

  test('tolerates CRLF, a byte order mark, blank lines, extensions and other spellings', async () => {
    await using folder = await scratchFolder();
    await writeDataset(folder.path, 5);
    await writeFile(join(folder.path, 'train.txt'), '\uFEFFscene-002.jpg\r\n\r\n  scene-003  \r\nscene-004.PNG');
    await rename(join(folder.path, 'images'), join(folder.path, 'Images'));
    await rename(join(folder.path, 'Images', 'scene-003.png'), join(folder.path, 'Images', 'scene-003.PNG'));
    const dataset = await openDataset({ root: folder.path });
    expect(dataset.splits.train.map(({ id }) => id)).toEqual(['scene-002', 'scene-003', 'scene-004']);
    expect(dataset.problems).toEqual([]);
  });

  test.each([
    ['train-images', 'train-labels', 'test-images', 'test-labels'],
    ['train_Image', 'train_GT', 'test_Image', 'test_GT'],
    ['train/Image-train', 'train/GT-train', 'test/images', 'test/masks'],
    ['train_dataset/Image', 'train_dataset/GroundTruth', 'test_dataset/Image', 'test_dataset/GroundTruth'],
    ['trainset/image', 'trainset/gt', 'testset/image', 'testset/gt'],
  ])('finds the split folders %s, %s, %s, %s', async (trainImages, trainMasks, testImages, testMasks) => {
    await using folder = await scratchFolder();
    for (const [sub, channels, stems] of [[trainImages, 3, ['a', 'b']], [trainMasks, 1, ['a', 'b']], [testImages, 3, ['a']], [testMasks, 1, ['a']]] as const) {
      await mkdir(join(folder.path, sub), { recursive: true });
      for (const stem of stems) await writeRaster(join(folder.path, sub, `${stem}.png`), noise(stem, 4, 4, channels));
    }
    const dataset = await openDataset({ root: folder.path });
    expect(dataset.layout).toBe('split-folders');
    expect(dataset.splits.train.map(({ id, mask }) => [id, mask])).toEqual([['a', join(folder.path, trainMasks, 'a.png')], ['b', join(folder.path, trainMasks, 'b.png')]]);
    expect(dataset.splits.test.map(({ id }) => id)).toEqual(['a']);
    expect(dataset.problems).toEqual([]); // equal names in two folders are not a leak
  });

  test('takes the folders that a config names, whatever they are called, but never from outside the folder', async () => {
    await using folder = await scratchFolder();
    for (const [sub, channels, stems] of [['A/pictures', 3, ['a', 'b', 'c']], ['A/sal', 1, ['a', 'b', 'c']], ['B', 3, ['d']], ['Bm', 1, ['d']]] as const) {
      await mkdir(join(folder.path, sub), { recursive: true });
      for (const stem of stems) await writeRaster(join(folder.path, sub, `${stem}.png`), noise(stem, 4, 4, channels));
    }
    await expect(openDataset({ root: folder.path })).rejects.toMatchObject({ reason: 'layout-unknown', message: expect.stringContaining('dataset.folders') as string });
    await writeFile(join(folder.path, 'few.txt'), 'c\na\n');
    const folders = { trainImages: 'A/pictures', trainMasks: 'A/sal', testImages: 'B', testMasks: 'Bm' };
    const dataset = await openDataset({ root: folder.path, lists: { train: 'few.txt', folders } });
    expect(dataset.layout).toBe('named-folders');
    expect(dataset.splits.train.map(({ id, mask }) => [id, mask])).toEqual([['c', join(folder.path, 'A/sal/c.png')], ['a', join(folder.path, 'A/sal/a.png')]]);
    expect(dataset.splits.test.map(({ id }) => id)).toEqual(['d']);
    await expect(openDataset({ root: folder.path, lists: { folders: { ...folders, testMasks: '../x' } } })).rejects.toMatchObject({ reason: 'missing' });
    await expect(openDataset({ root: folder.path, lists: { folders: { ...folders, testMasks: 'gone' } } })).rejects.toMatchObject({ reason: 'unreadable', message: expect.stringContaining('gone') as string });
  });

  test('other lists take the place of the usual ones, but never from outside the folder', async () => {
    await using folder = await scratchFolder();
    const samples = await writeDataset(folder.path, 6);
    await rm(join(folder.path, 'train.txt'));
    await mkdir(join(folder.path, 'lists'));
    await writeFile(join(folder.path, 'lists', 'few.txt'), 'scene-004\nscene-003\n');
    const dataset = await openDataset({ root: folder.path, name: 'mine', lists: { train: 'lists/few.txt' } });
    expect(dataset.name).toBe('mine');
    expect(dataset.splits.train).toEqual([samples[4], samples[3]]);
    await expect(openDataset({ root: folder.path, lists: { train: 'lists/none.txt' } })).rejects.toMatchObject({ reason: 'unreadable', message: expect.stringContaining('none.txt') as string });
    await expect(openDataset({ root: folder.path, lists: { train: '../few.txt' } })).rejects.toMatchObject({ reason: 'missing' });
  });

  test('the name leaves out the word dataset', async () => {
    await using folder = await scratchFolder();
    await writeDataset(join(folder.path, 'ORSSD dataset'), 4);
    expect((await openDataset({ root: join(folder.path, 'ORSSD dataset') })).name).toBe('ORSSD');
  });
});

describe('the held-out validation split', () => {
  test('is a share of the training split that depends on the seed and keeps the order', async () => {
    await using folder = await scratchFolder();
    const samples = await writeDataset(folder.path, 22);
    const open = (seed: number) => openDataset({ root: folder.path, validation: { fraction: 0.25, seed } });
    const { splits } = await open(1);
    expect(splits.validation).toHaveLength(5);
    expect(splits.validation.every(({ split }) => split === 'validation')).toBe(true);
    const ids = samples.slice(2).map(({ id }) => id);
    expect([...splits.train, ...splits.validation].map(({ id }) => id).sort()).toEqual(ids);
    expect(splits.train.map(({ id }) => id)).toEqual(ids.filter((id) => splits.train.some((sample) => sample.id === id)));
    expect((await open(1)).splits).toEqual(splits);
    expect((await open(2)).splits.validation).not.toEqual(splits.validation);
  });
});

describe('the fingerprint', () => {
  test('depends on contents and splits, not on the place', async () => {
    await using folder = await scratchFolder();
    const [here, there] = [join(folder.path, 'here'), join(folder.path, 'there')];
    await writeDataset(here, 5);
    await writeDataset(there, 5);
    const { fingerprint } = await openDataset({ root: here });
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect((await openDataset({ root: there })).fingerprint).toBe(fingerprint);
    expect((await openDataset({ root: here, validation: { fraction: 0.4, seed: 1 } })).fingerprint).not.toBe(fingerprint);
    await writeRaster(join(there, 'labels', 'scene-003.png'), noise('another', 24, 22, 1));
    expect((await openDataset({ root: there })).fingerprint).not.toBe(fingerprint);
  });
});

describe('what is wrong with a usable dataset', () => {
  test('is reported sample by sample', async () => {
    await using folder = await scratchFolder();
    const samples = await writeDataset(folder.path, 44);
    await rm(samples[5]!.image);
    await truncate(samples[6]!.mask, 10);
    await writeRaster(samples[7]!.mask, noise('small', 5, 5, 1));
    await writeRaster(join(folder.path, 'images', 'scene-008.webp'), noise('twin', 4, 4, 3));
    const ids = samples.slice(2).map(({ id }) => id);
    await writeFile(join(folder.path, 'train.txt'), [...ids, 'scene-009', '../outside', 'scene-000'].join('\n'));
    const dataset = await openDataset({ root: folder.path });
    expect(dataset.problems.map(({ kind, id, excluded }) => [kind, id, excluded])).toEqual([
      ['missing-image', 'scene-005', true],
      ['several-files', 'scene-008', false],
      ['listed-twice', 'scene-009', true],
      ['bad-name', '../outside', true],
      ['unreadable-mask', 'scene-006', true],
      ['size-mismatch', 'scene-007', false],
      ['train-and-test', 'scene-000', false],
    ]);
    expect(dataset.splits.train.map(({ id }) => id)).toEqual([...ids.filter((id) => id !== 'scene-005' && id !== 'scene-006'), 'scene-000']);
  });
});

describe('a folder that is refused', () => {
  const refused = async (path: string, reason: string, ...mentioned: string[]) => {
    const error = await openDataset({ root: path }).then(() => undefined, (thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ name: 'DatasetError', reason });
    for (const text of [path, ...mentioned]) expect(error?.message).toContain(text);
  };

  test('missing, a file, empty, or of no known layout', async () => {
    await using folder = await scratchFolder();
    await refused(join(folder.path, 'nowhere'), 'missing');
    await writeFile(join(folder.path, 'file'), '');
    await refused(join(folder.path, 'file'), 'missing');
    await mkdir(join(folder.path, 'empty'));
    await refused(join(folder.path, 'empty'), 'empty');
    await writeDataset(join(folder.path, 'outer', 'ORSSD'), 4);
    await refused(join(folder.path, 'outer'), 'layout-unknown', 'found ORSSD/', 'train.txt', 'The folder ORSSD inside it looks like a dataset');
  });

  test('with an empty list', async () => {
    await using folder = await scratchFolder();
    await writeDataset(folder.path, 4);
    await writeFile(join(folder.path, 'test.txt'), '\n');
    await refused(folder.path, 'empty', 'test');
  });

  test('unpaired: counts and first examples', async () => {
    await using folder = await scratchFolder();
    const samples = await writeDataset(folder.path, 12);
    for (const { mask } of samples.slice(4, 8)) await rm(mask);
    await refused(folder.path, 'unpaired', '4 of 10', 'scene-004');
  });

  test('half unreadable: counts and first examples', async () => {
    await using folder = await scratchFolder();
    const samples = await writeDataset(folder.path, 12);
    for (const { image } of samples.slice(4, 9)) await writeFile(image, 'damaged');
    await refused(folder.path, 'half-unreadable', '5 of 10', 'scene-004.png');
  });

  test('of another layout than the wanted one', async () => {
    await using folder = await scratchFolder();
    await writeDataset(folder.path, 4);
    await expect(openDataset({ root: folder.path, layout: 'split-folders' })).rejects.toMatchObject({ reason: 'layout-unknown' });
  });
});
