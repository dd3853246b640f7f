import type { Sample } from '../dataset/dataset.ts';
import type { GrayRaster, Size } from './raster.ts';

/** A sample that could not be read, and why. */
export interface SkippedSample {
  readonly id: string;
  readonly reason: string;
}

/** One training batch. All arrays are NHWC and belong to the receiver. */
export interface Batch {
  /** Position in the epoch, from 0. */
  readonly index: number;
  /** The samples, in the order of the arrays' first axis. */
  readonly ids: readonly string[];
  /** By `sizeKey`: [batch, height, width, 3], normalised by `imageMean` and `imageDeviation`. */
  readonly images: Readonly<Record<string, Float32Array>>;
  /** [batch, height, width, 1] in [0, 1], soft at the edges. */
  readonly mask: Float32Array;
  /** sha256 (hex) over the bytes of the images, in the order of the loader's sizes, and then of the mask. */
  readonly hash: string;
  /** Samples of this batch that could not be read and were replaced. */
  readonly skipped: readonly SkippedSample[];
}

/** The augmentations of a training recipe; see `augment.ts`. */
export type Augmentation = 'default' | 'official' | 'none';

export interface LoaderOptions {
  readonly samples: readonly Sample[];
  readonly batchSize: number;
  /** Every image is delivered in each of these sizes, each resized straight from the original. */
  readonly imageSizes: readonly Size[];
  readonly maskSize: Size;
  readonly seed: number;
  /** Names the stage, so that two stages see different orders and views. */
  readonly stream: string;
  readonly augmentation: Augmentation;
  /** Decoding threads; 1 by default, since the engine wants the cores. */
  readonly workers?: number;
  /** Batches prepared ahead; 2 by default. */
  readonly prefetch?: number;
  /** Above this share of unreadable samples the epoch ends with an error. */
  readonly maxUnreadable: number;
  /** Bound of the decoded originals kept in memory, in bytes over all threads; 512 MiB by default. */
  readonly cacheBytes?: number;
}

export interface Loader extends AsyncDisposable {
  /** Full batches in an epoch; a short last one is dropped, because a compiled graph has a fixed batch size. */
  readonly batchesPerEpoch: number;
  /**
   * The batches of one epoch, from `firstBatch` on. Batch k is the same whether or not the earlier ones were asked for.
   * @param epoch from 0
   * @throws DataError `too-many-unreadable`, `worker-failed`, `disposed`
   */
  epoch(epoch: number, options?: { readonly firstBatch?: number; readonly shuffle?: boolean }): AsyncIterable<Batch>;
}

/** One batch for evaluation: not augmented, in the order of the samples. */
export interface EvaluationBatch {
  /** Position in the pass, from 0. */
  readonly index: number;
  /** The `count` samples of this batch; the rest of the arrays is padding. */
  readonly samples: readonly Sample[];
  readonly count: number;
  /** [batch, height, width, 3], normalised; rows from `count` on repeat the last image (zeros where there is none). */
  readonly images: Float32Array;
  /** The `count` masks, 8-bit; at their original sizes unless a mask size was asked for. */
  readonly masks: readonly GrayRaster[];
  /** Samples of this batch that could not be read and are left out. */
  readonly skipped: readonly SkippedSample[];
}
