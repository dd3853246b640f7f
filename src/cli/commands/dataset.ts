import * as l10n from '@vscode/l10n';
import { decodeImage } from '../../data/decode.ts';
import { maskStatistics } from '../../data/mask-statistics.ts';
import { synthesise } from '../../data/synth/synthesise.ts';
import { checkDataset } from '../../dataset/check.ts';
import { CommandError } from '../errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';

export interface SynthOptions {
  readonly train: string;
  readonly test: string;
  readonly size: string;
  readonly seed: string;
}

/** `scrkd dataset synth FOLDER`: a deterministic dataset of synthetic aerial scenes. */
export async function synth(folder: string, options: SynthOptions): Promise<ExitCode> {
  const numbers = { train: positive('--train', options.train), test: positive('--test', options.test), size: positive('--size', options.size), seed: positive('--seed', options.seed) };
  const abort = new AbortController();
  const onSignal = (): void => abort.abort();
  process.once('SIGINT', onSignal);
  try {
    await synthesise({
      folder,
      ...numbers,
      signal: abort.signal,
      onProgress: (done, total) => process.stdout.isTTY && process.stdout.write(l10n.t('\r\x1b[K{0}/{1} scenes', done, total)),
    });
  } finally {
    process.off('SIGINT', onSignal);
  }
  process.stdout.write(l10n.t('{0}: {1} training and {2} test scenes of {3} pixels\n', folder, numbers.train, numbers.test, numbers.size));
  return exitCodes.ok;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new CommandError('usage', l10n.t('{0}: found "{1}", expected a whole number.', option, text));
  return value;
}

/** `scrkd dataset check FOLDER`: counts, and what is wrong with it. */
export async function check(folder: string, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const report = await checkDataset({ root: folder, maskStatistics, readImage: decodeImage });
  if (json) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return exitCodes.ok;
  }
  const { splits } = report.dataset;
  process.stdout.write(l10n.t('{0} ({1}): {2} training, {3} test samples\n', report.dataset.name, report.dataset.layout, splits.train.length, splits.test.length));
  for (const { kind, message } of report.problems) process.stdout.write(`${kind}: ${message}\n`);
  return exitCodes.ok;
}
