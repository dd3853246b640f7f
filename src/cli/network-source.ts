import { existsSync, statSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import type { Experiment } from '../config/experiment.ts';
import { openRunFolder, readManifest } from '../runs/read-run.ts';
import { selectedCheckpoint } from '../training/final-evaluation.ts';
import { CommandError } from './errors.ts';

/** The file behind a RUN|FILE argument: a file as it is; of a run, the checkpoint that its selection rule chose. */
export function weightsFileOf(source: string): string {
  if (existsSync(source) && statSync(source).isFile()) return source;
  const folder = openRunFolder(source);
  const { config, stage: name } = readManifest(folder);
  const { experiment } = config as unknown as { experiment: Experiment };
  const stage = experiment.stages.find((candidate) => candidate.name === name)!;
  return folder.checkpoint(selectedCheckpoint(stage));
}

/**
 * `112` or `112x160` (height x width).
 * @throws CommandError `usage`
 */
export function parseResolution(text: string | undefined): { height: number; width: number } | undefined {
  if (text === undefined) return undefined;
  const [, height, width = height] = /^([1-9]\d{0,3})(?:x([1-9]\d{0,3}))?$/.exec(text) ?? [];
  if (height === undefined) throw new CommandError('usage', l10n.t('--resolution: found "{0}", expected pixels such as 112 or 112x160 (height x width).', text));
  return { height: Number(height), width: Number(width) };
}
