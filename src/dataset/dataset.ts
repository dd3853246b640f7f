export type Split = 'train' | 'validation' | 'test';

/** One image with its mask. */
export interface Sample {
  /** The file name without its extension; unique inside a split. */
  readonly id: string;
  /** Path of the image. */
  readonly image: string;
  /** Path of the mask. */
  readonly mask: string;
  readonly split: Split;
}

/** What is wrong with a part of a dataset that is usable as a whole. */
export interface DatasetProblem {
  readonly kind:
    | 'missing-image' // listed, but there is no such image
    | 'missing-mask' // an image without a mask
    | 'unreadable-image' // not an image, empty, or cut off in its header
    | 'unreadable-mask'
    | 'size-mismatch' // image and mask differ in width or height
    | 'empty-mask' // no salient pixel (found by `checkDataset` only)
    | 'not-a-mask' // values that do not look like a mask (found by `checkDataset` only)
    | 'near-duplicate' // a test image that is a training image, as good as unchanged (found by `checkDataset` only)
    | 'listed-twice' // the same sample twice in one split
    | 'train-and-test' // the same sample in the training and in the test split
    | 'several-files' // two files with the same stem
    | 'bad-name'; // a listed name that leads outside the folder
  readonly id: string;
  readonly split: Split;
  /** The sample was left out of the splits because of this. */
  readonly excluded: boolean;
  /** For people: names the file, what was found and what was expected. */
  readonly message: string;
}

export interface Dataset {
  /** Absolute path of the folder. */
  readonly root: string;
  /** The folder's name, e.g. `ORSSD` (also for a folder called `ORSSD dataset`). */
  readonly name: string;
  /** Name of the layout that was found, see `layouts/`. */
  readonly layout: LayoutName;
  readonly splits: Readonly<Record<Split, readonly Sample[]>>;
  /** sha256 (hex) of the splits, ids and contents of all images and masks; independent of where the folder lies. */
  readonly fingerprint: string;
  readonly problems: readonly DatasetProblem[];
}

/** What a config names inside the dataset's folder. */
export interface ListNames {
  /** List files that take the place of the layout's own; a layout without lists is narrowed down by them. */
  readonly train?: string;
  readonly test?: string;
  /** Where images and masks are, for a form that is not recognised. */
  readonly folders?: { readonly trainImages: string; readonly trainMasks: string; readonly testImages: string; readonly testMasks: string };
}

export type LayoutName = 'named-folders' | 'lists' | 'split-folders';

/** Holds back a part of the training split for choosing checkpoints. */
export interface ValidationSplit {
  /** Share of the training split, 0 ≤ fraction < 1. */
  readonly fraction: number;
  readonly seed: number;
}
