import * as l10n from '@vscode/l10n';
import { inspectImage } from '../../data/inspect-image.ts';
import { maskStatistics } from '../../data/mask-statistics.ts';
import { synthesise } from '../../data/synth/synthesise.ts';
import { checkDataset, type DatasetReport, type Range } from '../../dataset/check.ts';
import type { DatasetProblem } from '../../dataset/dataset.ts';
import { CommandError } from '../errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { loadExperiment } from '../load-config.ts';
import { textTable } from '../table.ts';
import { printable } from '../terminal.ts';

export interface SynthOptions {
  readonly train: string;
  readonly test: string;
  readonly size: string;
  readonly seed: string;
}

/** `scrkd dataset synth FOLDER`: a deterministic dataset of synthetic aerial scenes. */
export async function synth(folder: string, options: SynthOptions): Promise<ExitCode> {
  const numbers = { train: positive('--train', options.train), test: positive('--test', options.test), size: positive('--size', options.size), seed: positive('--seed', options.seed) };
  await cancellable((signal) =>
    synthesise({
      folder,
      ...numbers,
      signal,
      onProgress: (done, total) => process.stdout.isTTY && process.stdout.write(l10n.t('\r\x1b[K{0}/{1} scenes', done, total)),
    }),
  );
  process.stdout.write(l10n.t('{0}: {1} training and {2} test scenes of {3} pixels\n', folder, numbers.train, numbers.test, numbers.size));
  return exitCodes.ok;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new CommandError('usage', l10n.t('{0}: found "{1}", expected a whole number.', option, text));
  return value;
}

export interface CheckCommandOptions {
  readonly json?: boolean;
  readonly all?: boolean;
}

/** `scrkd dataset check FOLDER|CONFIG`: counts, statistics, and what is wrong with it; exits with `invalidInput` where that is more than a warning. */
export async function check(source: string, { json, all }: CheckCommandOptions): Promise<ExitCode> {
  const { root, name, lists } = /\.ya?ml$/i.test(source) ? (await loadExperiment(source, (text) => process.stderr.write(`${text}\n`))).dataset : { root: source };
  const report = await cancellable((signal) =>
    checkDataset({
      root,
      ...(name !== undefined && { name }),
      ...(lists && { lists }),
      maskStatistics,
      inspectImage,
      signal,
      onProgress: (done, total) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${done < total ? l10n.t('{0}/{1} samples', done, total) : ''}`),
    }),
  );
  process.stdout.write(`${json ? JSON.stringify(report) : printable(reportText(report, all ? Infinity : shownProblems))}\n`);
  return report.problems.some(({ kind }) => severities[kind] === 'error') ? exitCodes.invalidInput : exitCodes.ok;
}

/** Problems shown of one kind, without --all. */
const shownProblems = 5;

/** An error loses a sample or makes figures wrong; a warning is for a person to judge. */
const severities: Readonly<Record<DatasetProblem['kind'], 'error' | 'warning'>> = {
  'missing-image': 'error',
  'missing-mask': 'error',
  'unreadable-image': 'error',
  'unreadable-mask': 'error',
  'size-mismatch': 'error',
  'not-a-mask': 'error',
  'bad-name': 'error',
  'train-and-test': 'error',
  'near-duplicate': 'warning',
  'empty-mask': 'warning',
  'listed-twice': 'warning',
  'several-files': 'warning',
};

function reportText({ dataset, statistics, problems, problemCounts }: DatasetReport, limit: number): string {
  const rows = (['train', 'validation', 'test'] as const)
    .filter((split) => statistics[split].samples > 0)
    .map((split) => {
      const { samples, width, height, salientShare: share } = statistics[split];
      return [split, String(samples), rangeText(width, String), rangeText(height, String), rangeText(share, percent), share === undefined ? '–' : percent(share.mean)];
    });
  const heading = [l10n.t('split'), l10n.t('samples'), l10n.t('width'), l10n.t('height'), l10n.t('salient'), l10n.t('mean')];
  const lines = [l10n.t('{0}: {1}, layout {2}', dataset.name, dataset.root, dataset.layout), textTable(heading, rows)];
  for (const [kind, count] of Object.entries(problemCounts)) {
    const found = problems.filter((problem) => problem.kind === kind);
    lines.push('', `${severityText(kind as DatasetProblem['kind'])} ${kind}: ${count}`, ...found.slice(0, limit).map(({ message, excluded }) => `  ${message}${excluded ? ` ${l10n.t('(left out)')}` : ''}`));
    if (found.length > limit) lines.push(`  ${l10n.t('… and {0} more; --all lists them', found.length - limit)}`);
  }
  if (problems.length === 0) lines.push('', l10n.t('Nothing is wrong with it.'));
  return lines.join('\n');
}

function severityText(kind: DatasetProblem['kind']): string {
  return severities[kind] === 'error' ? l10n.t('error') : l10n.t('warning');
}

function rangeText(range: Range | undefined, text: (value: number) => string): string {
  if (range === undefined) return '–';
  return range.minimum === range.maximum ? text(range.minimum) : `${text(range.minimum)} … ${text(range.median)} … ${text(range.maximum)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;
}

/** Ctrl-C ends the work at the next sample. */
async function cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const onSignal = (): void => abort.abort(new CommandError('cancelled', l10n.t('Cancelled.')));
  process.once('SIGINT', onSignal);
  try {
    return await work(abort.signal);
  } finally {
    process.off('SIGINT', onSignal);
  }
}
