import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Experiment } from '../../config/experiment.ts';
import { isAlive } from '../../runs/liveness.ts';
import { openRunFolder, readManifest, readState } from '../../runs/read-run.ts';
import { RunsError } from '../../runs/errors.ts';
import { TrainingError } from '../../training/errors.ts';
import { launchInForeground } from '../launching.ts';
import type { ExitCode } from '../exit-codes.ts';

/** `scrkd resume RUN`: goes on with the run and then with the stages of its launch that are left. */
export async function resume(path: string, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const folder = openRunFolder(path);
  const manifest = readManifest(folder);
  const state = readState(folder);
  if (isAlive(state)) throw new RunsError('locked', folder.path, l10n.t('process {0} on {1} is working on it.', state.pid, state.host));
  if (state.state === 'finished') throw new TrainingError('not-resumable', l10n.t('{0}: has finished; there is nothing to continue.', folder.path));
  const { experiment, stages } = manifest.config as unknown as { experiment: Experiment; stages: readonly string[] };
  const last = stages.at(-1);
  return launchInForeground(
    {
      experiment,
      runsDirectory: dirname(dirname(folder.path)),
      resume: folder,
      ...(last === undefined || stages.length === experiment.stages.length ? {} : { only: last }),
    },
    { json: json ?? false },
  );
}
