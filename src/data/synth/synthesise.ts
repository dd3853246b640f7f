import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Random } from '../../base/random.ts';
import { DataError } from '../errors.ts';
import { fromRaster, saveFile, savePng } from '../png.ts';
import type { Size } from '../raster.ts';
import { renderScene, sceneKinds, type RenderedScene } from './render.ts';
import { objectClasses } from './scene.ts';

export interface SynthesiseOptions {
  /** Made where it does not exist; it must be empty, or hold an earlier synthetic dataset, which is replaced. */
  readonly folder: string;
  /** Number of training scenes. */
  readonly train: number;
  /** Number of test scenes. */
  readonly test: number;
  /** Pixels; a number is both sides. 256 by default. */
  readonly size?: number | Size;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Writes a deterministic dataset of painted aerial scenes in the `lists` layout: train.txt, test.txt, images/*.jpg, labels/*.png, and
 * annotations.json in COCO's form with a box, an area and a class for every salient object.
 * The lists are written last, so that an interrupted folder is not taken for a dataset.
 * @throws DataError `folder-in-use`; the signal's reason when it is aborted; NodeJS.ErrnoException
 */
export async function synthesise({ folder, train, test, size = 256, seed, onProgress, signal }: SynthesiseOptions): Promise<void> {
  const pixels = typeof size === 'number' ? { width: size, height: size } : size;
  await prepareFolder(folder, seed);
  const total = train + test;
  const entries: Entry[] = [];
  for (let index = 0; index < total; index++) {
    signal?.throwIfAborted();
    const split = index < train ? 'train' : 'test';
    const id = sceneId(split, split === 'train' ? index : index - train);
    const scene = renderScene(kindOf(seed, index), pixels, seed, id);
    const jpeg = await fromRaster(scene.image).jpeg({ quality: 93, chromaSubsampling: '4:2:0' }).toBuffer();
    await saveFile(join(folder, 'images', `${id}.jpg`), jpeg);
    await savePng(join(folder, 'labels', `${id}.png`), scene.mask);
    entries.push({ id, split, scene });
    onProgress?.(index + 1, total);
    await new Promise(setImmediate); // Ctrl-C and the progress line get their turn
  }
  await saveFile(join(folder, 'annotations.json'), JSON.stringify(cocoOf(entries, seed), undefined, 1) + '\n');
  for (const split of ['train', 'test'] as const) {
    await saveFile(join(folder, `${split}.txt`), entries.filter((entry) => entry.split === split).map(({ id }) => `${id}\n`).join(''));
  }
}

interface Entry {
  readonly id: string;
  readonly split: 'train' | 'test';
  readonly scene: RenderedScene;
}

function sceneId(split: 'train' | 'test', index: number): string {
  return `${split}-${String(index + 1).padStart(4, '0')}`;
}

/** All kinds equally often, in a shuffled order in each round, so that a small dataset has some of each. */
function kindOf(seed: number, index: number): (typeof sceneKinds)[number] {
  const round = Math.floor(index / sceneKinds.length);
  const order = new Random(seed, 'scene kinds', round).permutation(sceneKinds.length);
  return sceneKinds[order[index % sceneKinds.length]!]!;
}

/** An earlier synthetic dataset is replaced; anything else is not ours to overwrite. The description marks the folder from the start. */
async function prepareFolder(folder: string, seed: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const present = await readdir(folder);
  if (present.length > 0 && !(await isSynthetic(folder))) {
    throw new DataError('folder-in-use', l10n.t('{0} contains {1}; expected an empty folder or an earlier synthetic dataset.', folder, present[0]!));
  }
  await saveFile(join(folder, 'annotations.json'), JSON.stringify(cocoOf([], seed)));
  for (const name of ['train.txt', 'test.txt', 'images', 'labels']) await rm(join(folder, name), { recursive: true, force: true });
  await mkdir(join(folder, 'images'));
  await mkdir(join(folder, 'labels'));
}

const description = 'Synthetic aerial scenes with salient objects';

async function isSynthetic(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, 'annotations.json'), 'utf8').catch(() => '');
  return text.includes(description);
}

function cocoOf(entries: readonly Entry[], seed: number): object {
  let annotation = 0;
  return {
    info: { description, version: '1', seed },
    categories: objectClasses.map((name, index) => ({ id: index + 1, name, supercategory: 'salient object' })),
    images: entries.map(({ id, split, scene }, index) => ({ id: index + 1, file_name: `images/${id}.jpg`, width: scene.image.width, height: scene.image.height, split, kind: scene.kind })),
    annotations: entries.flatMap(({ scene }, index) =>
      scene.objects.map((object) => ({ id: ++annotation, image_id: index + 1, category_id: objectClasses.indexOf(object.class) + 1, bbox: object.box, area: object.area, iscrowd: 0 })),
    ),
  };
}
