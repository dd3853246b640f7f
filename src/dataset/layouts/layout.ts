import type { LayoutName, ListNames } from '../dataset.ts';

/** The names in a dataset folder: its files, and its folders down to the second level. Relative paths with `/`. */
export interface FolderTree {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Where one split lies, relative to the dataset's folder. */
export interface SplitSource {
  readonly images: string;
  readonly masks: string;
  /** A text file with one stem a line; without it every file of the folders counts. */
  readonly list?: string;
}

/** One form in which datasets of this field are distributed. A new form is one more file and one more row in `all.ts`. */
export interface Layout {
  readonly name: LayoutName;
  /** For messages: the files and folders that make up this form. */
  readonly description: string;
  /** The two splits of a folder of this form, by the named lists where there are any; undefined where it has another form. */
  match(tree: FolderTree, lists: ListNames): Record<'train' | 'test', SplitSource> | undefined;
}
