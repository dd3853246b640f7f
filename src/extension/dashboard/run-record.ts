/**
 * One run's story out of its events, as they come: what `mergeAttempts` makes of the whole log, without keeping it.
 */
import { liveChanges } from '../../protocol/control.ts';
import { sourceKey, type FigureSource, type Mark, type Position, type SettingChange } from '../../protocol/dashboard.ts';
import type { ControlEvent, EvaluationEvent, RunEvent, StepEvent } from '../../protocol/events.ts';
import { GrowingColumns } from './columns.ts';

/** Names of columns that are no loss term: a term cannot have a space in its name. */
export const column = { total: ' total', learningRate: ' learningRate', imagesPerSecond: ' imagesPerSecond', seconds: ' seconds', memoryBytes: ' memoryBytes' } as const;
const notTerms: ReadonlySet<string> = new Set(Object.values(column));

/** The loss terms among the columns of a record. */
export function termsOf(columns: GrowingColumns): string[] {
  return columns.names.filter((name) => !notTerms.has(name));
}

export interface RecordedEvaluation extends FigureSource {
  readonly columns: GrowingColumns;
  /** By step. */
  readonly details: Map<number, Pick<EvaluationEvent, 'epoch' | 'images' | 'checkpoint' | 'metrics' | 'best'>>;
}

/** A mark whose epoch is filled in when the number of steps of an epoch is known. */
type RecordedMark = { readonly at: Omit<Position, 'epoch'>; readonly mark: WithoutPosition<Mark> };
type WithoutPosition<M> = M extends Mark ? Omit<M, 'at'> : never;

/** Settings that a person may turn, as of the last step or accepted change. */
export interface CurrentSettings {
  weights: Record<string, number>;
  temperature: number | undefined;
  learningRate: number | undefined;
}

export class RunRecord {
  readonly steps = new GrowingColumns();
  readonly epochs = new GrowingColumns();
  readonly evaluations = new Map<string, RecordedEvaluation>();
  readonly settings: CurrentSettings;
  /** Answers to control requests, by id. */
  readonly answers = new Map<string, ControlEvent>();
  /** Milliseconds since 1970; undefined before the first event. */
  lastEvent: number | undefined;
  #marks: RecordedMark[] = [];
  #time = 0;
  /** The time of the event that the next one's duration is counted from; undefined after a break. */
  #clock: number | undefined;
  #pausedAt: number | undefined;

  /** @param configured settings that the run began with */
  constructor(configured: CurrentSettings) {
    this.settings = { ...configured, weights: { ...configured.weights } };
  }

  /** Seconds of training: pauses, interruptions and what a resume took back left out. */
  get seconds(): number {
    return this.#time;
  }

  /** What happened, in order. @param stepsPerEpoch 0 where it is not known yet */
  marks(stepsPerEpoch: number): Mark[] {
    return this.#marks.map(({ at, mark }) => ({ at: { ...at, epoch: stepsPerEpoch > 0 ? at.step / stepsPerEpoch : 0 }, ...mark }));
  }

  apply(event: RunEvent): void {
    const moment = Date.parse(event.time);
    this.lastEvent = moment;
    switch (event.type) {
      case 'step':
        this.#onStep(event, moment);
        return;
      case 'epoch': {
        const { terms, total, learningRate, imagesPerSecond, seconds, memoryBytes } = event;
        this.#spend(moment, 0);
        this.epochs.put(event.step, this.#time, { ...terms, [column.total]: total, [column.learningRate]: learningRate, [column.imagesPerSecond]: imagesPerSecond, [column.seconds]: seconds, [column.memoryBytes]: memoryBytes });
        return;
      }
      case 'evaluation':
        this.#spend(moment, 0);
        this.#onEvaluation(event);
        return;
      case 'checkpoint':
        this.#spend(moment, 0);
        // The newest is written all the time, and the best is said by its evaluation.
        if (event.kind === 'epoch') this.#mark(event.step, { kind: 'checkpoint', name: event.name });
        return;
      case 'control':
        this.#onControl(event);
        return;
      case 'resume':
        this.#onResume(event.step, event.checkpoint);
        return;
      case 'state':
        this.#onState(event.state, moment);
        return;
      case 'log':
        if (event.level === 'warning' || event.level === 'error') this.#mark(this.#lastStep, { kind: 'message', level: event.level, message: event.message });
        return;
      case 'capture':
        this.#spend(moment, 0);
        return;
    }
  }

  get #lastStep(): number {
    return this.steps.step.at(-1) ?? 0;
  }

  #onStep(event: StepEvent, moment: number): void {
    this.#spend(moment, event.seconds);
    const { terms, total, learningRate, imagesPerSecond, seconds } = event;
    this.steps.put(event.step, this.#time, { ...terms, [column.total]: total, [column.learningRate]: learningRate, [column.imagesPerSecond]: imagesPerSecond, [column.seconds]: seconds });
    for (const name of Object.keys(this.settings.weights)) this.settings.weights[name] = event.weights[name] ?? this.settings.weights[name]!;
    if (event.temperature !== undefined) this.settings.temperature = event.temperature;
    this.settings.learningRate = learningRate;
  }

  #onEvaluation(event: EvaluationEvent): void {
    const key = sourceKey(event);
    let recorded = this.evaluations.get(key);
    if (recorded === undefined) {
      recorded = { split: event.split, protocol: event.protocol, columns: new GrowingColumns(), details: new Map() };
      this.evaluations.set(key, recorded);
    }
    // A finished run is evaluated once more at its end, from a checkpoint: that is a figure, not a point of a curve.
    if (event.checkpoint !== 'current') return;
    recorded.columns.put(event.step, this.#time, event.metrics);
    recorded.details.set(event.step, event);
    if (!event.best) return;
    // Only the last one still is the best.
    this.#marks = this.#marks.filter(({ mark }) => !(mark.kind === 'best' && sourceKey(mark) === key));
    this.#mark(event.step, { kind: 'best', split: event.split, protocol: event.protocol, metrics: event.metrics });
  }

  #onControl(event: ControlEvent): void {
    this.answers.set(event.id, event);
    if (event.outcome === 'rejected') {
      this.#mark(event.step, { kind: 'rejected', verb: event.verb, reason: event.reason ?? '' });
      return;
    }
    if (event.verb !== 'set') return;
    const parsed = liveChanges.safeParse(event.args);
    if (!parsed.success) return;
    const changes: SettingChange[] = [];
    // In the order they were asked for: a schema puts the names that it knows first.
    for (const name of Object.keys(event.args)) {
      const to = parsed.data[name];
      if (to === undefined) continue;
      const from = name === 'temperature' ? this.settings.temperature : name === 'learningRate' ? this.settings.learningRate : this.settings.weights[name];
      changes.push({ name, ...(from === undefined ? {} : { from }), to });
      if (name === 'temperature') this.settings.temperature = to;
      else if (name === 'learningRate') this.settings.learningRate = to;
      else this.settings.weights[name] = to;
    }
    this.#mark(event.step, { kind: 'change', changes });
  }

  #onResume(step: number, checkpoint: string): void {
    this.steps.cutAfter(step);
    this.epochs.cutAfter(step);
    for (const { columns, details } of this.evaluations.values()) {
      columns.cutAfter(step);
      for (const evaluated of details.keys()) if (evaluated > step) details.delete(evaluated);
    }
    this.#marks = this.#marks.filter(({ at, mark }) => at.step <= step || isHistory(mark.kind));
    this.#time = Math.max(0, this.steps.time.at(-1) ?? 0, this.epochs.time.at(-1) ?? 0);
    this.#clock = undefined;
    this.#mark(step, { kind: 'resume', checkpoint });
  }

  #onState(state: string, moment: number): void {
    if (state === 'paused') {
      this.#spend(moment, 0);
      this.#pausedAt = moment;
      this.#mark(this.#lastStep, { kind: 'pause' });
    } else if (this.#pausedAt !== undefined) {
      const seconds = Math.max(0, (moment - this.#pausedAt) / 1000);
      const last = this.#marks.findLast(({ mark }) => mark.kind === 'pause');
      if (last !== undefined) this.#marks[this.#marks.indexOf(last)] = { at: last.at, mark: { kind: 'pause', seconds } };
      this.#pausedAt = undefined;
    }
    this.#clock = state === 'running' ? moment : undefined;
  }

  /** Lets the training's clock run on to `moment`; after a break, or where the system's clock jumped back, by `seconds`. */
  #spend(moment: number, seconds: number): void {
    const passed = this.#clock === undefined ? seconds : (moment - this.#clock) / 1000;
    this.#time += passed < 0 ? seconds : passed;
    this.#clock = moment;
  }

  #mark(step: number, mark: RecordedMark['mark']): void {
    this.#marks.push({ at: { step, time: this.#time }, mark });
  }
}

/** Whether a mark stays although a resume took the training back before it: what people and processes did was done. */
function isHistory(kind: Mark['kind']): boolean {
  switch (kind) {
    case 'checkpoint':
    case 'best':
      return false;
    case 'pause':
    case 'resume':
    case 'change':
    case 'rejected':
    case 'message':
      return true;
  }
}
