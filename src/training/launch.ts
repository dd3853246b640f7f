import { availableParallelism } from 'node:os';
import * as l10n from '@vscode/l10n';
import { messageOf, reasonOf } from '../base/errors.ts';
import type { Stage } from '../config/experiment.ts';
import { withTensorFile } from '../formats/open-tensor-file.ts';
import type { RunEvent } from '../protocol/events.ts';
import type { ParentReference, RunManifest } from '../protocol/run.ts';
import { acquireDevice, cacheDirectory, type DeviceLease } from '../runs/device-queue.ts';
import { RunsError } from '../runs/errors.ts';
import { newId } from '../runs/identifiers.ts';
import { readManifest } from '../runs/read-run.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { RunWriter, type NewRunManifest, type RunWriterOptions } from '../runs/run-writer.ts';
import { TensorBoardMirror } from '../runs/tensorboard-mirror.ts';
import type { Engine } from '../engine/engine.ts';
import { captureGrids, captureSamples } from './captures.ts';
import { engineFor } from './engine.ts';
import { evaluateRun, loadSelected } from './final-evaluation.ts';
import { networkOf } from './network.ts';
import { readNetworkWeights } from './network-weights.ts';
import type { Observer, StageNotice } from './observer.ts';
import { actionNow, makePlan, type Plan, type PlannedStage, type PlanOptions, type StageAction } from './plan.ts';
import { definePrediction } from './step.ts';
import type { StopRequest } from './stop.ts';
import { StageTrainer, type StageEnd, type Teacher } from './trainer.ts';

export interface LaunchOptions extends PlanOptions {
  readonly observe: Observer;
  readonly stop: StopRequest;
  /** Of the folder that the config is in. */
  readonly git?: NonNullable<RunManifest['git']>;
  /** Versions by package, for the run's manifest. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface LaunchResult {
  readonly end: StageEnd;
  readonly dataset: Plan['dataset'];
  /** The run of every stage that has one, in the order of training. */
  readonly runs: readonly { readonly stage: Stage; readonly run: RunFolder }[];
}

/** A stage that is done: what a student needs of it. */
interface Done {
  readonly reference: ParentReference;
  readonly load: () => Promise<Teacher>;
}

/**
 * Trains an experiment's stages in order, reusing what is done and continuing what was interrupted. Waits for the device while
 * another launch has it; the first run is visible as queued meanwhile. Who waited looks again: what the other launch trained is reused.
 * @throws ScrkdError of the part that failed; the run's state then says so
 */
export async function launch(options: LaunchOptions): Promise<LaunchResult> {
  const { experiment, observe } = options;
  observe({ type: 'progress', message: l10n.t('reading the dataset {0}', experiment.dataset.root) });
  const plan = await makePlan(options);
  for (const { message } of plan.dataset.problems) observe({ type: 'warning', message });
  const { engine, device, choice } = await engineFor(experiment);
  if (plan.stages.some(({ action }) => action.kind !== 'given' && action.kind !== 'reuse')) observe({ type: 'engine', message: choice });
  const context: Context = { options, plan, engine, choice, launchId: newId(), device: new LazyLease(device, options.stop.signal) };
  const done = new Map<string, Done>();
  const runs: { stage: Stage; run: RunFolder }[] = [];
  try {
    for (const [i, planned] of plan.stages.entries()) {
      const { stage } = planned;
      const notice: StageNotice = { stage: stage.name, index: i + 1, count: plan.stages.length };
      const current = context.device.held ? { ...planned, action: await actionNow(planned, options) } : planned;
      const { run, end } = await finishStage(context, current, notice, done);
      if (run !== undefined) runs.push({ stage, run });
      if (end === 'stopped') return { end, dataset: plan.dataset, runs };
    }
    return { end: 'trained', dataset: plan.dataset, runs };
  } finally {
    context.device.release();
  }
}

interface Context {
  readonly options: LaunchOptions;
  readonly plan: Plan;
  readonly engine: Engine;
  /** Why it is this one. */
  readonly choice: string;
  readonly launchId: string;
  readonly device: LazyLease;
}

/** Brings a stage to its end, whatever that takes, and notes it in `done`. A stage that is given has no run. */
async function finishStage(context: Context, planned: PlannedStage, notice: StageNotice, done: Map<string, Done>): Promise<{ run?: RunFolder; end: StageEnd }> {
  const { observe } = context.options;
  const { action, stage } = planned;
  if (action.kind === 'given') {
    observe({ type: 'stage-given', file: action.file, ...notice });
    done.set(stage.name, givenStage(stage, action));
    return { end: 'trained' };
  }
  if (action.kind === 'reuse') {
    observe({ type: 'stage-reused', run: action.run.path, ...notice });
    done.set(stage.name, await trainedStage(stage, action.run));
    return { run: action.run, end: 'trained' };
  }
  const trained = await trainStage(context, planned, notice, done);
  if ('overtaken' in trained) return finishStage(context, { ...planned, action: trained.overtaken }, notice, done);
  if (trained.end === 'trained') done.set(stage.name, await trainedStage(stage, trained.run));
  return trained;
}

/** @returns `overtaken` where another launch worked on the stage while this one waited for the device, with what is to be done instead */
async function trainStage(context: Context, planned: PlannedStage, notice: StageNotice, done: ReadonlyMap<string, Done>): Promise<{ run: RunFolder; end: StageEnd } | { overtaken: StageAction }> {
  const { options, plan, device } = context;
  const { experiment, observe, stop } = options;
  const { stage, key, action } = planned;
  using mirror = new TensorBoardMirror((problem) => observe({ type: 'warning', message: l10n.t('{0}: no more curves for TensorBoard; the training itself goes on. {1}', stage.name, problem) }));
  const onEvent = (event: RunEvent): void => {
    mirror.write(event);
    observe({ type: 'event', stage: stage.name, event });
  };
  const writerOptions: RunWriterOptions = { captureBudget: experiment.captures.budget, onEvent };
  const parent = stage.distill === undefined ? undefined : done.get(stage.distill.from)!;
  using writer =
    action.kind === 'resume' ? await RunWriter.open(action.run.path, writerOptions) : RunWriter.create(options.runsDirectory, manifestOf(context, planned, parent?.reference), writerOptions);
  mirror.begin(writer.folder);
  writer.append({ type: 'log', level: 'info', reason: 'engine', message: context.choice });
  try {
    if (!device.held) {
      const waited = await waitForDevice(device, writer, { observe, stop });
      if (waited === 'stopped') return { run: writer.folder, end: 'stopped' };
      const overtaken = await giveWay(planned, writer, options);
      if (overtaken !== undefined) return { overtaken };
    }
    const steps = Math.floor(plan.dataset.splits.train.length / stage.training.batchSize);
    observe({ type: 'stage-started', run: writer.folder.path, epochs: stage.training.epochs, stepsPerEpoch: steps, ...(action.kind === 'resume' ? { resumedAtStep: writer.state.step } : {}), ...notice });
    const end = await trainAndEvaluate(context, planned, writer, parent, { observe, stop, key });
    return { run: writer.folder, end };
  } catch (error) {
    fail(writer, error);
    throw error;
  }
}

/** How often a queued run looks for requests, in milliseconds. */
const queuedPollMs = 500;

/** Waits for the device. A request to stop, of the terminal or of the run's control folder, gives up the place; others wait with the run. */
async function waitForDevice(device: LazyLease, writer: RunWriter, { observe, stop }: { observe: Observer; stop: StopRequest }): Promise<'acquired' | 'stopped'> {
  const listening = setInterval(() => {
    for (const pending of writer.control.poll(writer.state.step)) {
      const { verb } = pending.request;
      if (verb !== 'stop' && verb !== 'stop-now') continue;
      pending.accept();
      stop.request(verb);
    }
  }, queuedPollMs);
  try {
    await device.wait((ahead) => {
      writer.setState('queued', { queue: { device: device.name, ahead } });
      observe({ type: 'queued', device: device.name, ahead });
    });
    return 'acquired';
  } catch (error) {
    if (!(error instanceof RunsError) || error.reason !== 'cancelled') throw error;
    writer.setState('stopped', { reason: 'cancelled' });
    return 'stopped';
  } finally {
    clearInterval(listening);
  }
}

/** Gives up a run whose stage another launch has trained, wholly or in part, since it was planned. An own part is only given up for a whole. */
async function giveWay(planned: PlannedStage, writer: RunWriter, options: LaunchOptions): Promise<StageAction | undefined> {
  const action = await actionNow(planned, options);
  if (planned.action.kind === 'resume') {
    if (action.kind !== 'reuse') return undefined;
    writer.setState('stopped', { reason: 'overtaken' });
    return action;
  }
  if (action.kind === 'train') return undefined;
  writer.discard();
  return action;
}

async function trainAndEvaluate(context: Context, { stage }: PlannedStage, writer: RunWriter, parent: Done | undefined, { observe, stop, key }: { observe: Observer; stop: StopRequest; key: string }): Promise<StageEnd> {
  const { options, plan, engine } = context;
  const { experiment } = options;
  const { dataset } = plan;
  const captured = { samples: captureSamples(experiment.captures, dataset.splits), grids: captureGrids(experiment) };
  {
    const teacher = await parent?.load();
    await using trainer = await StageTrainer.start({ experiment, stage, stageKey: key, dataset, engine, writer, captured, observe, stop, ...(teacher === undefined ? {} : { teacher }) });
    if ((await trainer.run()) === 'stopped') return 'stopped';
  }
  observe({ type: 'progress', message: l10n.t('{0}: evaluating', stage.name) });
  await evaluateRun({ experiment, stage, dataset, engine, writer });
  writer.setState('finished');
  return 'trained';
}

/** Says in the run what went wrong, as far as the disk still allows. */
function fail(writer: RunWriter, error: unknown): void {
  const reason = reasonOf(error) ?? 'unexpected';
  try {
    writer.append({ type: 'log', level: 'error', reason, message: messageOf(error) });
    writer.setState('failed', { reason, error: { reason, message: messageOf(error) } });
  } catch {
    // A full disk or a lost lock: the error itself tells, and a reader finds the process gone.
  }
}

function manifestOf({ options, plan, engine, launchId }: Context, { stage, key }: PlannedStage, parent: ParentReference | undefined): NewRunManifest {
  const { experiment, git, versions } = options;
  const { dataset } = plan;
  return {
    launch: launchId,
    experiment: experiment.name,
    stage: stage.name,
    stageKey: key,
    parents: parent === undefined ? {} : { teacher: parent },
    config: { experiment, stages: plan.stages.map((planned) => planned.stage.name) },
    dataset: { root: dataset.root, fingerprint: dataset.fingerprint, counts: Object.fromEntries(Object.entries(dataset.splits).map(([split, samples]) => [split, samples.length])) },
    engine: { name: engine.name, device: engine.device, threads: experiment.threads ?? availableParallelism(), versions: { ...versions, ...engine.versions } },
    ...(git === undefined ? {} : { git }),
  };
}

async function trainedStage(stage: Stage, run: RunFolder): Promise<Done> {
  const { id } = readManifest(run);
  const { name, sha256 } = await loadSelected(run, stage);
  return { reference: { run: id, checkpoint: name, sha256 }, load: async () => ({ network: networkOf(stage), weights: (await loadSelected(run, stage)).weights }) };
}

function givenStage(stage: Stage, { file, sha256 }: { file: string; sha256: string }): Done {
  const network = networkOf(stage);
  const load = async (): Promise<Teacher> => ({ network, weights: await withTensorFile(file, (tensors) => readNetworkWeights(tensors, definePrediction(network, 1).parameters)) });
  return { reference: { run: '', checkpoint: file, sha256 }, load };
}

/** The device is asked for when the first stage that trains has its run, so that the queue is visible in it. */
class LazyLease {
  #lease: DeviceLease | undefined;

  constructor(
    readonly name: string,
    private readonly signal: AbortSignal,
  ) {}

  async wait(onWaiting: (ahead: number) => void): Promise<void> {
    this.#lease ??= await acquireDevice(this.name, { cache: cacheDirectory(), signal: this.signal, onWaiting });
  }

  get held(): boolean {
    return this.#lease !== undefined;
  }

  release(): void {
    this.#lease?.release();
  }
}
