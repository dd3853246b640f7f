/** What can be started from a config: on the experiment, and on each stage. */
import * as l10n from '@vscode/l10n';
import type { Range } from '../diagnostic.ts';
import type { ResolvedConfig } from '../resolve.ts';
import { spanRange, type ConfigDocument } from './document.ts';
import { entryAt, stageEntries } from './outline.ts';
import type { EditorProviders, KnownRun } from './providers.ts';

/** The editor's commands; each takes a `LensTarget`, `resume` and `open` with the run's folder. */
export const lensCommands = { start: 'scrkd.start', dryRun: 'scrkd.dryRun', resume: 'scrkd.resumeFromCheckpoint', open: 'scrkd.openDashboard' } as const;

export interface LensTarget {
  readonly config: string;
  /** Only this stage and the stages that it learns from. */
  readonly stage?: string;
  readonly run?: string;
}

export interface Lens {
  readonly range: Range;
  readonly title: string;
  readonly command: (typeof lensCommands)[keyof typeof lensCommands];
  readonly target: LensTarget;
}

/** Nothing is offered to start while the config has errors; runs can be opened all the same. */
export async function codeLenses(document: ConfigDocument, resolved: ResolvedConfig, providers: EditorProviders): Promise<Lens[]> {
  const { draft, experiment } = resolved;
  const name = entryAt(document.outline.root, ['experiment']);
  const runs = draft === undefined ? [] : ((await providers.runsOf?.(draft).catch(() => undefined)) ?? []);
  const canStart = experiment !== undefined;
  const lenses = name === undefined ? [] : lensesAt(spanRange(document, name.key), { config: document.path }, runs, canStart);
  for (const { key } of stageEntries(document.outline)) {
    const stage = draft?.stages.find((each) => each.name === key.name);
    if (stage === undefined || stage.given !== undefined) continue;
    const own = runs.filter((run) => run.stage === stage.name);
    lenses.push(...lensesAt(spanRange(document, key), { config: document.path, stage: stage.name }, own, canStart));
  }
  return lenses;
}

function lensesAt(range: Range, target: LensTarget, runs: readonly KnownRun[], canStart: boolean): Lens[] {
  const last = runs.at(-1);
  const resumable = runs.findLast(({ state, isDead }) => state === 'stopped' || state === 'failed' || isDead);
  const start: Lens[] = [
    { range, title: target.stage === undefined ? l10n.t('Start Distillation') : l10n.t('Start'), command: lensCommands.start, target },
    { range, title: l10n.t('Dry Run'), command: lensCommands.dryRun, target },
  ];
  return [
    ...(canStart ? start : []),
    ...(canStart && resumable !== undefined && resumable === last ? [{ range, title: l10n.t('Resume'), command: lensCommands.resume, target: { ...target, run: resumable.folder } }] : []),
    ...(last === undefined ? [] : [{ range, title: l10n.t('Open Last Run'), command: lensCommands.open, target: { ...target, run: last.folder } }]),
  ];
}
