import type { Layout } from './layout.ts';

/** Four folders that a config names, for datasets of any other form. */
export const namedFoldersLayout: Layout = {
  name: 'named-folders',
  description: 'dataset.folders',
  match(_tree, { train, test, folders }) {
    if (folders === undefined) return undefined;
    return {
      train: { images: folders.trainImages, masks: folders.trainMasks, ...(train !== undefined && { list: train }) },
      test: { images: folders.testImages, masks: folders.testMasks, ...(test !== undefined && { list: test }) },
    };
  },
};
