/** Between the extension host and the preview of a dataset's sample. */

/** In pixels of the image. */
export interface PreviewBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly name: string;
}

/** The sample that is shown; complete each time. */
export interface ShownSample {
  readonly type: 'sample';
  readonly id: string;
  readonly dataset: string;
  readonly split: string;
  /** Addresses that the panel may load. */
  readonly image: string;
  readonly mask: string;
  /** Names for people, relative to the dataset. */
  readonly imageName: string;
  readonly maskName: string;
  readonly boxes: readonly PreviewBox[];
  /** What the last check of the dataset found of this sample. */
  readonly problems: readonly string[];
  /** Place in its split, from 0, and how many there are. */
  readonly position: number;
  readonly count: number;
}

export type ToPreview = ShownSample;
export type FromPreview = { readonly type: 'ready' } | { readonly type: 'step'; readonly by: 1 | -1 };
