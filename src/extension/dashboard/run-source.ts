/** Reads one run folder again and again, each time only what was added. */
import { statSync } from 'node:fs';
import { messageOf } from '../../base/errors.ts';
import { sourceKey, type Figures } from '../../protocol/dashboard.ts';
import type { EpochSummary } from '../../protocol/epochs.ts';
import type { MetricsFile } from '../../protocol/metrics-file.ts';
import type { RunManifest, RunState } from '../../protocol/run.ts';
import { standingOf, type RunStanding } from '../../runs/liveness.ts';
import { readEpochs, readEvents, readManifest, readMetrics, readNotes, readState } from '../../runs/read-run.ts';
import type { RunFolder } from '../../runs/run-folder.ts';
import { GrowingColumns } from './columns.ts';
import { readRunConfig, type RunConfig } from './run-config.ts';
import { column, RunRecord } from './run-record.ts';

/** What is known of a run now. */
export interface KnownRun {
  readonly manifest: RunManifest;
  readonly config: RunConfig;
  readonly name: string | undefined;
  readonly state: RunState;
  readonly standing: RunStanding;
  readonly record: RunRecord;
  readonly figures: readonly Figures[];
  /** Whether `record` holds the event log, or only the epochs' summaries so far. */
  readonly complete: boolean;
  readonly unread: { readonly newer: number; readonly damaged: number };
}

export class RunSource {
  #known: { manifest: RunManifest; config: RunConfig } | undefined;
  #state: RunState | undefined;
  #name: string | undefined;
  #record: RunRecord | undefined;
  #offset = 0;
  #complete = false;
  #newer = 0;
  #damaged = 0;
  #metrics: MetricsFile = { v: 1, entries: [] };
  #metricsStamp = '';
  #notesStamp = '';
  #problem: string | undefined;
  /** Grows with every change of curves. */
  version = 0;

  constructor(readonly folder: RunFolder) {}

  /** Why the run cannot be shown. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get run(): KnownRun | undefined {
    if (this.#known === undefined || this.#state === undefined || this.#record === undefined) return undefined;
    return {
      ...this.#known,
      name: this.#name,
      state: this.#state,
      standing: standingOf(this.#state),
      record: this.#record,
      figures: this.#figures(this.#record),
      complete: this.#complete,
      unread: { newer: this.#newer, damaged: this.#damaged },
    };
  }

  /** The small files, and the epochs where the event log was not read yet: enough for a first picture. */
  async glance(): Promise<void> {
    await this.#guarded(async () => {
      this.#readSmallFiles();
      if (this.#complete) return;
      const record = this.#freshRecord();
      for (const summary of await readEpochs(this.folder)) applySummary(record, summary);
      this.#record = record;
      this.version++;
    });
  }

  /** What was added to the event log since, and the small files. */
  async follow(): Promise<void> {
    await this.#guarded(async () => {
      this.#readSmallFiles();
      const size = statSync(this.folder.events, { throwIfNoEntry: false })?.size ?? 0;
      // A log never shrinks; if this one did, it is another one.
      if (size < this.#offset) this.#complete = false;
      if (!this.#complete) this.#offset = 0;
      if (this.#complete && size === this.#offset) return;
      const record = this.#complete ? this.#record! : this.#freshRecord();
      if (!this.#complete) this.#newer = this.#damaged = 0;
      const { events, offset, unknown, damaged } = await readEvents(this.folder, { fromOffset: this.#offset });
      for (const event of events) record.apply(event);
      this.#newer += unknown;
      this.#damaged += damaged;
      if (events.length > 0 || !this.#complete) this.version++;
      this.#offset = offset;
      this.#record = record;
      this.#complete = true;
    });
  }

  async #guarded(read: () => Promise<void>): Promise<void> {
    try {
      await read();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = messageOf(error);
    }
  }

  #readSmallFiles(): void {
    if (this.#known === undefined) {
      const manifest = readManifest(this.folder);
      this.#known = { manifest, config: readRunConfig(manifest) };
    }
    this.#state = readState(this.folder);
    const notes = stamp(this.folder.notes);
    if (notes !== this.#notesStamp) {
      this.#name = readNotes(this.folder).name;
      this.#notesStamp = notes;
    }
    const metrics = stamp(this.folder.metrics);
    if (metrics !== this.#metricsStamp) {
      this.#metrics = readMetrics(this.folder);
      this.#metricsStamp = metrics;
    }
  }

  #freshRecord(): RunRecord {
    const { weights, temperature, learningRate } = this.#known!.config.settings;
    return new RunRecord({ weights, temperature, learningRate });
  }

  /** The final figures, and of every source the best evaluation while it trained. */
  #figures(record: RunRecord): Figures[] {
    const figures: Figures[] = this.#metrics.entries.map(({ split, protocol, checkpoint, epoch, images, metrics }) => ({ kind: 'final', split, protocol, checkpoint, epoch, images, metrics }));
    for (const { split, protocol, details } of record.evaluations.values()) {
      const evaluated = [...details.values()];
      const best = evaluated.findLast((each) => each.best) ?? evaluated.at(-1);
      const known = figures.some((each) => sourceKey(each) === sourceKey({ split, protocol }));
      if (best !== undefined && !known) figures.push({ kind: 'best', split, protocol, checkpoint: best.checkpoint, epoch: best.epoch, images: best.images, metrics: best.metrics });
    }
    return figures;
  }
}

/** An epoch's summary as the events that it sums up. */
function applySummary(record: RunRecord, { step, terms, total, learningRate, imagesPerSecond, seconds, memoryBytes, metrics }: EpochSummary): void {
  const time = (record.epochs.time.at(-1) ?? 0) + seconds;
  record.epochs.put(step, time, { ...terms, [column.total]: total, [column.learningRate]: learningRate, [column.imagesPerSecond]: imagesPerSecond, [column.seconds]: seconds, [column.memoryBytes]: memoryBytes });
  for (const [key, values] of Object.entries(metrics)) {
    const [split = '', protocol = ''] = key.split('/');
    let evaluation = record.evaluations.get(key);
    if (evaluation === undefined) record.evaluations.set(key, (evaluation = { split, protocol, columns: new GrowingColumns(), details: new Map() }));
    evaluation.columns.put(step, time, values);
  }
}

/** Tells whether a small file was replaced. */
function stamp(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}
