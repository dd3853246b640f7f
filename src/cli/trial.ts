/** `scrkd run CONFIG --dry-run --batches N`: a few batches of each stage through the real trainer, in a folder that is removed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Stage } from '../config/experiment.ts';
import { networkShape } from '../distillation/network.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { readEpochs, readEvents } from '../runs/read-run.ts';
import { launch } from '../training/launch.ts';
import { networkOf } from '../training/network.ts';
import type { PlanOptions } from '../training/plan.ts';
import { StopRequest } from '../training/stop.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { textTable } from './table.ts';
import { versions } from './version.ts';

/** @param say gets a line for each thing that takes time */
export async function tryBatches(plan: PlanOptions, batches: number, say: (line: string) => void): Promise<ExitCode> {
  const folder = await mkdtemp(join(tmpdir(), 'scrkd-dry-run-'));
  const stop = new StopRequest();
  const onSignal = (): void => stop.request('stop-now');
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    const observe: Parameters<typeof launch>[0]['observe'] = (notice) => {
      if (notice.type === 'progress' || notice.type === 'warning') say(notice.message);
      if (notice.type === 'queued') say(l10n.t('Waiting for {0}: another training has it.', notice.device));
    };
    const { end, runs } = await launch({ ...plan, runsDirectory: folder, batches, observe, stop, versions });
    if (end === 'stopped') return exitCodes.stopped;
    const rows = await Promise.all(runs.map(({ stage, run }) => rowOf(stage, run)));
    const heading = [l10n.t('stage'), l10n.t('decoder features'), l10n.t('loss terms'), l10n.t('s/batch'), l10n.t('memory (peak)')];
    process.stdout.write(`\n${textTable(heading, rows)}\n${l10n.t('{0} batches of each stage ran; nothing was kept.', batches)}\n`);
    return exitCodes.ok;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    await rm(folder, { recursive: true, force: true });
  }
}

/** The last batch's figures: the first one's time includes what is prepared once. */
async function rowOf(stage: Stage, run: RunFolder): Promise<string[]> {
  const { features, grids } = networkShape(networkOf(stage));
  const steps = (await readEvents(run)).events.filter((event) => event.type === 'step');
  const last = steps.at(-1);
  const memory = (await readEpochs(run)).at(-1)?.memoryBytes ?? 0;
  return [
    stage.name,
    features.map(({ channels }, index) => `${grids[index]!.join('×')}×${channels}`).join(' '),
    Object.entries(last?.terms ?? {}).map(([name, value]) => `${name} ${value.toPrecision(3)}`).join(' '),
    (last?.seconds ?? 0).toFixed(2),
    `${(memory / 2 ** 30).toFixed(2)} G`,
  ];
}
