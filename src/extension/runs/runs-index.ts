/**
 * The one index of runs: what `run.json`, `state.json` and `user.json` of every run folder say, kept up to date. Event logs are never read
 * here, so a thousand runs cost a thousand small files once and one `stat` each after that. Knows nothing of VS Code.
 */
import { watch, type FSWatcher } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { mapConcurrently } from '../../dataset/content.ts';
import { isActive, parseManifest, parseNotes, parseState, type RunManifest, type RunState, type UserNotes } from '../../protocol/run.ts';
import { codeOf, fromFileSystem, RunsError } from '../../runs/errors.ts';
import { standingOf, type RunStanding } from '../../runs/liveness.ts';
import { parsed } from '../../runs/read-run.ts';
import { RunFolder } from '../../runs/run-folder.ts';

interface Located {
  /** Absolute path of the run folder. */
  readonly folder: string;
  /** The runs directory that it was found in, `<config folder>/runs`. */
  readonly directory: string;
}

export interface ReadableRun extends Located {
  readonly manifest: RunManifest;
  readonly state: RunState;
  readonly notes: UserNotes;
  /** As the state says, or `interrupted` where its process is gone without a word. */
  readonly standing: RunStanding;
}

/** A folder with a `run.json` that cannot be read, or that lacks its state. */
export interface DamagedRun extends Located {
  readonly problem: Error;
}

export type IndexedRun = ReadableRun | DamagedRun;

export function isReadable(run: IndexedRun): run is ReadableRun {
  return !('problem' in run);
}

/** How the index notices changes. `polling`: the system refused to watch, for the reason given; everything is looked at every few seconds. */
export type Watching = { readonly kind: 'watching' } | { readonly kind: 'polling'; readonly reason: string };

export interface RunsIndexOptions {
  /** Absolute paths of the runs directories; asked for at every whole scan. */
  readonly directories: () => readonly string[] | Promise<readonly string[]>;
  /** Told of what a scan could not read, once each. */
  readonly onProblem?: (message: string) => void;
  /** Milliseconds between looks at runs that a process works on: their heartbeat, and whether the process lives. */
  readonly activeEveryMs?: number;
  /** Milliseconds between whole scans, as a safety net under the watching; without watching every `activeEveryMs`. */
  readonly scanEveryMs?: number;
  /** For tests: replaces the system's watching. */
  readonly watch?: typeof watch;
}

interface Entry {
  run: IndexedRun;
  /** Times and sizes of the files that the run was read from. */
  stamp: string;
}

/** Files read at a time. */
const concurrency = 32;
/** Changes are told together: a trainer writes several files in a row. */
const settleMs = 100;

export class RunsIndex {
  readonly #options: RunsIndexOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #listeners = new Set<(runs: ReadonlySet<string>) => void>();
  readonly #told = new Set<string>();
  #watching: Watching = { kind: 'watching' };
  #scanning: Promise<void> | undefined;
  #scanAgain = false;
  #pending: NodeJS.Timeout | undefined;
  #activeTimer: NodeJS.Timeout | undefined;
  #lastScan = -Infinity;
  #started: Promise<void> | undefined;
  #ended = false;

  constructor(options: RunsIndexOptions) {
    this.#options = options;
  }

  /** Begins to read and to watch, once; resolves when the first scan is done. Nothing is touched before. */
  ready(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** All runs, in the order they were made. Empty before `ready`. */
  get runs(): IndexedRun[] {
    return [...this.#entries.values()].map(({ run }) => run).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  }

  /** The run in a folder, where there is one. */
  at(folder: string): IndexedRun | undefined {
    return this.#entries.get(folder)?.run;
  }

  get watching(): Watching {
    return this.#watching;
  }

  /** Calls back with the folders of the runs that came, changed or went. Ends with the returned object. */
  onDidChange(listener: (folders: ReadonlySet<string>) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  /** Looks at everything now. */
  refresh(): Promise<void> {
    if (this.#scanning !== undefined) {
      this.#scanAgain = true;
      return this.#scanning;
    }
    this.#scanning = this.#scanUntilQuiet().finally(() => (this.#scanning = undefined));
    return this.#scanning;
  }

  /** `refresh`, where somebody has asked for runs before. */
  async refreshIfStarted(): Promise<void> {
    if (this.#started !== undefined) await this.refresh();
  }

  dispose(): void {
    this.#ended = true;
    clearTimeout(this.#pending);
    clearInterval(this.#activeTimer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    this.#listeners.clear();
  }

  async #start(): Promise<void> {
    const every = this.#options.activeEveryMs ?? 2_000;
    await this.refresh();
    if (this.#ended) return;
    this.#activeTimer = setInterval(() => void this.#tick(), every);
    this.#activeTimer.unref();
  }

  async #tick(): Promise<void> {
    const scanEvery = this.#watching.kind === 'polling' ? 0 : (this.#options.scanEveryMs ?? 10_000);
    if (Date.now() - this.#lastScan >= scanEvery) return this.refresh();
    if (this.#scanning === undefined) await this.#look([...this.#entries.values()].flatMap(({ run }) => (mayMove(run) ? [run] : [])));
  }

  async #scanUntilQuiet(): Promise<void> {
    do {
      this.#scanAgain = false;
      try {
        await this.#scan();
      } catch (error) {
        this.#problem(messageOf(error));
      }
    } while (this.#mustScanAgain());
  }

  /** Asked for while the scan was on its way. */
  #mustScanAgain(): boolean {
    return this.#scanAgain && !this.#ended;
  }

  async #scan(): Promise<void> {
    const watched = new Set<string>();
    const found: Located[] = [];
    for (const directory of new Set(await this.#options.directories())) {
      const experiments = await this.#foldersIn(directory);
      if (experiments === undefined) continue;
      watched.add(directory);
      for (const experiment of experiments) {
        watched.add(experiment);
        for (const folder of (await this.#foldersIn(experiment)) ?? []) found.push({ folder, directory });
      }
    }
    this.#lastScan = Date.now();
    const there = new Set(found.map(({ folder }) => folder));
    const gone = [...this.#entries.keys()].filter((folder) => !there.has(folder));
    for (const folder of gone) this.#entries.delete(folder);
    await this.#look(found, gone);
    for (const { run } of this.#entries.values()) if (mayMove(run)) watched.add(run.folder);
    this.#watch(watched);
  }

  /** Reads again what changed of these runs, and tells. */
  async #look(located: readonly Located[], gone: readonly string[] = []): Promise<void> {
    const changed = new Set(gone);
    await mapConcurrently(located, concurrency, async ({ folder, directory }) => {
      const earlier = this.#entries.get(folder);
      const entry = await readEntry(folder, directory, earlier);
      if (entry === earlier) return;
      if (entry === undefined) this.#entries.delete(folder);
      else this.#entries.set(folder, entry);
      changed.add(folder);
    });
    if (changed.size > 0 && !this.#ended) for (const listener of this.#listeners) listener(changed);
  }

  #watch(paths: ReadonlySet<string>): void {
    if (this.#ended) return;
    for (const [path, watcher] of this.#watchers) {
      if (paths.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    if (this.#watching.kind === 'polling') return;
    for (const path of paths) {
      if (this.#watchers.has(path)) continue;
      try {
        const watcher = (this.#options.watch ?? watch)(path, { persistent: false }, () => this.#soon());
        // A folder that is deleted ends its watching with an error on some systems: the next scan will not name it again.
        watcher.on('error', (error) => (codeOf(error) === 'ENOENT' || codeOf(error) === 'EPERM' ? this.#soon() : this.#poll(error)));
        this.#watchers.set(path, watcher);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') continue;
        this.#poll(error);
        return;
      }
    }
  }

  #poll(error: unknown): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    if (this.#watching.kind === 'polling') return;
    this.#watching = { kind: 'polling', reason: messageOf(error) };
    for (const listener of this.#listeners) listener(new Set());
  }

  #soon(): void {
    if (this.#ended || this.#pending !== undefined) return;
    this.#pending = setTimeout(() => {
      this.#pending = undefined;
      void this.refresh();
    }, settleMs);
  }

  async #foldersIn(folder: string): Promise<string[] | undefined> {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.')).map((entry) => join(folder, entry.name));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') this.#problem(messageOf(fromFileSystem(error, folder)));
      return undefined;
    }
  }

  #problem(message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#options.onProblem?.(message);
  }
}

/** Whether a run changes without anybody touching its folder's parent: a process works on it, or its state could not be read yet. */
function mayMove(run: IndexedRun): boolean {
  return !isReadable(run) || isActive(run.state.state);
}

/** The entry as it is now: `earlier` itself where nothing changed, undefined where the folder is no run. */
async function readEntry(folder: string, directory: string, earlier: Entry | undefined): Promise<Entry | undefined> {
  const paths = new RunFolder(folder);
  const stamps = await Promise.all([paths.manifest, paths.state, paths.notes].map(stampOf));
  if (stamps[0] === missing) return undefined;
  const stamp = stamps.join();
  if (earlier?.stamp === stamp) {
    if (!isReadable(earlier.run) || !isActive(earlier.run.state.state)) return earlier;
    const standing = standingOf(earlier.run.state);
    return standing === earlier.run.standing ? earlier : { stamp, run: { ...earlier.run, standing } };
  }
  try {
    // A manifest is written once; the rest is read anew.
    const manifest = earlier !== undefined && isReadable(earlier.run) ? earlier.run.manifest : parsed(parseManifest(await readFile(paths.manifest, 'utf8')), paths.manifest);
    const state = parsed(parseState(await readFile(paths.state, 'utf8')), paths.state);
    return { stamp, run: { folder, directory, manifest, state, notes: stamps[2] === missing ? noNotes : await readNotes(paths), standing: standingOf(state) } };
  } catch (error) {
    return { stamp, run: { folder, directory, problem: error instanceof RunsError ? error : fromFileSystem(error, folder) } };
  }
}

/** Notes are what people wrote: where they cannot be read, the run is still shown. */
async function readNotes(paths: RunFolder): Promise<UserNotes> {
  try {
    const notes = parseNotes(await readFile(paths.notes, 'utf8'));
    return notes.ok ? notes.value : noNotes;
  } catch {
    return noNotes;
  }
}

const noNotes: UserNotes = { v: 1 };
/** The stamp of a file that is not there. */
const missing = '-';

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return missing;
  }
}

/** Run ids sort by the time they were made. */
function orderOf(run: IndexedRun): string {
  return run.folder.slice(run.folder.lastIndexOf('-') + 1);
}
