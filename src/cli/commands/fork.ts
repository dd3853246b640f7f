import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import * as l10n from '@vscode/l10n';
import { isMap, parseDocument } from 'yaml';
import type { Experiment } from '../../config/experiment.ts';
import { checkpointNames } from '../../runs/checkpoints.ts';
import { createExclusively } from '../../runs/files.ts';
import { openRunFolder, readManifest } from '../../runs/read-run.ts';
import { CommandError } from '../errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';

export interface ForkOptions {
  readonly checkpoint?: string;
}

/** `scrkd fork RUN CONFIG`: a copy of the run's config under another name, in which its stage starts from a checkpoint of the run. */
export function fork(path: string, target: string, { checkpoint = 'last' }: ForkOptions): Promise<ExitCode> {
  const run = openRunFolder(path);
  const { stage, config } = readManifest(run);
  const names = checkpointNames(run);
  if (!names.includes(checkpoint)) throw new CommandError('usage', l10n.t('--checkpoint: {0} has no checkpoint "{1}", found {2}.', run.path, checkpoint, names.join(', ') || '–'));
  const { file, name } = config['experiment'] as Experiment;
  const document = parseDocument(textOf(file));
  const stages = document.get('stages');
  if (!isMap(stages) || !isMap(stages.get(stage))) throw new CommandError('invalid-config', l10n.t('{0}: has no stage "{1}" any more, so there is nothing to fork.', file, stage));
  const weights = relative(dirname(target), run.checkpoint(checkpoint)).replaceAll('\\', '/');
  document.set('experiment', `${name}-fork`);
  document.setIn(['stages', stage, 'init'], document.createNode({ backbone: weights.startsWith('.') ? weights : `./${weights}` }, { flow: true }));
  const note = l10n.t(' Forked from {0}: stage "{1}" starts from the encoder of its checkpoint "{2}", as a new run.', run.name, stage, checkpoint);
  document.commentBefore = document.commentBefore === null ? note : `${note}\n${document.commentBefore}`;
  if (!createExclusively(target, document.toString({ lineWidth: 0 }))) throw new CommandError('usage', l10n.t('{0}: is there already.', target));
  process.stdout.write(`${target}\n`);
  return Promise.resolve(exitCodes.ok);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandError('unreadable', l10n.t('{0}: the config that this run was started with cannot be read.', file), { cause });
  }
}
