import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import { mapConcurrently } from './content.ts';
import type { Dataset, DatasetProblem, Sample, Split } from './dataset.ts';
import { findNearDuplicates, type NearDuplicate, type Thumbnail } from './near-duplicates.ts';
import { openDataset, type OpenOptions } from './open.ts';

/** The pixels of an image, summed up. */
export interface ImageFacts {
  readonly width: number;
  readonly height: number;
  readonly thumbnail: Thumbnail;
}

/** The pixels of a mask, summed up. */
export interface MaskStatistics {
  readonly width: number;
  readonly height: number;
  /** Largest value, 0 … 255. */
  readonly maximum: number;
  /** Share of pixels ≥ 128. */
  readonly salientShare: number;
  /** Share of pixels that are neither below 16 nor above 239; large where the file is a photograph. */
  readonly undecidedShare: number;
}

export interface CheckOptions extends OpenOptions {
  /** Reads one mask; injected, since this folder reads no pixels. @throws where the file cannot be decoded */
  readonly maskStatistics: (path: string) => Promise<MaskStatistics>;
  /** Reads one image, to find those that are damaged behind their header, and near-duplicates. @throws where it cannot */
  readonly inspectImage: (path: string) => Promise<ImageFacts>;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Minimum, median and maximum of some numbers. */
export interface Range {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

export interface SplitStatistics {
  /** Usable samples. */
  readonly samples: number;
  /** Of the readable images, in pixels; undefined where there is none. */
  readonly width: Range | undefined;
  readonly height: Range | undefined;
  /** Share of salient pixels of the readable masks, with the mean over them. */
  readonly salientShare: (Range & { readonly mean: number }) | undefined;
}

export interface DatasetReport {
  readonly dataset: Dataset;
  readonly problems: readonly DatasetProblem[];
  /** Usable samples by split. */
  readonly counts: Readonly<Record<Split, number>>;
  /** Number of problems by kind. */
  readonly problemCounts: Readonly<Partial<Record<DatasetProblem['kind'], number>>>;
  readonly statistics: Readonly<Record<Split, SplitStatistics>>;
  /** Test images that are in the training split, too, as good as unchanged. */
  readonly nearDuplicates: readonly { readonly test: string; readonly train: string; readonly correlation: number; readonly turned: boolean }[];
}

/** A mask whose values are mostly between black and white is probably not one; anti-aliased edges stay far below this share. */
const undecidedLimit = 0.25;

/**
 * Opens a dataset however damaged it is and reports everything that is wrong with it, all pixels included.
 * @throws DatasetError `missing`, `empty`, `layout-unknown`, `unreadable`; what the signal was aborted with
 */
export async function checkDataset({ maskStatistics, inspectImage, onProgress, signal, ...options }: CheckOptions): Promise<DatasetReport> {
  const dataset = await openDataset({ ...options, tolerance: 1 });
  const { train, validation, test } = dataset.splits;
  const samples = [...train, ...validation, ...test];
  let done = 0;
  const inspected = await mapConcurrently(samples, 4, async (sample): Promise<Inspected> => {
    signal?.throwIfAborted();
    const image = await inspectImage(sample.image).catch(messageOf);
    const mask = await maskStatistics(sample.mask).catch(messageOf);
    onProgress?.(++done, samples.length);
    return { sample, image, mask };
  });
  const duplicates = nearDuplicates(inspected);
  const problems = [...dataset.problems, ...inspected.flatMap(judge), ...duplicates.map(duplicateProblem)];
  const statistics = (split: Split): SplitStatistics => statisticsOf(inspected.filter(({ sample }) => sample.split === split));
  return {
    dataset,
    problems,
    counts: { train: train.length, validation: validation.length, test: test.length },
    problemCounts: countKinds(problems),
    statistics: { train: statistics('train'), validation: statistics('validation'), test: statistics('test') },
    nearDuplicates: duplicates.map(({ test: found, train: like, correlation, turned }) => ({ test: found.id, train: like.id, correlation, turned })),
  };
}

/** What was read of a sample; a text where it could not be. */
interface Inspected {
  readonly sample: Sample;
  readonly image: ImageFacts | string;
  readonly mask: MaskStatistics | string;
}

function judge({ sample, image, mask }: Inspected): DatasetProblem[] {
  const found: DatasetProblem[] = [];
  if (typeof image === 'string') found.push(problem(sample, 'unreadable-image', image));
  if (typeof mask === 'string') return [...found, problem(sample, 'unreadable-mask', mask)];
  const { maximum, salientShare, undecidedShare } = mask;
  if (maximum === 0) found.push(problem(sample, 'empty-mask', l10n.t('{0} has no salient pixel.', sample.mask)));
  else if (maximum < 128) found.push(problem(sample, 'not-a-mask', l10n.t('{0} has values up to {1}; expected masks with 255 for salient pixels.', sample.mask, maximum)));
  else if (undecidedShare > undecidedLimit) found.push(problem(sample, 'not-a-mask', l10n.t('{0} % of {1} is neither black nor white; expected a mask.', Math.round(100 * undecidedShare), sample.mask)));
  else if (salientShare === 0) found.push(problem(sample, 'empty-mask', l10n.t('{0} has no pixel of at least 128.', sample.mask)));
  return found;
}

function nearDuplicates(inspected: readonly Inspected[]): NearDuplicate[] {
  const readable = inspected.flatMap(({ sample, image }) => (typeof image === 'string' ? [] : [{ sample, thumbnail: image.thumbnail }]));
  const isTest = ({ sample }: { readonly sample: Sample }): boolean => sample.split === 'test';
  return findNearDuplicates(readable.filter((item) => !isTest(item)), readable.filter(isTest));
}

function duplicateProblem({ test, train, correlation, turned }: NearDuplicate): DatasetProblem {
  const message = turned
    ? l10n.t('The test image {0} is the training image {1}, flipped or turned (correlation {2}).', test.id, train.id, correlation.toFixed(3))
    : l10n.t('The test image {0} is the training image {1} (correlation {2}).', test.id, train.id, correlation.toFixed(3));
  return problem(test, 'near-duplicate', message);
}

function problem(sample: Sample, kind: DatasetProblem['kind'], message: string): DatasetProblem {
  return { kind, id: sample.id, split: sample.split, excluded: false, message };
}

function statisticsOf(inspected: readonly Inspected[]): SplitStatistics {
  const images = inspected.flatMap(({ image }) => (typeof image === 'string' ? [] : [image]));
  const shares = inspected.flatMap(({ mask }) => (typeof mask === 'string' ? [] : [mask.salientShare]));
  const share = rangeOf(shares);
  return {
    samples: inspected.length,
    width: rangeOf(images.map(({ width }) => width)),
    height: rangeOf(images.map(({ height }) => height)),
    salientShare: share && { ...share, mean: shares.reduce((sum, value) => sum + value, 0) / shares.length },
  };
}

function rangeOf(values: readonly number[]): Range | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [middle, half] = [sorted.length >> 1, sorted.length % 2];
  if (sorted.length === 0) return undefined;
  return { minimum: sorted[0]!, median: half === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2, maximum: sorted.at(-1)! };
}

function countKinds(problems: readonly DatasetProblem[]): Partial<Record<DatasetProblem['kind'], number>> {
  const counts: Partial<Record<DatasetProblem['kind'], number>> = {};
  for (const { kind } of problems) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
