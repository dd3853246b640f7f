import type { Layout } from './layout.ts';

/** The layout of the official SCRKD code: two text files of stems beside `images/` and `labels/`. */
export const listsLayout: Layout = {
  name: 'lists',
  description: 'train.txt, test.txt, images/, labels/',
  match({ files, folders }, lists) {
    const named = (names: readonly string[], wanted: string) => names.find((name) => name.toLowerCase() === wanted);
    const [train, test] = [lists.train ?? named(files, 'train.txt'), lists.test ?? named(files, 'test.txt')];
    const [images, masks] = [named(folders, 'images'), named(folders, 'labels')];
    if (train === undefined || test === undefined || images === undefined || masks === undefined) return undefined;
    return { train: { images, masks, list: train }, test: { images, masks, list: test } };
  },
};
