/** Launches that have no run folder yet: what was started here or by another window, until its first run appears or its process is gone. */
import { livenessOf } from '../../runs/liveness.ts';
import { isReadable, type RunsIndex } from '../runs/runs-index.ts';
import { isSameProcess, readLaunches, type LaunchRecord } from './launch-record.ts';

export type PendingLaunch = LaunchRecord;

/** Older launches without a run were forgotten by nobody: reading a dataset takes minutes at most. */
const maximumAgeMs = 3_600_000;

export class Launches {
  readonly #listeners = new Set<() => void>();
  readonly #subscription: { dispose(): void };
  readonly #timer: NodeJS.Timeout;
  #known: LaunchRecord[] = [];
  #text = '';

  constructor(private readonly index: RunsIndex) {
    this.#subscription = index.onDidChange(() => this.#tell());
    this.#timer = setInterval(() => this.#known.length > 0 && this.#tell(), 2_000);
    this.#timer.unref();
  }

  get pending(): PendingLaunch[] {
    const owners = this.index.runs.filter(isReadable).map(({ state }) => state);
    this.#known = this.#known.filter((launch) => !owners.some((owner) => isSameProcess(owner, launch)) && livenessOf(launch) === 'alive');
    return this.#known;
  }

  add(launch: LaunchRecord): void {
    this.#known.push(launch);
    this.#tell();
  }

  /** Finds launches of other windows, or of this one before it was reloaded. */
  async find(directories: readonly string[]): Promise<void> {
    for (const directory of directories) {
      for (const launch of await readLaunches(directory)) {
        if (Date.now() - Date.parse(launch.startedAt) > maximumAgeMs) break;
        if (!this.#known.some((known) => known.log === launch.log)) this.#known.push(launch);
      }
    }
    this.#tell();
  }

  onDidChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  dispose(): void {
    this.#subscription.dispose();
    clearInterval(this.#timer);
    this.#listeners.clear();
  }

  #tell(): void {
    const text = this.pending.map(({ log }) => log).join('\n');
    if (text === this.#text) return;
    this.#text = text;
    for (const listener of this.#listeners) listener();
  }
}
