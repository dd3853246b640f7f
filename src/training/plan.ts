import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { sha256OfFile } from '../base/sha256.ts';
import type { Experiment, Stage } from '../config/experiment.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { openDataset } from '../dataset/open.ts';
import { acceptedChanges } from '../protocol/attempts.ts';
import { readableRuns, type ReadableRun } from '../runs/list-runs.ts';
import { isAlive } from '../runs/liveness.ts';
import { readEvents } from '../runs/read-run.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { TrainingError } from './errors.ts';
import { givenKey, stageKey } from './stage-key.ts';

/** What has to be done for a stage. */
export type StageAction =
  | { readonly kind: 'train' }
  /** A run of this very stage was stopped or killed: it goes on. */
  | { readonly kind: 'resume'; readonly run: RunFolder }
  /** A finished run of this very stage exists. */
  | { readonly kind: 'reuse'; readonly run: RunFolder }
  | { readonly kind: 'given'; readonly file: string; readonly sha256: string };

export interface PlannedStage {
  readonly stage: Stage;
  readonly key: string;
  readonly action: StageAction;
}

export interface Plan {
  readonly dataset: Dataset;
  /** In the order of training. */
  readonly stages: readonly PlannedStage[];
}

export interface PlanOptions {
  readonly experiment: Experiment;
  /** Where runs are looked for and made. */
  readonly runsDirectory: string;
  /** Only this stage and the stages that it learns from. */
  readonly only?: string;
  /** Trains again what could be reused: the stage that `only` names, or all. */
  readonly retrain?: boolean;
  /** Tries the experiment out: so many batches of each stage, in one epoch. */
  readonly batches?: number;
  /** This interrupted run is to be continued, and nothing else in its place. */
  readonly resume?: RunFolder;
}

/** The folder in which a config's runs lie unless the caller says otherwise. */
export function defaultRunsDirectory(experiment: Experiment): string {
  return join(experiment.directory, 'runs');
}

/**
 * What a launch will do: for each stage, whether it is trained, continued, reused or given.
 * @throws TrainingError `unknown-stage`, `no-parent`, `not-resumable`; DatasetError; RunsError
 */
export async function makePlan(options: PlanOptions): Promise<Plan> {
  const { experiment, only } = options;
  const wanted = only === undefined ? experiment.stages : withAncestors(experiment, only);
  const stages = options.batches === undefined ? wanted : wanted.map(shortened);
  const whole = await openDatasetOf(experiment);
  const dataset = options.batches === undefined ? whole : firstBatches(whole, stages, options.batches);
  const runs = await readableRuns(options.runsDirectory);
  const planned = new Map<string, PlannedStage>();
  for (const stage of stages) planned.set(stage.name, await planStage(stage, planned, dataset, runs, options));
  if (options.resume !== undefined) mustResume(options.resume, [...planned.values()]);
  return { dataset, stages: [...planned.values()] };
}

function shortened(stage: Stage): Stage {
  return { ...stage, training: { ...stage.training, epochs: 1 }, selection: { on: 'last' } };
}

/** As many images as the largest batch needs, and one to test. */
function firstBatches(dataset: Dataset, stages: readonly Stage[], batches: number): Dataset {
  const images = batches * Math.max(...stages.map(({ training }) => training.batchSize));
  const { train, test } = dataset.splits;
  return { ...dataset, splits: { train: train.slice(0, images), validation: [], test: test.slice(0, 1) } };
}

export function openDatasetOf(experiment: Experiment): Promise<Dataset> {
  return openDataset(experiment.dataset);
}

async function planStage(stage: Stage, planned: ReadonlyMap<string, PlannedStage>, dataset: Dataset, runs: readonly ReadableRun[], options: PlanOptions): Promise<PlannedStage> {
  if (stage.given?.kind === 'checkpoint') {
    const sha256 = await hashOf(stage.given.file);
    return { stage, key: givenKey(sha256), action: { kind: 'given', file: stage.given.file, sha256 } };
  }
  if (stage.given?.kind === 'use') return usedStage(stage, stage.given);
  const parents = stage.distill === undefined ? {} : { teacher: planned.get(stage.distill.from)!.key };
  const files = stage.init === undefined ? {} : { backbone: await hashOf(stage.init.backbone) };
  const key = stageKey(stage, { datasetFingerprint: dataset.fingerprint, parents, files });
  return { stage, key, action: await trainedBy(stage, key, runs, options) };
}

/**
 * What is to be done for a planned stage as the runs stand now: another launch may have trained it since the plan was made.
 * @throws RunsError `read-only`, `io`
 */
export async function actionNow({ stage, key, action }: PlannedStage, options: PlanOptions): Promise<StageAction> {
  return stage.given === undefined ? trainedBy(stage, key, await readableRuns(options.runsDirectory), options) : action;
}

async function trainedBy(stage: Stage, key: string, runs: readonly ReadableRun[], { retrain, only, resume }: PlanOptions): Promise<StageAction> {
  const anew = retrain === true && (only === undefined || only === stage.name);
  return (anew ? undefined : await earlierRun(runs, key, resume)) ?? { kind: 'train' };
}

/** A stage of another config: its finished run, found by its own key, in that config's own runs folder. */
async function usedStage(stage: Stage, given: Extract<NonNullable<Stage['given']>, { kind: 'use' }>): Promise<PlannedStage> {
  const plan = await makePlan({ experiment: given.experiment, runsDirectory: defaultRunsDirectory(given.experiment), only: given.stage });
  const used = plan.stages.find((other) => other.stage.name === given.stage)!;
  if (used.action.kind === 'reuse' || used.action.kind === 'given') return { ...used, stage: { ...stage, selection: used.stage.selection } };
  throw new TrainingError('no-parent', l10n.t('Stage "{0}" uses stage "{1}" of {2}, which has no finished run. Run `scrkd run {2} --stage {1}` first.', stage.name, given.stage, given.file));
}

async function earlierRun(runs: readonly ReadableRun[], key: string, resume: RunFolder | undefined): Promise<StageAction | undefined> {
  const equal = runs.filter((run) => run.manifest.stageKey === key).reverse(); // the newest first
  if (equal.some(({ folder }) => folder.path === resume?.path)) return { kind: 'resume', run: resume! };
  for (const { folder, state } of equal) {
    if (state.state === 'finished' && !(await wasChangedLive(folder))) return { kind: 'reuse', run: folder };
  }
  const unfinished = equal.find(({ state }) => state.state !== 'finished' && !isAlive(state));
  return unfinished === undefined ? undefined : { kind: 'resume', run: unfinished.folder };
}

function mustResume(run: RunFolder, stages: readonly PlannedStage[]): void {
  if (stages.some(({ action }) => action.kind === 'resume' && action.run.path === run.path)) return;
  const message = l10n.t('{0}: cannot be continued, because its dataset, its teacher or a file that it starts from has changed since. Run the config again for a new run.', run.path);
  throw new TrainingError('not-resumable', message);
}

/** Whether somebody turned a weight or the learning rate while it trained: then its numbers are not those of its key. */
async function wasChangedLive(run: RunFolder): Promise<boolean> {
  return acceptedChanges((await readEvents(run)).events, 0).length > 0;
}

function withAncestors(experiment: Experiment, name: string): Stage[] {
  const byName = new Map(experiment.stages.map((stage) => [stage.name, stage]));
  const wanted = new Set<string>();
  for (let next: string | undefined = name; next !== undefined; next = byName.get(next)?.distill?.from) {
    if (!byName.has(next)) throw new TrainingError('unknown-stage', l10n.t('{0}: there is no stage "{1}"; found {2}.', experiment.file, next, [...byName.keys()].join(', ')));
    wanted.add(next);
  }
  return experiment.stages.filter((stage) => wanted.has(stage.name));
}

async function hashOf(file: string): Promise<string> {
  try {
    return await sha256OfFile(file);
  } catch (cause) {
    throw new TrainingError('checkpoint-missing', l10n.t('{0} cannot be read.', file), { cause });
  }
}
