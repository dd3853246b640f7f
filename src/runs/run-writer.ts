import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { formatEpochLine, type EpochSummary, type NewEpochSummary } from '../protocol/epochs.ts';
import { formatEventLine, type NewRunEvent, type RunEvent } from '../protocol/events.ts';
import { protocolVersion, toJson } from '../protocol/json.ts';
import type { MetricsEntry } from '../protocol/metrics-file.ts';
import type { RunManifest, RunState, RunStatus, UserNotes } from '../protocol/run.ts';
import { AppendOnlyFile } from './append-only-file.ts';
import { CaptureStore } from './captures.ts';
import { CheckpointStore } from './checkpoints.ts';
import { ControlInbox } from './control.ts';
import { onFile, onFileAsync, RunsError } from './errors.ts';
import { makeFolder, replaceFile, replaceFileAsync } from './files.ts';
import { newId } from './identifiers.ts';
import { Lock } from './lock.ts';
import { openRunFolder, readManifest } from './read-run.ts';
import { RunFolder } from './run-folder.ts';
import { clearUnfinished, readHistory, type RunHistory } from './run-history.ts';
import { newState, without } from './run-state.ts';

export type NewRunManifest = Omit<RunManifest, 'v' | 'id' | 'createdAt'>;

/** What a trainer tells of its progress; the rest of `state.json` is the writer's. */
export type RunProgress = Partial<Pick<RunState, 'epoch' | 'epochs' | 'step' | 'stepsPerEpoch' | 'best' | 'eta'>>;

/** What belongs to one state only, and is dropped from `state.json` with it. */
export type StateDetails = Pick<Partial<RunState>, 'error' | 'queue'> & { reason?: string };

export interface RunWriterOptions {
  /** Bytes that captures may take. */
  captureBudget?: number;
  now?: () => Date;
  /** Told of every event once it is in the log. */
  onEvent?: (event: RunEvent) => void;
}

const heartbeatEveryMs = 5_000;
const stateEveryMs = 1_000;
const defaultCaptureBudget = 2 * 1024 ** 3;

/**
 * The one writer of a run. It holds the run's lock; whatever moment its process is killed at, the folder can be read, and
 * `RunWriter.open` goes on with it. Its methods throw `RunsError`; what was on the disk before then still is.
 */
export class RunWriter {
  /** 1 for a new run, one more for each time it was opened again. */
  readonly attempt: number;
  readonly checkpoints: CheckpointStore;
  readonly captures: CaptureStore;
  readonly control: ControlInbox;
  readonly #events: AppendOnlyFile;
  readonly #epochs: AppendOnlyFile;
  readonly #lock: Lock;
  readonly #now: () => Date;
  readonly #onEvent: ((event: RunEvent) => void) | undefined;
  readonly #heartbeat: NodeJS.Timeout;
  #seq: number;
  #state: RunState;
  #stateWrittenAt = -Infinity;
  #closed = false;

  private constructor(
    readonly folder: RunFolder,
    readonly manifest: RunManifest,
    lock: Lock,
    history: RunHistory,
    options: RunWriterOptions,
  ) {
    this.attempt = history.attempt + 1;
    this.#lock = lock;
    this.#now = options.now ?? (() => new Date());
    this.#onEvent = options.onEvent;
    this.#seq = history.seq;
    this.#state = newState(this.attempt, this.#now(), history.state);
    const append = (event: NewRunEvent): void => void this.append(event);
    this.checkpoints = new CheckpointStore(folder, { id: manifest.id, stage: manifest.stage }, append, () => this.#sync());
    this.captures = new CaptureStore(folder, append, options.captureBudget ?? defaultCaptureBudget);
    this.control = new ControlInbox(folder, append, history.answeredControls);
    this.#events = AppendOnlyFile.open(folder.events);
    try {
      this.#epochs = AppendOnlyFile.open(folder.epochs);
    } catch (error) {
      this.#events.close();
      throw error;
    }
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatEveryMs);
    this.#heartbeat.unref();
  }

  /**
   * Creates a run in state `queued`, at `<runs>/<experiment>/<stage>-<id>/`. It is a run once `run.json` is there, written last.
   * @throws RunsError
   */
  static create(runsDirectory: string, manifest: NewRunManifest, options: RunWriterOptions = {}): RunWriter {
    const createdAt = (options.now ?? (() => new Date()))().toISOString();
    const whole: RunManifest = { v: protocolVersion, id: newId(), ...manifest, createdAt };
    const folder = RunFolder.of(runsDirectory, whole.experiment, whole.stage, whole.id);
    makeFolder(dirname(folder.path));
    onFile(folder.path, () => mkdirSync(folder.path));
    let lock: Lock | undefined;
    let writer: RunWriter | undefined;
    try {
      lock = Lock.acquire(folder.lock);
      writer = new RunWriter(folder, whole, lock, { seq: -1, attempt: 0, state: undefined, answeredControls: [] }, options);
      onFile(folder.control, () => mkdirSync(folder.control));
      writer.#writeState(true);
      replaceFile(folder.manifest, toJson(whole, 2), true);
      return writer;
    } catch (error) {
      if (writer !== undefined) writer.#end();
      lock?.release();
      rmSync(folder.path, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Goes on with a run as a new attempt: takes its lock, cuts torn lines, clears away what was left unfinished, rejects requests
   * that were meant for the earlier process. The trainer then reads a checkpoint and appends `resume` before its first step.
   * @throws RunsError `not-a-run`, `locked`, `newer-version`, `corrupt`, `read-only`, `disk-full`, `io`
   */
  static async open(path: string, options: RunWriterOptions = {}): Promise<RunWriter> {
    const folder = openRunFolder(path);
    const manifest = readManifest(folder);
    const lock = Lock.acquire(folder.lock);
    let writer: RunWriter | undefined;
    try {
      clearUnfinished(folder);
      writer = new RunWriter(folder, manifest, lock, await readHistory(folder), options);
      writer.#writeState(true);
      writer.control.rejectStale(writer.state.step);
      return writer;
    } catch (error) {
      if (writer !== undefined) writer.#end();
      lock.release();
      throw error;
    }
  }

  /** Looks at once whether the lock is still ours, which is otherwise done every few seconds. */
  refreshLock(): boolean {
    return this.#lock.refresh();
  }

  get state(): Readonly<RunState> {
    return this.#state;
  }

  /** Appends an event to the log; returns it with its `seq` and time. */
  append(event: NewRunEvent): RunEvent {
    this.#mustHold();
    const whole = { v: protocolVersion, seq: this.#seq + 1, attempt: this.attempt, time: this.#now().toISOString(), ...event } as RunEvent;
    this.#events.append(formatEventLine(whole));
    this.#seq = whole.seq; // only now: an event that could not be written leaves no gap
    this.#onEvent?.(whole);
    return whole;
  }

  /** Appends an epoch's summary. */
  appendEpoch(summary: NewEpochSummary): EpochSummary {
    this.#mustHold();
    const whole: EpochSummary = { v: protocolVersion, attempt: this.attempt, time: this.#now().toISOString(), ...summary };
    this.#epochs.append(formatEpochLine(whole));
    return whole;
  }

  /** Tells readers how far the training is; written at most once a second, so it may be called at every step. */
  progress(progress: RunProgress): void {
    this.#mustHold();
    this.#state = { ...this.#state, ...progress };
    if (performance.now() - this.#stateWrittenAt >= stateEveryMs) this.#writeState(false);
  }

  /** Changes the state, in the log and in `state.json`, both safe on the disk when this returns. */
  setState(status: RunStatus, details: StateDetails = {}): void {
    this.#mustHold();
    const { reason, ...belongings } = details;
    const changed = status !== this.#state.state;
    this.#state = { ...without(this.#state, ['error', 'queue']), state: status, ...belongings };
    try {
      // The place in a queue changes without a change of state, and is no news for the log.
      if (changed || reason !== undefined) this.append({ type: 'state', state: status, ...(reason === undefined ? {} : { reason }) });
      this.#sync();
    } finally {
      this.#writeState(true); // even if the log is beyond writing: trees read only this
    }
  }

  /** Replaces `metrics.json`. */
  writeMetrics(entries: readonly MetricsEntry[]): void {
    this.#mustHold();
    replaceFile(this.folder.metrics, toJson({ v: protocolVersion, entries }, 2), true);
  }

  /**
   * Writes a saliency map as `predictions/<protocol>/<sample>.png`.
   * @returns its path
   */
  async writePrediction(protocol: string, sample: string, png: Uint8Array): Promise<string> {
    this.#mustHold();
    const path = this.folder.prediction(protocol, sample);
    makeFolder(dirname(path));
    await onFileAsync(path, () => replaceFileAsync(path, png));
    return path;
  }

  /** Ends the writing and gives the lock back. The state stays as it is: set it before. */
  close(): void {
    if (this.#closed) return;
    try {
      if (this.#lock.held) {
        this.#sync();
        this.#writeState(true);
      }
    } finally {
      this.#end();
      this.#lock.release();
    }
  }

  /** Ends the writing and removes a run that never began, as if it had not been made. */
  discard(): void {
    this.#mustHold();
    if (this.attempt > 1 || this.#state.step > 0) throw new TypeError(`${this.folder.path} has begun`);
    onFile(this.folder.manifest, () => rmSync(this.folder.manifest)); // without it the folder is no run any more
    this.#end();
    this.#lock.release();
    onFile(this.folder.path, () => rmSync(this.folder.path, { recursive: true, force: true }));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #end(): void {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#events.close();
    this.#epochs.close();
  }

  #sync(): void {
    this.#events.sync();
    this.#epochs.sync();
  }

  #mustHold(): void {
    if (this.#closed) throw new TypeError(`the writer of ${this.folder.path} is closed`);
    if (!this.#lock.held) throw new RunsError('lock-lost', this.folder.path, l10n.t('its lock is gone: the run was taken over by another process, or deleted.'));
  }

  #beat(): void {
    if (!this.#lock.held) return;
    try {
      this.#writeState(false);
    } catch {
      // A heartbeat that fails is no reason to end a training; the next event that cannot be written is.
    }
  }

  #writeState(durable: boolean): void {
    this.#state = { ...this.#state, heartbeat: this.#now().toISOString() };
    replaceFile(this.folder.state, toJson(this.#state, 2), durable);
    this.#stateWrittenAt = performance.now();
  }
}

/** Replaces what people noted on a run. Not the trainer's file: anyone may write it, the last one wins. */
export function writeNotes(folder: RunFolder, notes: UserNotes): void {
  replaceFile(folder.notes, toJson(notes, 2), true);
}
