import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import { mapConcurrently } from './content.ts';
import type { Dataset, DatasetProblem, Sample, Split } from './dataset.ts';
import { openDataset, type OpenOptions } from './open.ts';

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
  /** Decodes one image, to find those that are damaged behind their header; without it headers are all that is read. @throws where it cannot */
  readonly readImage?: (path: string) => Promise<unknown>;
}

export interface DatasetReport {
  readonly dataset: Dataset;
  readonly problems: readonly DatasetProblem[];
  /** Usable samples by split. */
  readonly counts: Readonly<Record<Split, number>>;
  /** Number of problems by kind. */
  readonly problemCounts: Readonly<Partial<Record<DatasetProblem['kind'], number>>>;
  /** Over all readable masks; undefined where there is none. */
  readonly salientShare: { readonly mean: number; readonly minimum: number; readonly maximum: number } | undefined;
}

/** A mask whose values are mostly between black and white is probably not one; anti-aliased edges stay far below this share. */
const undecidedLimit = 0.25;

/**
 * Opens a dataset however damaged it is and reports everything that is wrong with it, masks' pixels included.
 * @throws DatasetError `missing`, `empty`, `layout-unknown`, `unreadable`
 */
export async function checkDataset({ maskStatistics, readImage, ...options }: CheckOptions): Promise<DatasetReport> {
  const dataset = await openDataset({ ...options, tolerance: 1 });
  const samples = [...dataset.splits.train, ...dataset.splits.validation, ...dataset.splits.test];
  const problems = [...dataset.problems];
  const shares: number[] = [];
  const results = await mapConcurrently(samples, 4, async (sample) => {
    const imageFailure = await readImage?.(sample.image).then(() => undefined, messageOf);
    const mask = await maskStatistics(sample.mask).catch(messageOf);
    return { sample, imageFailure, mask };
  });
  for (const { sample, imageFailure, mask } of results) {
    if (imageFailure !== undefined) problems.push(problem(sample, 'unreadable-image', imageFailure));
    if (typeof mask === 'string') {
      problems.push(problem(sample, 'unreadable-mask', mask));
      continue;
    }
    shares.push(mask.salientShare);
    const found = judgeMask(sample, mask);
    if (found !== undefined) problems.push(found);
  }
  const { train, validation, test } = dataset.splits;
  return {
    dataset,
    problems,
    counts: { train: train.length, validation: validation.length, test: test.length },
    problemCounts: countKinds(problems),
    salientShare: shares.length === 0 ? undefined : { mean: shares.reduce((sum, share) => sum + share, 0) / shares.length, minimum: Math.min(...shares), maximum: Math.max(...shares) },
  };
}

function judgeMask(sample: Sample, { maximum, salientShare, undecidedShare }: MaskStatistics): DatasetProblem | undefined {
  if (maximum === 0) return problem(sample, 'empty-mask', l10n.t('{0} has no salient pixel.', sample.mask));
  if (maximum < 128) return problem(sample, 'not-a-mask', l10n.t('{0} has values up to {1}; expected masks with 255 for salient pixels.', sample.mask, maximum));
  if (undecidedShare > undecidedLimit) return problem(sample, 'not-a-mask', l10n.t('{0} % of {1} is neither black nor white; expected a mask.', Math.round(100 * undecidedShare), sample.mask));
  if (salientShare === 0) return problem(sample, 'empty-mask', l10n.t('{0} has no pixel of at least 128.', sample.mask));
  return undefined;
}

function problem(sample: Sample, kind: DatasetProblem['kind'], message: string): DatasetProblem {
  return { kind, id: sample.id, split: sample.split, excluded: false, message };
}

function countKinds(problems: readonly DatasetProblem[]): Partial<Record<DatasetProblem['kind'], number>> {
  const counts: Partial<Record<DatasetProblem['kind'], number>> = {};
  for (const { kind } of problems) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
