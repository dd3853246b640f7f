import type { Layout, SplitSource } from './layout.ts';

/**
 * Four folders: images and masks of each split. ORSSD, EORSSD and ORSI-4199 are handed around with many spellings of
 * the same idea: `train-images`, `train_GT`, `train/Image-train`, `trainset/labels`. A folder is recognised where every word of its
 * path is a split or a kind, and both occur.
 */
const splitWords: Readonly<Record<string, 'train' | 'test'>> = { train: 'train', training: 'train', trainset: 'train', test: 'test', testing: 'test', testset: 'test' };
const kindWords: Readonly<Record<string, 'images' | 'masks'>> = {
  image: 'images', images: 'images', img: 'images', imgs: 'images',
  groundtruth: 'masks', gt: 'masks', gts: 'masks', label: 'masks', labels: 'masks', mask: 'masks', masks: 'masks',
};

/** Words that say neither, as in `train_dataset/GT`. */
const fillers: ReadonlySet<string> = new Set(['dataset', 'data', 'set']);

/** Split and kind of a folder such as `train-images`; undefined for any other name. */
export function classifyFolder(path: string): { split: 'train' | 'test'; kind: 'images' | 'masks' } | undefined {
  const words = path.toLowerCase().split(/[/_\s-]+/);
  const splits = new Set<'train' | 'test'>();
  const kinds = new Set<'images' | 'masks'>();
  for (const word of words) {
    const split = splitWords[word];
    const kind = kindWords[word];
    if (split !== undefined) splits.add(split);
    else if (kind !== undefined) kinds.add(kind);
    else if (!fillers.has(word)) return undefined;
  }
  const [split, kind] = [[...splits][0], [...kinds][0]];
  return splits.size === 1 && kinds.size === 1 && split !== undefined && kind !== undefined ? { split, kind } : undefined;
}

export const splitFoldersLayout: Layout = {
  name: 'split-folders',
  description: 'train-images/, train-labels/, test-images/, test-labels/',
  match({ folders }, lists) {
    const found: Record<'train' | 'test', Partial<SplitSource>> = { train: {}, test: {} };
    for (const folder of [...folders].sort()) {
      const place = classifyFolder(folder);
      if (place !== undefined) found[place.split] = { [place.kind]: folder, ...found[place.split] }; // the first in the alphabet wins
    }
    const { train, test } = found;
    if (!isComplete(train) || !isComplete(test)) return undefined;
    return { train: listed(train, lists.train), test: listed(test, lists.test) };
  },
};

function listed(source: SplitSource, list: string | undefined): SplitSource {
  return list === undefined ? source : { ...source, list };
}

function isComplete(source: Partial<SplitSource>): source is SplitSource {
  return source.images !== undefined && source.masks !== undefined;
}
