import type { Layout } from './layout.ts';
import { listsLayout } from './lists.ts';
import { splitFoldersLayout } from './split-folders.ts';

/** Every layout, in the order in which a folder is tried. */
export const layouts: readonly Layout[] = [listsLayout, splitFoldersLayout];
