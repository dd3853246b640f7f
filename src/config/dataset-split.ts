/** How many images of a dataset are trained on. */
import type { DatasetConfig } from './experiment.ts';
import type { DatasetSummary } from './providers.ts';

/** Images of the training list that are held out for choosing the best epoch. */
export function heldOutImages({ validation }: Pick<DatasetConfig, 'validation'>, { train }: Pick<DatasetSummary, 'train'>): number {
  if (validation === undefined) return 0;
  // At least one, and something must be left to train on.
  return Math.max(0, Math.min(Math.max(1, Math.round(train * validation.fraction)), train - 1));
}

export function trainingImages(dataset: Pick<DatasetConfig, 'validation'>, summary: Pick<DatasetSummary, 'train'>): number {
  return summary.train - heldOutImages(dataset, summary);
}
