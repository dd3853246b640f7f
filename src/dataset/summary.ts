/** What is in a dataset's folder, by its lists and file names alone: no image is opened. */
import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import type { DatasetSummary } from '../config/providers.ts';
import type { DatasetProblem, ListNames } from './dataset.ts';
import { DatasetError } from './errors.ts';
import { layouts } from './layouts/all.ts';
import { listSplit, readTree } from './listing.ts';
import { pairSplit } from './pairing.ts';

/** A folder with a thousand unpaired images has one problem, not a thousand. */
const shownProblems = 3;

/** Undefined when there is no such folder. */
export async function summariseDataset(root: string, lists: ListNames): Promise<DatasetSummary | undefined> {
  try {
    const tree = await readTree(root);
    const splits = layouts.map((layout) => layout.match(tree, lists)).find((found) => found !== undefined);
    if (splits === undefined) {
      const expected = layouts.filter(({ name }) => name !== 'named-folders').map(({ description }) => description).join(l10n.t(' or '));
      return { train: 0, test: 0, problems: [l10n.t('No known layout: expected {0}.', expected)] };
    }
    const [train, test] = await Promise.all((['train', 'test'] as const).map(async (split) => pairSplit(root, split, await listSplit(root, splits[split]), 1)));
    return {
      train: train?.samples.length ?? 0,
      test: test?.samples.length ?? 0,
      problems: inWords([...(train?.problems ?? []), ...(test?.problems ?? [])]),
      testNames: (test?.samples ?? []).map(({ id }) => id),
    };
  } catch (error) {
    if (error instanceof DatasetError && error.reason === 'missing') return undefined;
    return { train: 0, test: 0, problems: [messageOf(error)] };
  }
}

function inWords(problems: readonly DatasetProblem[]): string[] {
  const shown = problems.slice(0, shownProblems).map(({ message }) => message);
  return problems.length > shown.length ? [...shown, l10n.t('And {0} more problems; scrkd dataset check lists them.', problems.length - shown.length)] : shown;
}
