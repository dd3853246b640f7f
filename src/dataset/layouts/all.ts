import type { Layout } from './layout.ts';
import { listsLayout } from './lists.ts';
import { namedFoldersLayout } from './named-folders.ts';
import { splitFoldersLayout } from './split-folders.ts';

/** Every layout, in the order in which a folder is tried. */
export const layouts: readonly Layout[] = [namedFoldersLayout, listsLayout, splitFoldersLayout];
