import * as l10n from '@vscode/l10n';
import { listRuns, type ListedRun } from '../../runs/list-runs.ts';
import { standingOf } from '../../runs/liveness.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { textTable } from '../table.ts';

/** `scrkd runs [FOLDER]`: the runs below a runs folder, oldest first. */
export async function runs(directory: string, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const listed = await listRuns(directory);
  if (json) {
    for (const run of listed) process.stdout.write(`${JSON.stringify(jsonOf(run))}\n`);
    return exitCodes.ok;
  }
  if (listed.length === 0) {
    process.stdout.write(l10n.t('No runs in {0}. Start one with: scrkd run CONFIG\n', directory));
    return exitCodes.ok;
  }
  const heading = [l10n.t('experiment'), l10n.t('stage'), l10n.t('state'), l10n.t('epoch'), l10n.t('best'), l10n.t('created'), l10n.t('folder')];
  process.stdout.write(`${textTable(heading, listed.map(rowOf))}\n`);
  return exitCodes.ok;
}

function rowOf(run: ListedRun): string[] {
  if ('problem' in run) return ['–', '–', l10n.t('damaged'), '–', '–', '–', run.problem.message];
  const { manifest, state, folder } = run;
  return [manifest.experiment, manifest.stage, standingOf(state), `${state.epoch}/${state.epochs}`, state.best === undefined ? '–' : `${state.best.metric} ${state.best.value.toFixed(4)}`, manifest.createdAt.slice(0, 16).replace('T', ' '), folder.path];
}

function jsonOf(run: ListedRun): unknown {
  if ('problem' in run) return { folder: run.folder.path, problem: { reason: run.problem.reason, message: run.problem.message } };
  return { folder: run.folder.path, standing: standingOf(run.state), manifest: { ...run.manifest, config: undefined }, state: run.state };
}
