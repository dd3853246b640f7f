import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { saveFile } from '../data/png.ts';
import { launch, type LaunchResult } from '../training/launch.ts';
import { resultSheet, resultsOf } from '../training/report.ts';
import type { PlanOptions } from '../training/plan.ts';
import { StopRequest } from '../training/stop.ts';
import { fileNameFor } from '../runs/run-folder.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { gitRevision } from './git.ts';
import { jsonReporter, TextReporter } from './progress.ts';
import { resultTable } from './result-table.ts';
import { versions } from './version.ts';

/** Rows of the contact sheet that ends a launch. */
const sheetRows = 6;

/** Launches in the foreground: progress on the terminal, Ctrl-C once for a checkpoint and a stop, twice for a stop at once. */
export async function launchInForeground(plan: PlanOptions, { json }: { json: boolean }): Promise<ExitCode> {
  const stop = new StopRequest();
  const onSignal = (): void => {
    stop.request('stop');
    process.stderr.write(stop.level === 'stop' ? l10n.t('\nStopping after this step, with a checkpoint. Press Ctrl-C again to stop at once.\n') : l10n.t('\nStopping at once.\n'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const git = await gitRevision(plan.experiment.directory);
    const observe = json ? jsonReporter(process.stdout) : new TextReporter(process.stdout).notify;
    const result = await launch({ ...plan, observe, stop, versions, ...(git === undefined ? {} : { git }) });
    if (result.end === 'stopped') {
      process.stderr.write(l10n.t('Stopped. Continue with: scrkd resume {0}\n', result.runs.at(-1)!.run.path));
      return exitCodes.stopped;
    }
    await report(result, plan, json);
    return exitCodes.ok;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

async function report(result: LaunchResult, { experiment, runsDirectory }: PlanOptions, json: boolean): Promise<void> {
  const arms = resultsOf(result);
  const sheet = await resultSheet(result, sheetRows);
  const sheetPath = join(runsDirectory, fileNameFor(experiment.name), 'contact-sheet.png');
  if (sheet !== undefined) {
    await mkdir(dirname(sheetPath), { recursive: true }); // every stage may be reused from another experiment
    await saveFile(sheetPath, sheet);
  }
  if (json) {
    process.stdout.write(`${JSON.stringify({ type: 'result', arms: arms.map(({ entries, ...arm }) => ({ ...arm, metrics: entries.map(({ curves: _, ...entry }) => entry) })), ...(sheet && { contactSheet: sheetPath }) })}\n`);
    return;
  }
  process.stdout.write(`\n${resultTable(arms)}\n`);
  if (sheet !== undefined) process.stdout.write(l10n.t('Contact sheet: {0}\n', sheetPath));
}
