import { createHash } from 'node:crypto';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { mapConcurrently, readContent, type FileContent } from './content.ts';
import type { Dataset, DatasetProblem, LayoutName, ListNames, Sample, Split, ValidationSplit } from './dataset.ts';
import { DatasetError } from './errors.ts';
import type { ImageHeader } from './image-header.ts';
import { layouts } from './layouts/all.ts';
import { listSplit, readTree } from './listing.ts';
import { pairSplit } from './pairing.ts';
import { holdOut } from './validation.ts';

export interface OpenOptions {
  readonly root: string;
  /** The folder's name by default. */
  readonly name?: string;
  readonly lists?: ListNames;
  /** Only this layout is tried; by default the folder's form is detected. */
  readonly layout?: LayoutName;
  readonly validation?: ValidationSplit;
  /** Share of a split's samples that may be unpaired or unreadable before the folder is refused; 0.1 by default. */
  readonly tolerance?: number;
}

/**
 * Lists a dataset folder, reads every file once for its fingerprint and leaves out what cannot be used.
 * @throws DatasetError `missing`, `empty`, `layout-unknown`, `unpaired`, `unreadable`, `half-unreadable`
 */
export async function openDataset(options: OpenOptions): Promise<Dataset> {
  const root = resolve(options.root);
  const layout = await detectLayout(root, options.layout, listsInside(root, options.lists));
  const problems: DatasetProblem[] = [];
  const tolerance = options.tolerance ?? 0.1;
  const read: ReadSample[] = [];
  for (const split of ['train', 'test'] as const) {
    const listing = await listSplit(root, layout.splits[split]);
    const paired = pairSplit(root, split, listing, tolerance);
    problems.push(...paired.problems);
    read.push(...(await readSamples(root, split, paired.samples, tolerance, problems)));
  }
  const ids = new Set(read.filter(({ sample }) => sample.split === 'train').map(({ sample }) => sample.id));
  // Without a list, equal names in the two folders are the rule (0001, 0002, ...) and say nothing.
  if (layout.splits.train.list !== undefined) {
    for (const { sample } of read) {
      if (sample.split === 'test' && ids.has(sample.id)) problems.push({ kind: 'train-and-test', id: sample.id, split: 'test', excluded: false, message: l10n.t('{0} is listed for training and for testing.', sample.id) });
    }
  }
  const samples = (split: Split) => read.filter(({ sample }) => sample.split === split).map(({ sample }) => sample);
  const held = holdOut(samples('train'), options.validation);
  const splits = { train: held.train, validation: held.validation, test: samples('test') };
  return { root, name: options.name ?? datasetName(root), layout: layout.name, splits, fingerprint: fingerprint(splits, read), problems };
}

/**
 * The splits of a dataset by the names of its files alone: nothing is opened, so what is no image is still among them.
 * @throws DatasetError `missing`, `empty`, `layout-unknown`, `unpaired`, `unreadable`
 */
export async function listDataset(options: OpenOptions): Promise<Dataset['splits']> {
  const root = resolve(options.root);
  const layout = await detectLayout(root, options.layout, listsInside(root, options.lists));
  const samples = async (split: 'train' | 'test') => pairSplit(root, split, await listSplit(root, layout.splits[split]), options.tolerance ?? 0.1).samples;
  const held = holdOut(await samples('train'), options.validation);
  return { train: held.train, validation: held.validation, test: await samples('test') };
}

interface ReadSample {
  readonly sample: Sample;
  readonly image: FileContent;
  readonly mask: FileContent;
}

function datasetName(root: string): string {
  return basename(root).replace(/[ _-]dataset$/i, '') || 'dataset';
}

/** A list or folder elsewhere could be anything on the disk. */
function listsInside(root: string, lists: ListNames = {}): ListNames {
  for (const name of [lists.train, lists.test, ...Object.values(lists.folders ?? {})]) {
    if (name === undefined) continue;
    const path = relative(root, resolve(root, name));
    if (path.startsWith('..') || isAbsolute(path)) throw new DatasetError('missing', root, l10n.t('{0} lies outside the dataset folder {1}.', name, root));
  }
  return lists;
}

async function detectLayout(root: string, wanted: LayoutName | undefined, lists: ListNames) {
  const tree = await readTree(root);
  const tried = layouts.filter((layout) => wanted === undefined || layout.name === wanted);
  for (const layout of tried) {
    const splits = layout.match(tree, lists);
    if (splits !== undefined) return { name: layout.name, splits };
  }
  if (tree.files.length + tree.folders.length === 0) throw new DatasetError('empty', root, l10n.t('The dataset folder {0} is empty.', root));
  const found = [...tree.folders.filter((name) => !name.includes('/')).map((name) => `${name}/`), ...tree.files];
  const shown = found.slice(0, 8).join(', ') + (found.length > 8 ? ', …' : '');
  const expected = tried.filter(({ name }) => name !== 'named-folders').map((layout) => layout.description).join(l10n.t(' or '));
  const inner = await Promise.all(tree.folders.filter((name) => !name.includes('/')).slice(0, 20).map(async (name) => ({ name, tree: await readTree(resolve(root, name)) })));
  const better = inner.find((folder) => tried.some((layout) => layout.match(folder.tree, {}) !== undefined));
  const hint = better === undefined ? '' : ' ' + l10n.t('The folder {0} inside it looks like a dataset.', better.name);
  throw new DatasetError('layout-unknown', root, l10n.t('The folder {0} has no known dataset layout: found {1}; expected {2}, or folders named by dataset.folders of a config.', root, shown, expected) + hint);
}

/** Reads the files of a split once; samples with a file that is no image are left out. */
async function readSamples(root: string, split: Split, samples: readonly Sample[], tolerance: number, problems: DatasetProblem[]): Promise<ReadSample[]> {
  const read: ReadSample[] = [];
  const unreadable: string[] = [];
  const empty: FileContent = { bytes: 0, sha256: '' };
  const contents = await mapConcurrently(samples, 8, async (sample) => ({
    sample,
    image: await readContent(sample.image).catch(() => empty),
    mask: await readContent(sample.mask).catch(() => empty),
  }));
  for (const { sample, image, mask } of contents) {
    if (image.header === undefined || mask.header === undefined) {
      const kind = image.header === undefined ? 'unreadable-image' : 'unreadable-mask';
      const path = image.header === undefined ? sample.image : sample.mask;
      unreadable.push(path);
      problems.push({ kind, id: sample.id, split, excluded: true, message: l10n.t('{0} is not a readable image.', path) });
      continue;
    }
    const [shown, masked] = [shownSize(image.header), shownSize(mask.header)];
    if (shown !== masked) problems.push({ kind: 'size-mismatch', id: sample.id, split, excluded: false, message: l10n.t('The image of {0} has {1} pixels, its mask {2}.', sample.id, shown, masked) });
    read.push({ sample, image, mask });
  }
  if (unreadable.length > tolerance * samples.length) {
    throw new DatasetError('half-unreadable', root, l10n.t('{0} of {1} samples of the {2} split of {3} cannot be read, for example {4}; expected at most {5} %.', unreadable.length, samples.length, split, root, unreadable.slice(0, 3).join(', '), Math.round(100 * tolerance)));
  }
  return read;
}

/** Width × height as shown, that is after the EXIF rotation. */
function shownSize({ width, height, orientation }: ImageHeader): string {
  return orientation >= 5 ? `${height}×${width}` : `${width}×${height}`;
}

/** One line a sample, sorted: independent of the order of listing, of file names' extensions and of where the folder lies. */
function fingerprint(splits: Readonly<Record<Split, readonly Sample[]>>, read: readonly ReadSample[]): string {
  const splitOf = new Map<Sample, Split>(splits.train.map((sample) => [sample, 'train']));
  const lines = read.map(({ sample, image, mask }) => {
    const split = sample.split === 'train' && !splitOf.has(sample) ? 'validation' : sample.split;
    return [split, sample.id, image.bytes, image.sha256, mask.bytes, mask.sha256].join('\0');
  });
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}
