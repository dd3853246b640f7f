/**
 * A lock file with its owner inside. A lock whose owner is dead is taken over without a moment in which two could hold it:
 * who wants it creates a claim `<lock>.after-<token of the dead owner>`, which only one process can create, and renames the
 * claim over the lock. A taker that dies with a claim in hand is followed by a claim after that one, and so on.
 */
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { moment, parseJson, toJson } from '../protocol/json.ts';
import { processIdentity } from '../protocol/run.ts';
import { temporaryPath } from '../formats/atomic-file.ts';
import { codeOf, fromFileSystem, onFile, RunsError } from './errors.ts';
import { createExclusively, namesIn, pause, removeFile } from './files.ts';
import { newId } from './identifiers.ts';
import { heartbeatLimitMs, livenessOf, thisProcess } from './liveness.ts';

const lockOwner = z.object({ v: z.literal(1), token: z.string().min(1), ...processIdentity.shape, time: moment });
export type LockOwner = z.infer<typeof lockOwner>;

/** A lock file or a claim as found: its token, and its owner where that could be read. */
interface Holder {
  file: string;
  token: string;
  owner: LockOwner | undefined;
}

const refreshEveryMs = 10_000;

export class Lock {
  readonly #timer: NodeJS.Timeout;
  #held = true;

  private constructor(
    readonly path: string,
    readonly owner: LockOwner,
  ) {
    this.#timer = setInterval(() => this.refresh(), refreshEveryMs);
    this.#timer.unref();
  }

  /**
   * Takes the lock, or takes it over from a dead owner.
   * @throws RunsError `locked` while its owner lives; `read-only`, `disk-full`, `io`
   */
  static acquire(path: string): Lock {
    const lock = Lock.tryAcquire(path);
    if (lock instanceof Lock) return lock;
    throw new RunsError('locked', path, lock === undefined ? l10n.t('is being taken by another process.') : l10n.t('is held by process {0} on {1}.', lock.pid, lock.host));
  }

  /** Like `acquire`, but returns the live owner (undefined where it cannot be read) instead of throwing `locked`. */
  static tryAcquire(path: string): Lock | LockOwner | undefined {
    const own: LockOwner = { v: 1, token: newId(), ...thisProcess(), time: new Date().toISOString() };
    // Each round ends the story or finds that another process moved on; a thousand rounds never happen.
    for (let round = 0; round < 1000; round++) {
      if (create(path, own)) return Lock.#settle(path, own);
      const chain = readChain(path);
      const last = chain.at(-1);
      if (last === undefined) continue; // released a moment ago
      if (isHolderAlive(last)) return last.owner;
      const claim = claimAfter(path, last.token);
      if (!create(claim, own)) {
        pause(1);
        continue;
      }
      // Someone may have taken over between our look and our claim: the claim counts only if it follows the very same chain.
      const expected = [...chain.map((holder) => holder.token), own.token].join();
      if (readChain(path).map((holder) => holder.token).join() !== expected) {
        removeFile(claim);
        continue;
      }
      onFile(path, () => renameSync(claim, path));
      return Lock.#settle(path, own);
    }
    return undefined;
  }

  static #settle(path: string, own: LockOwner): Lock {
    clearClaims(path);
    return new Lock(path, own);
  }

  /** Whether the lock is still ours. It is not when a process on another host took us for dead. */
  get held(): boolean {
    return this.#held;
  }

  /** Shows other hosts that we live, by the file's time: that is the file server's clock, whatever ours says. */
  refresh(): boolean {
    if (!this.#held) return false;
    try {
      this.#held = readHolder(this.path)?.token === this.owner.token;
      if (this.#held) touch(this.path);
    } catch {
      // An unreachable disk is no reason to stop; the next write will tell.
    }
    return this.#held;
  }

  release(): void {
    clearInterval(this.#timer);
    if (!this.#held) return;
    this.#held = false;
    if (readHolder(this.path)?.token === this.owner.token) removeFile(this.path);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Whether a live process holds a lock, or is just taking it over. */
export function isLocked(path: string): boolean {
  const last = readChain(path).at(-1);
  return last !== undefined && isHolderAlive(last);
}

/** Who a lock file names as its owner, dead or alive; undefined where there is none to be read. */
export function lockOwnerOf(path: string): LockOwner | undefined {
  return readHolder(path)?.owner;
}

/** Removes claims that dead processes left on the way; the caller holds the lock. */
function clearClaims(path: string): void {
  const prefix = `${basename(path)}.after-`;
  for (const name of namesIn(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const claim = join(dirname(path), name);
    const holder = readHolder(claim);
    if (holder !== undefined && !isHolderAlive(holder)) rmSync(claim, { force: true });
  }
}

function create(file: string, own: LockOwner): boolean {
  // The trailing space is what `touch` rewrites. A network file system may say "exists" of a link it just made for us.
  return createExclusively(file, `${toJson(own)} `) || readHolder(file)?.token === own.token;
}

function claimAfter(path: string, token: string): string {
  return `${path}.after-${token}`;
}

/** The lock's owner, who claimed to follow it, who claimed to follow that one, … */
function readChain(path: string): Holder[] {
  const chain: Holder[] = [];
  let holder = readHolder(path);
  while (holder !== undefined) {
    chain.push(holder);
    holder = readHolder(claimAfter(path, holder.token));
  }
  return chain;
}

function readHolder(file: string): Holder | undefined {
  try {
    const parsed = parseJson(lockOwner, readFileSync(file, 'utf8'));
    if (parsed.ok) return { file, token: parsed.value.token, owner: parsed.value };
    // Only without hard links: its creator was killed between creating and writing, or is just about to write.
    return { file, token: `unreadable-${Math.floor(statSync(file).mtimeMs)}`, owner: undefined };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fromFileSystem(error, file);
  }
}

function isHolderAlive(holder: Holder): boolean {
  const liveness = holder.owner === undefined ? 'elsewhere' : livenessOf(holder.owner);
  return liveness === 'elsewhere' ? ageOf(holder.file) <= heartbeatLimitMs : liveness === 'alive';
}

/** Milliseconds since a file was last written, by the clock of the file system it is on. */
function ageOf(file: string): number {
  const probe = temporaryPath(file);
  try {
    writeAt(probe, 'wx', ' ', 0);
    return statSync(probe).mtimeMs - statSync(file).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw fromFileSystem(error, file);
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Renews a file's time by rewriting its last byte, which is a space. */
function touch(file: string): void {
  writeAt(file, 'r+', ' ', statSync(file).size - 1);
}

function writeAt(file: string, flags: string, text: string, position: number): void {
  const descriptor = openSync(file, flags);
  try {
    writeSync(descriptor, text, position);
  } finally {
    closeSync(descriptor);
  }
}
