/** What a dashboard shows: some runs, read again and again, as messages to the panel. Knows nothing of VS Code. */
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../base/errors.ts';
import { liveChanges, type ControlCommand } from '../../protocol/control.ts';
import type { DashboardControl, RunSummary, RunsSnapshot, SentRequest, ToDashboard, UnreadableRun } from '../../protocol/dashboard.ts';
import { sendControl } from '../../runs/control.ts';
import { RunFolder } from '../../runs/run-folder.ts';
import { configColumns } from './run-config.ts';
import { RunSource, type KnownRun } from './run-source.ts';
import { curvesOf, pointsPerRun, summaryOf } from './snapshot.ts';

/** Requests kept for the panel: what was asked long ago is in the marks. */
const keptRequests = 8;

interface Shown {
  readonly folder: string;
  readonly source: RunSource;
  requests: SentRequest[];
  /** The curves' version and thinning that the panel has. */
  sent: string;
}

export class DashboardModel {
  #shown: Shown[] = [];
  readonly #send: (message: ToDashboard) => void;
  readonly #mayControl: () => boolean;
  /** One reading at a time; what is asked for meanwhile is done once, after it. */
  #reading: Promise<void> | undefined;
  #again = false;
  #ended = false;

  constructor(send: (message: ToDashboard) => void, mayControl: () => boolean) {
    this.#send = send;
    this.#mayControl = mayControl;
  }

  get folders(): readonly string[] {
    return this.#shown.map(({ folder }) => folder);
  }

  /** Whether a shown run may change by itself. */
  get live(): boolean {
    return this.#shown.some(({ source }) => source.run !== undefined && isLive(source.run));
  }

  /** A title for the panel: the experiment, where all runs are of one. */
  get experiment(): string | undefined {
    const names = new Set(this.#shown.flatMap(({ source }) => source.run?.manifest.experiment ?? []));
    return names.size === 1 ? [...names][0] : undefined;
  }

  /** What can be exported: the runs that can be read, as summaries. */
  get summaries(): RunSummary[] {
    const labels = this.#labels();
    return this.#shown.flatMap(({ folder, source, requests }) => (source.run === undefined ? [] : [summaryOf(folder, labels.get(folder)!, source.run, requests)]));
  }

  /** The runs with everything that is known of them. */
  get known(): { label: string; run: KnownRun }[] {
    const labels = this.#labels();
    return this.#shown.flatMap(({ folder, source }) => (source.run === undefined ? [] : [{ label: labels.get(folder)!, run: source.run }]));
  }

  /** Shows these runs, in this order; what was read of those that stay is kept. */
  show(folders: readonly string[]): void {
    const known = new Map(this.#shown.map((shown) => [shown.folder, shown]));
    this.#shown = [...new Set(folders)].map((folder) => known.get(folder) ?? { folder, source: new RunSource(new RunFolder(folder)), requests: [], sent: '' });
  }

  /** The panel was made anew and has nothing. */
  forgetSent(): void {
    for (const shown of this.#shown) shown.sent = '';
  }

  dispose(): void {
    this.#ended = true;
  }

  /** Reads what is new in the shown runs and sends what changed. Calls that overlap are one. */
  async refresh(): Promise<void> {
    if (this.#reading !== undefined) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#readAll();
    try {
      await this.#reading;
    } finally {
      this.#reading = undefined;
    }
    if (this.#again) {
      this.#again = false;
      await this.refresh();
    }
  }

  /**
   * Asks a run's trainer. What cannot be sent is answered like what the trainer refuses, by a request with its reason; the
   * trainer's own answer comes with its event.
   */
  control(folder: string, control: DashboardControl): void {
    const shown = this.#shown.find((each) => each.folder === folder);
    if (shown === undefined) return;
    const changes = control.verb === 'set' ? { changes: control.changes } : {};
    try {
      if (!this.#mayControl()) throw new Error(l10n.t('The folder is not trusted: its runs can be read, not controlled.'));
      const id = sendControl(shown.source.folder, commandOf(control));
      shown.requests = [...shown.requests, { id, verb: control.verb, ...changes, answer: { kind: 'waiting' as const } }].slice(-keptRequests);
    } catch (error) {
      const id = `unsent-${Date.now()}-${shown.requests.length}`;
      shown.requests = [...shown.requests, { id, verb: control.verb, ...changes, answer: { kind: 'rejected' as const, reason: messageOf(error) } }].slice(-keptRequests);
    }
    this.#sendRuns();
  }

  async #readAll(): Promise<void> {
    const fresh = this.#shown.filter(({ source }) => source.run === undefined || !source.run.complete);
    // First a picture of everything, by one line an epoch; then the logs, run by run.
    for (const { source } of fresh) if (source.run === undefined) await source.glance();
    if (fresh.length > 0) this.#sendAll();
    for (const shown of [...this.#shown]) {
      if (this.#ended) return;
      const before = shown.source.version;
      const wasComplete = shown.source.run?.complete === true;
      await shown.source.follow();
      this.#answerRequests(shown);
      if (!this.#shown.includes(shown)) continue;
      if (!wasComplete || shown.source.version !== before) this.#sendCurves(shown);
    }
    this.#sendAll();
  }

  #answerRequests(shown: Shown): void {
    const answers = shown.source.run?.record.answers;
    if (answers === undefined) return;
    shown.requests = shown.requests.map((request) => {
      const answer = answers.get(request.id);
      if (answer === undefined || request.answer.kind !== 'waiting') return request;
      return { ...request, answer: answer.outcome === 'accepted' ? { kind: 'accepted', step: answer.step } : { kind: 'rejected', reason: answer.reason ?? '' } };
    });
  }

  #sendAll(): void {
    this.#sendRuns();
    for (const shown of this.#shown) this.#sendCurves(shown);
  }

  #sendRuns(): void {
    if (this.#ended) return;
    const runs = this.summaries;
    const labels = this.#labels();
    const unreadable = this.#shown.flatMap(({ folder, source }): UnreadableRun[] =>
      source.problem !== undefined && source.run === undefined ? [{ folder, label: labels.get(folder)!, problem: source.problem }] : [],
    );
    const snapshot: RunsSnapshot = {
      runs,
      unreadable,
      columns: configColumns(runs.map(({ config }) => config)),
      reading: this.#shown.filter(({ source }) => source.run !== undefined && !source.run.complete).length,
      now: Date.now(),
      mayControl: this.#mayControl(),
    };
    this.#send({ type: 'runs', snapshot });
  }

  #sendCurves(shown: Shown): void {
    const { run, version } = shown.source;
    if (run === undefined || this.#ended) return;
    const limit = pointsPerRun(this.#shown.length);
    const state = `${version} ${limit}`;
    if (state === shown.sent) return;
    shown.sent = state;
    this.#send({ type: 'curves', curves: curvesOf(shown.folder, run, limit) });
  }

  /** The name that people gave, or the stage with the end of the run's id; with the folder's name where two would be the same. */
  #labels(): Map<string, string> {
    const labels = new Map(this.#shown.map(({ folder, source }) => [folder, labelOf(source)]));
    for (const [folder, label] of labels) {
      const twins = [...labels.values()].filter((other) => other === label).length;
      if (twins > 1) labels.set(folder, `${label} (${new RunFolder(folder).name.slice(-10).toLowerCase()})`);
    }
    return labels;
  }
}

function labelOf({ run, folder }: RunSource): string {
  if (run === undefined) return folder.name;
  return run.name ?? `${run.manifest.stage}-${run.manifest.id.slice(-4).toLowerCase()}`;
}

function isLive({ standing }: KnownRun): boolean {
  return standing === 'running' || standing === 'paused' || standing === 'queued';
}

/** @throws Error with what is wrong about a change */
function commandOf(control: DashboardControl): ControlCommand {
  if (control.verb !== 'set') return { verb: control.verb, args: {} };
  const parsed = liveChanges.safeParse(control.changes);
  if (!parsed.success) throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  return { verb: 'set', args: parsed.data };
}
