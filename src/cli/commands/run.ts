import * as l10n from '@vscode/l10n';
import { defaultRunsDirectory, makePlan, type PlanOptions } from '../../training/plan.ts';
import { CommandError } from '../errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { launchInForeground } from '../launching.ts';
import { loadExperiment } from '../load-config.ts';
import { planText } from '../plan-text.ts';
import { tryBatches } from '../trial.ts';

export interface RunOptions {
  readonly stage?: string;
  readonly dryRun?: boolean;
  readonly batches?: string;
  readonly retrain?: boolean;
  readonly runs?: string;
  readonly json?: boolean;
}

/** `scrkd run CONFIG` */
export async function run(config: string, options: RunOptions): Promise<ExitCode> {
  const experiment = await loadExperiment(config, (text) => process.stderr.write(`${text}\n\n`));
  const plan: PlanOptions = {
    experiment,
    runsDirectory: options.runs ?? defaultRunsDirectory(experiment),
    retrain: options.retrain ?? false,
    ...(options.stage === undefined ? {} : { only: options.stage }),
  };
  if (options.dryRun !== true) return launchInForeground(plan, { json: options.json ?? false });
  process.stderr.write(l10n.t('Reading the dataset …\n'));
  process.stdout.write(`${planText(await makePlan(plan), options.json ?? false)}\n`);
  if (options.batches === undefined) return exitCodes.ok;
  return tryBatches(plan, batchesOf(options.batches), (line) => process.stderr.write(`${line}\n`));
}

function batchesOf(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new CommandError('usage', l10n.t('--batches: found "{0}", expected a whole number from 1 to 9999.', text));
  return Number(text);
}
