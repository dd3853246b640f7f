import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { unreachable } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import type { Experiment, Stage } from '../config/experiment.ts';
import type { Batch, Loader } from '../data/batch.ts';
import { createLoader } from '../data/loader.ts';
import { sizeKey } from '../data/raster.ts';
import type { Dataset, Sample } from '../dataset/dataset.ts';
import type { Engine, HostTensor, HostTensors, InputSpecs, Program } from '../engine/engine.ts';
import { EngineError } from '../engine/errors.ts';
import { figuresOf } from '../metrics/figures.ts';
import { createModel } from '../models/registry.ts';
import { elementCount, initialise } from '../nn/parameters.ts';
import { acceptedChanges, mergeAttempts, type AcceptedChange } from '../protocol/attempts.ts';
import type { CheckpointKind, StepEvent } from '../protocol/events.ts';
import { openNewestCheckpoint } from '../runs/checkpoints.ts';
import type { PendingControl } from '../runs/control.ts';
import { captureFiles } from '../runs/captures.ts';
import { cacheDirectory } from '../runs/device-queue.ts';
import { readEvents, readNotes } from '../runs/read-run.ts';
import type { RunWriter } from '../runs/run-writer.ts';
import { Capturer } from './captures.ts';
import { checkpointTensors, parseTrainingRecord, readTrainingState, type TrainingRecord } from './checkpoint.ts';
import { EpochMeans } from './epoch-means.ts';
import { TrainingError } from './errors.ts';
import { evaluateForSelection } from './evaluation.ts';
import { initialSettings, refusal, warmUpShare, withChanges, type LiveSettings } from './live.ts';
import { Lessons } from './lessons.ts';
import { networkOf } from './network.ts';
import { readBackbone } from './network-weights.ts';
import type { Observer } from './observer.ts';
import { Predictor, type Weights } from './predictor.ts';
import { scheduleFactor } from './schedule.ts';
import { inputName, scalar, splitOnce, stateFrom, statesOf } from './step-inputs.ts';
import { defineTrainingStep, type CaptureGrids, type NetworkDefinition, type TrainingStep } from './step.ts';
import type { StopRequest } from './stop.ts';

/** A frozen network that a stage learns from. */
export interface Teacher {
  readonly network: NetworkDefinition;
  readonly weights: Weights;
}

export interface StageJob {
  readonly experiment: Experiment;
  readonly stage: Stage;
  readonly stageKey: string;
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly writer: RunWriter;
  readonly teacher?: Teacher;
  readonly captured: { readonly samples: readonly Sample[]; readonly grids: CaptureGrids };
  readonly observe: Observer;
  readonly stop: StopRequest;
}

export type StageEnd = 'trained' | 'stopped';

/** How often a paused trainer looks for a request. */
const pausePollMs = 200;

/** The seed's sequence of batches is the same for all stages, so that arms are compared on equal batches. */
const batchStream = 'training';

/**
 * Trains one stage: steps, control, evaluations, captures and checkpoints, from wherever its run stands to its last epoch.
 * The final evaluation is not part of it.
 */
export class StageTrainer implements AsyncDisposable {
  readonly #job: StageJob;
  readonly #definition: TrainingStep;
  readonly #loader: Loader;
  readonly #program: Program;
  readonly #lessons: Lessons | undefined;
  #predictor: Predictor | undefined;
  #capturer: Capturer | undefined;
  /** Epochs, steps and batches of the current epoch done. */
  #epoch = 0;
  #step = 0;
  #batch = 0;
  #live: LiveSettings;
  #best: TrainingRecord['best'];
  #means = new EpochMeans();
  /** Live changes that an earlier attempt accepted after the checkpoint from which this one goes on. */
  #replayed: AcceptedChange[] = [];
  #checkpointAt = performance.now();
  #captureAsked = false;

  private constructor(job: StageJob, definition: TrainingStep, loader: Loader, program: Program, lessons: Lessons | undefined) {
    this.#job = job;
    this.#definition = definition;
    this.#loader = loader;
    this.#program = program;
    this.#lessons = lessons;
    this.#live = initialSettings(job.stage);
  }

  /** Compiles the step and gives it its weights: initial ones, or those of the run's newest checkpoint. */
  static async start(job: StageJob): Promise<StageTrainer> {
    const { stage, teacher, dataset } = job;
    const { training } = stage;
    const network = networkOf(stage);
    const definition = defineTrainingStep({
      student: network,
      ...(stage.distill === undefined || teacher === undefined
        ? {}
        : { teacher: teacher.network, method: { name: stage.distill.method, options: stage.distill.options } }),
      batchSize: training.batchSize,
      optimizer: training.optimizer,
    });
    const loader = createLoader({
      samples: dataset.splits.train,
      batchSize: training.batchSize,
      imageSizes: teacher === undefined ? [network] : [network, teacher.network],
      maskSize: network,
      seed: training.seed,
      stream: batchStream,
      augmentation: training.augmentation,
      maxUnreadable: training.stopAfterUnreadable,
    });
    try {
      job.observe({ type: 'progress', message: l10n.t('{0}: compiling the training step', stage.name) });
      const expectedRuns = training.epochs * loader.batchesPerEpoch;
      const lessons = await prepareLessons(job, definition, expectedRuns * training.batchSize);
      const inputs = lessons?.stepInputs ?? definition.inputs(teacher?.weights);
      const program = await job.engine.compile(definition.step, inputs, { expectedRuns });
      const trainer = new StageTrainer(job, definition, loader, program, lessons);
      try {
        await trainer.#restore(inputs);
      } catch (error) {
        await trainer[Symbol.asyncDispose]();
        throw error;
      }
      return trainer;
    } catch (error) {
      await loader[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Trains to the last epoch, or until it is asked to stop. */
  async run(): Promise<StageEnd> {
    const { stage, writer, observe } = this.#job;
    const { epochs } = stage.training;
    const stepsPerEpoch = this.#loader.batchesPerEpoch;
    writer.progress({ epoch: this.#epoch, epochs, step: this.#step, stepsPerEpoch });
    writer.setState('running');
    observe({ type: 'progress', message: l10n.t('{0}: training', stage.name) });
    if (this.#step === 0 && this.#captureDue(0)) await this.#capture(0);
    try {
      while (this.#epoch < epochs) {
        if ((await this.#trainEpoch()) === 'stopped') return 'stopped';
        await this.#endEpoch();
      }
      return 'trained';
    } catch (error) {
      throw error instanceof EngineError && error.reason === 'device-lost' ? await this.#deviceLost(error) : error;
    } finally {
      this.#reportLessons();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loader[Symbol.asyncDispose]();
    await this.#program.dispose();
    await this.#lessons?.[Symbol.asyncDispose]();
    await this.#predictor?.[Symbol.asyncDispose]();
    await this.#capturer?.[Symbol.asyncDispose]();
  }

  /** The state went with the device: what is left is the newest checkpoint, which the message names. */
  async #deviceLost(cause: EngineError): Promise<EngineError> {
    const { writer, stage } = this.#job;
    const { checkpoint } = await openNewestCheckpoint(writer.folder);
    await checkpoint?.tensors.close();
    const goOn =
      checkpoint === undefined
        ? l10n.t('There is no checkpoint yet: `scrkd resume {0}` begins anew.', writer.folder.path)
        : l10n.t('Its newest checkpoint is of step {0}: `scrkd resume {1}` goes on from there.', checkpoint.info.step, writer.folder.path);
    return new EngineError('device-lost', l10n.t('Stage "{0}", epoch {1}, step {2}: {3} {4}', stage.name, this.#epoch + 1, this.#step + 1, cause.message, goOn), { cause });
  }

  #reportLessons(): void {
    if (this.#lessons === undefined) return;
    const { counts: { computed, reused }, problem } = this.#lessons;
    if (problem !== undefined) this.#job.writer.append({ type: 'log', level: 'warning', reason: 'teacher-outputs', message: l10n.t('Teacher outputs could not be kept on the disk: {0}', problem) });
    this.#job.writer.append({ type: 'log', level: 'info', reason: 'teacher-outputs', message: l10n.t('The teacher computed {0} images; {1} were known.', computed, reused), details: { computed, reused } });
  }

  // ---- where the run stands ----

  async #restore(inputs: InputSpecs): Promise<void> {
    const { writer, stage } = this.#job;
    const states = statesOf(inputs);
    if (writer.attempt === 1) {
      await this.#program.writeState(await this.#initialState(states));
      return;
    }
    const { checkpoint, rejected } = await openNewestCheckpoint(writer.folder);
    for (const problem of rejected) this.#job.writer.append({ type: 'log', level: 'warning', reason: 'checkpoint-damaged', message: problem.message });
    if (checkpoint === undefined) {
      await this.#program.writeState(await this.#initialState(states));
    } else {
      try {
        const record = parseTrainingRecord(checkpoint.info.training, checkpoint.path);
        await this.#program.writeState(await readTrainingState(checkpoint.tensors, states));
        this.#epoch = checkpoint.info.epoch;
        this.#step = checkpoint.info.step;
        this.#batch = record.batch;
        this.#live = record.live;
        this.#best = record.best;
      } finally {
        await checkpoint.tensors.close();
      }
    }
    const { events } = await readEvents(writer.folder);
    this.#replayed = acceptedChanges(events, this.#step);
    for (const event of mergeAttempts(events)) {
      if (event.type === 'step' && event.epoch === this.#epoch + 1 && event.step <= this.#step) this.#means.add(event);
    }
    this.#job.writer.append({ type: 'resume', checkpoint: checkpoint?.name ?? 'none', epoch: this.#epoch, step: this.#step });
    writer.progress({ epoch: this.#epoch, epochs: stage.training.epochs, step: this.#step, ...(this.#best === undefined ? {} : { best: this.#best }) });
  }

  async #initialState(states: readonly { readonly name: string; readonly shape: readonly number[] }[]): Promise<Record<string, HostTensor>> {
    const { stage, teacher } = this.#job;
    const weights: Record<string, HostTensor> = initialise(this.#definition.parameters, stage.training.seed);
    if (stage.init !== undefined) {
      const backbone = await readBackbone(stage.init.backbone, this.#definition.parameters, createModel(stage.model.name, stage.model.options).encoder);
      Object.assign(weights, backbone.weights);
      const message = l10n.t('{0}: {1} tensors taken, {2} missing (initialised), {3} unexpected (ignored).', stage.init.backbone, Object.keys(backbone.weights).length, backbone.missing.length, backbone.unexpected.length);
      this.#job.writer.append({ type: 'log', level: backbone.missing.length > 0 ? 'warning' : 'info', reason: 'backbone-weights', message, details: { missing: backbone.missing, unexpected: backbone.unexpected } });
    }
    return stateFrom(states, weights, teacher?.weights);
  }

  // ---- one epoch ----

  async #trainEpoch(): Promise<StageEnd> {
    let lastEnd = performance.now();
    for await (const batch of this.#loader.epoch(this.#epoch, { firstBatch: this.#batch })) {
      this.#replayChanges();
      const asked = await this.#answerRequests();
      if (asked !== undefined) {
        if (asked === 'stop') await this.#checkpoint(['last']);
        this.#job.writer.setState('stopped', { reason: asked });
        return 'stopped';
      }
      lastEnd = await this.#trainStep(batch, lastEnd);
    }
    return 'trained';
  }

  /** @returns when the step ended, from which the next one's time is counted: loading is part of a step's time. */
  async #trainStep(batch: Batch, startedAt: number): Promise<number> {
    const { stage, writer } = this.#job;
    const learningRate = this.#live.baseLearningRate * scheduleFactor(stage.training.schedule, this.#epoch);
    for (const { id, reason } of batch.skipped) {
      this.#job.writer.append({ type: 'log', level: 'warning', reason: 'unreadable-image', message: l10n.t('{0} was left out: {1}', id, reason) });
    }
    const outputs = await this.#program.run(await this.#feeds(batch, learningRate));
    const terms = Object.fromEntries([...this.#definition.terms, ...this.#definition.reportedTerms].map((term) => [term, scalarOf(outputs[`term/${term}`]!)]));
    const seconds = (performance.now() - startedAt) / 1000;
    this.#step++;
    this.#batch++;
    const event: Omit<StepEvent, 'v' | 'seq' | 'attempt' | 'time'> = {
      type: 'step',
      epoch: this.#epoch + 1,
      step: this.#step,
      terms,
      weights: { sod: 1, ...this.#weightsNow(), ...Object.fromEntries(this.#definition.reportedTerms.map((term) => [term, 0])) },
      total: scalarOf(outputs['total']!),
      learningRate,
      ...(this.#live.temperature === undefined ? {} : { temperature: this.#live.temperature }),
      seconds,
      imagesPerSecond: batch.ids.length / seconds,
      batch: { hash: batch.hash, samples: [...batch.ids] },
      skipped: batch.skipped.length,
    };
    this.#job.writer.append(event);
    this.#refuseNonFinite(event);
    this.#means.add(event);
    const left = stage.training.epochs * this.#loader.batchesPerEpoch - this.#step;
    writer.progress({ step: this.#step, eta: left * seconds });
    if (this.#captureAsked) {
      this.#captureAsked = false;
      await this.#capture(this.#epoch + 1);
    }
    if (performance.now() - this.#checkpointAt > this.#job.experiment.checkpoints.everyMinutes * 60_000) await this.#checkpoint(['last']);
    return performance.now();
  }

  async #feeds(batch: Batch, learningRate: number): Promise<HostTensors> {
    const { stage, teacher } = this.#job;
    const { batchSize, optimizer } = stage.training;
    const student = stage.resolution;
    const steps = this.#step + 1;
    const image = (size: { height: number; width: number }): HostTensor => ({ shape: [batchSize, size.height, size.width, 3], dtype: 'float32', data: batch.images[sizeKey(size)]! });
    const teacherImage = teacher && image(teacher.network);
    return {
      image: image(student),
      mask: { shape: [batchSize, student.height, student.width, 1], dtype: 'float32', data: batch.mask },
      learningRate: scalar(learningRate),
      biasCorrection1: scalar(1 - optimizer.beta1 ** steps),
      biasCorrection2: scalar(1 - optimizer.beta2 ** steps),
      ...(teacherImage === undefined || this.#live.temperature === undefined ? {} : { teacherImage, temperature: scalar(this.#live.temperature), ...(await this.#lessons?.teach(teacherImage)) }),
      ...Object.fromEntries(Object.entries(this.#weightsNow()).map(([term, weight]) => [`weight/${term}`, scalar(weight)])),
      ...Object.fromEntries(Object.entries(this.#definition.noise).map(([name, shape]) => [`noise/${name}`, noise(shape, stage.training.seed, name, steps)])),
    };
  }

  #weightsNow(): Record<string, number> {
    const share = warmUpShare(this.#job.stage, this.#epoch);
    return Object.fromEntries(Object.entries(this.#live.weights).map(([term, weight]) => [term, share * weight]));
  }

  #refuseNonFinite({ terms, total, epoch, step, batch }: Pick<StepEvent, 'terms' | 'total' | 'epoch' | 'step' | 'batch'>): void {
    const term = Object.keys(terms).find((name) => !Number.isFinite(terms[name])) ?? (Number.isFinite(total) ? undefined : 'total');
    if (term === undefined) return;
    throw new TrainingError(
      'not-finite',
      l10n.t(
        'Stage "{0}", epoch {1}, step {2}: the loss term "{3}" became {4} on the batch {5} ({6}). Earlier checkpoints are kept; try a smaller learning rate.',
        this.#job.stage.name, epoch, step, term, String(terms[term] ?? total), batch.samples.join(', '), batch.hash.slice(0, 12),
      ),
    );
  }

  async #endEpoch(): Promise<void> {
    const { writer, experiment, stage } = this.#job;
    this.#epoch++;
    this.#batch = 0;
    const last = this.#epoch === stage.training.epochs;
    const learningRate = this.#live.baseLearningRate * scheduleFactor(stage.training.schedule, this.#epoch - 1);
    const summary = { epoch: this.#epoch, step: this.#step, ...this.#means.result, learningRate, memoryBytes: process.resourceUsage().maxRSS * 1024 };
    this.#means = new EpochMeans();
    this.#job.writer.append({ type: 'epoch', ...summary });
    const { metrics, improved } = await this.#evaluate(last);
    if (this.#captureDue(this.#epoch) || last) await this.#capture(this.#epoch);
    const kinds: CheckpointKind[] = ['last'];
    if (improved) kinds.push('best');
    if (this.#epoch % experiment.checkpoints.every === 0 && !last) kinds.push('epoch');
    await this.#checkpoint(kinds);
    writer.appendEpoch({ ...summary, metrics });
    writer.progress({ epoch: this.#epoch, ...(this.#best === undefined ? {} : { best: this.#best }) });
  }

  // ---- what happens between steps ----

  async #evaluate(last: boolean): Promise<{ metrics: Record<string, Record<string, number>>; improved: boolean }> {
    const { stage, dataset, engine, experiment } = this.#job;
    const split = stage.selection.on === 'test' ? 'test' : 'validation';
    const samples = dataset.splits[split];
    const due = last || this.#epoch % experiment.evaluation.every === 0;
    if (!due || samples.length === 0) return { metrics: {}, improved: false };
    this.#predictor ??= await Predictor.create(engine, networkOf(stage), stage.training.batchSize, this.#evaluations(samples));
    await this.#predictor.load(await this.#weights());
    const { evaluations, skipped } = await evaluateForSelection(this.#predictor, samples);
    for (const { id, reason } of skipped) this.#job.writer.append({ type: 'log', level: 'warning', reason: 'unreadable-image', message: l10n.t('{0} was left out of the evaluation: {1}', id, reason) });
    const evaluation = evaluations[0]!;
    const figures = figuresOf(evaluation);
    const improved = stage.selection.on !== 'last' && !(evaluation.maxF <= (this.#best?.value ?? -1));
    if (improved) this.#best = { metric: 'maxF', value: evaluation.maxF, epoch: this.#epoch, checkpoint: 'best' };
    this.#job.writer.append({ type: 'evaluation', epoch: this.#epoch, step: this.#step, split, protocol: 'selection', checkpoint: 'current', images: evaluation.images, metrics: figures, best: improved });
    return { metrics: { [`${split}/selection`]: figures }, improved };
  }

  /** Batches of all evaluations of the run. */
  #evaluations(samples: readonly Sample[]): number {
    const { stage, experiment } = this.#job;
    return Math.ceil(samples.length / stage.training.batchSize) * Math.ceil(stage.training.epochs / experiment.evaluation.every);
  }

  #captureDue(epoch: number): boolean {
    return epoch % this.#job.experiment.captures.every === 0;
  }

  /** Captures the student; with a sample's first capture, at epoch 0 as a rule, its frozen teacher as well, under `teacher/…`. */
  async #capture(epoch: number): Promise<void> {
    const { stage, teacher, engine, captured, writer } = this.#job;
    const samples = [...captured.samples, ...this.#pinned()];
    if (samples.length === 0) return;
    this.#capturer ??= await Capturer.create(engine, networkOf(stage), captured.grids);
    const captures = await this.#capturer.collect(await this.#weights(), samples);
    const first = samples.filter(({ id }) => !this.#capturedBefore(epoch, id));
    if (teacher !== undefined && first.length > 0) {
      await using capturer = await Capturer.create(engine, teacher.network, captured.grids);
      for (const { sample, views } of await capturer.collect(teacher.weights, first)) {
        captures.find((capture) => capture.sample === sample)?.views.push(...views.map((view) => ({ ...view, name: `teacher/${view.name}` })));
      }
    }
    await writer.captures.write(epoch, this.#step, captures);
  }

  /** What people pinned meanwhile and is not captured anyway. Notes that cannot be read pin nothing: they are no reason to stop a training. */
  #pinned(): Sample[] {
    const { captured, dataset, writer } = this.#job;
    const known = new Set(captured.samples.map(({ id }) => id));
    let pins: readonly string[];
    try {
      pins = readNotes(writer.folder).pins ?? [];
    } catch {
      return [];
    }
    const all = new Map([...dataset.splits.train, ...dataset.splits.validation, ...dataset.splits.test].map((sample) => [sample.id, sample]));
    return [...new Set(pins)].flatMap((id) => (known.has(id) ? [] : (all.get(id) ?? [])));
  }

  /** Whether an earlier epoch has a capture of the sample: its first one holds the frozen teacher. */
  #capturedBefore(epoch: number, sample: string): boolean {
    const { folder } = this.#job.writer;
    return captureFiles(folder).some((capture) => capture.epoch < epoch && existsSync(folder.capture(capture.epoch, sample)));
  }

  async #checkpoint(kinds: readonly CheckpointKind[]): Promise<void> {
    const { stage, stageKey, writer } = this.#job;
    const training: TrainingRecord = { stageKey, network: networkOf(stage), batch: this.#batch, live: this.#live, ...(this.#best === undefined ? {} : { best: this.#best }) };
    const tensors = checkpointTensors(await this.#program.readState());
    await writer.checkpoints.write({ kinds, epoch: this.#epoch, step: this.#step, training, tensors });
    this.#checkpointAt = performance.now();
  }

  /** The student's weights and statistics as they are now. */
  async #weights(): Promise<Weights> {
    const state = await this.#program.readState(this.#definition.parameters.map(inputName));
    return Object.fromEntries(Object.entries(state).map(([name, tensor]) => [splitOnce(name)[1], tensor]));
  }

  // ---- control ----

  #replayChanges(): void {
    for (let change = this.#replayed[0]; change !== undefined && change.step <= this.#step; change = this.#replayed[0]) {
      this.#replayed.shift();
      this.#live = withChanges(this.#live, change.changes, this.#job.stage, this.#epoch);
    }
  }

  /** Answers what others asked, waits while paused. @returns how to end, if asked to */
  async #answerRequests(): Promise<'stop' | 'stop-now' | undefined> {
    const { writer, stop } = this.#job;
    for (;;) {
      if (stop.level !== undefined) return stop.level;
      for (const pending of writer.control.poll(this.#step)) {
        const end = this.#answer(pending);
        if (end !== undefined) return end;
      }
      if (writer.state.state !== 'paused') return undefined;
      await sleep(pausePollMs);
    }
  }

  #answer(pending: PendingControl): 'stop' | 'stop-now' | undefined {
    const { stage, writer } = this.#job;
    const { request } = pending;
    const paused = writer.state.state === 'paused';
    switch (request.verb) {
      case 'pause':
        if (paused) pending.reject(l10n.t('it is paused already'));
        else {
          pending.accept();
          writer.setState('paused');
        }
        return undefined;
      case 'resume':
        if (!paused) pending.reject(l10n.t('it is not paused'));
        else {
          pending.accept();
          writer.setState('running');
        }
        return undefined;
      case 'capture':
        this.#captureAsked = true;
        pending.accept();
        return undefined;
      case 'set': {
        const problem = refusal(request.args, this.#live, stage.name);
        if (problem !== undefined) pending.reject(problem);
        else {
          pending.accept();
          this.#live = withChanges(this.#live, request.args, stage, this.#epoch);
        }
        return undefined;
      }
      case 'stop':
      case 'stop-now':
        pending.accept();
        return request.verb;
      default:
        return unreachable(request);
    }
  }
}

/** What keeps the teacher's outputs, where that is possible and can pay; says in the run's log which. */
async function prepareLessons({ experiment, stage, teacher, engine, writer }: StageJob, { teacherStep }: TrainingStep, expectedImages: number): Promise<Lessons | undefined> {
  const limits = experiment.teacherOutputs;
  // In the one epoch of a trial no image comes twice.
  if (teacher === undefined || stage.distill === undefined || limits === undefined || stage.training.epochs === 1) return undefined;
  const { method, options } = stage.distill;
  if (teacherStep === undefined) {
    writer.append({ type: 'log', level: 'info', reason: 'teacher-outputs', message: l10n.t('Teacher outputs are not kept: {0} reads whole features, or its teacher learns on.', method) });
    return undefined;
  }
  const recipe = { student: networkOf(stage), teacher: teacher.network, method, options };
  const lessons = await Lessons.create({ engine, step: teacherStep, weights: teacher.weights, recipe, cache: cacheDirectory(), limits, expectedImages });
  const message = l10n.t('Teacher outputs are kept: {0} MB an image and view, at most {1} GB in memory and {2} GB in {3}.', (lessons.bytesPerImage / 1e6).toFixed(2), limits.memory / 1e9, limits.disk / 1e9, lessons.folder);
  writer.append({ type: 'log', level: 'info', reason: 'teacher-outputs', message });
  return lessons;
}

function scalarOf(tensor: HostTensor): number {
  return tensor.data[0]!;
}

/** Uniform in [0, 1): a function of seed, name and step, so that a resumed run sees the same. */
function noise(shape: readonly number[], seed: number, name: string, step: number): HostTensor {
  const random = new Random('noise', seed, name, step);
  return { shape, dtype: 'float32', data: Float32Array.from({ length: elementCount(shape) }, () => random.uniform()) };
}
