import * as l10n from '@vscode/l10n';
import { defaultRunsDirectory, makePlan, type PlanOptions } from '../../training/plan.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { launchInForeground } from '../launching.ts';
import { loadExperiment } from '../load-config.ts';
import { planText } from '../plan-text.ts';

export interface RunOptions {
  readonly stage?: string;
  readonly dryRun?: boolean;
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
  return exitCodes.ok;
}
