/**
 * One launch at a time on a device. Who comes takes a numbered ticket, higher than all that are there, and the lowest ticket of a
 * live process may try the lock: tickets give the order, the lock the exclusion. Numbers, not times: clocks jump. People may prefer
 * another order: `order.json` names tickets that come before all others, in its order.
 */
import { mkdirSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { onFile, RunsError } from './errors.ts';
import * as z from 'zod';
import { parseJson, toJson } from '../protocol/json.ts';
import type { ProcessIdentity } from '../protocol/run.ts';
import { namesIn, readTextIfThere, removeFile, removeUnfinished, replaceFile } from './files.ts';
import { newId } from './identifiers.ts';
import { isLocked, Lock, lockOwnerOf } from './lock.ts';
import { fileNameFor } from './run-folder.ts';

export interface AcquireOptions {
  /** The user's cache folder (`cacheDirectory()`). */
  cache: string;
  /** Called when the place in the queue changes, with the number of launches that come first; never called when there is no wait. */
  onWaiting?: (ahead: number) => void;
  /** Gives up the place. */
  signal?: AbortSignal;
  /** How often to look, in milliseconds. */
  pollMs?: number;
}

/** The right to use a device, until it is released or the process ends. */
export interface DeviceLease extends Disposable {
  readonly device: string;
  /** Whether the device is still ours. */
  readonly held: boolean;
  release(): void;
}

/** A place in the queue: a lock file of its own, so that a dead process's ticket is known as dead. */
interface Ticket {
  number: number;
  path: string;
}

/**
 * Waits until this launch may use `device` (e.g. `cpu`, `cuda:0`).
 * @throws RunsError `cancelled` by the signal; `read-only`, `disk-full`, `io` of the cache folder
 */
export async function acquireDevice(device: string, { cache, onWaiting, signal, pollMs = 500 }: AcquireOptions): Promise<DeviceLease> {
  const folder = queueFolder(cache, device);
  onFile(folder, () => mkdirSync(folder, { recursive: true }));
  removeUnfinished(folder, 3_600_000);
  const ticket = takeTicket(folder);
  const ticketLock = Lock.acquire(ticket.path);
  try {
    let announced = 0;
    for (;;) {
      if (signal?.aborted === true) throw new RunsError('cancelled', folder, l10n.t('the wait for device {0} was cancelled.', device));
      const before = countBefore(folder, ticket);
      if (before === 0) {
        const lock = Lock.tryAcquire(join(folder, 'lock'));
        if (lock instanceof Lock) return leaseOf(device, lock);
      }
      const ahead = before + 1; // the holder
      if (ahead !== announced) onWaiting?.(ahead);
      announced = ahead;
      await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  } finally {
    ticketLock.release();
  }
}

/** A launch that waits for a device. */
export interface WaitingLaunch {
  /** Of its process. */
  readonly owner: ProcessIdentity;
}

/**
 * The launches of this machine that wait for a device, the next one first; with the one that is about to take it.
 * @throws RunsError `read-only`, `io`
 */
export function waitingLaunches(device: string, cache: string): WaitingLaunch[] {
  return orderedTickets(queueFolder(cache, device)).map(({ owner }) => ({ owner }));
}

/**
 * Moves a waiting launch to another place, counted from 0 among those that wait; places beyond the ends are the ends.
 * Trainers see it at their next look. @returns whether the launch was waiting
 * @throws RunsError `read-only`, `disk-full`, `io`
 */
export function moveWaiting(device: string, cache: string, owner: Pick<ProcessIdentity, 'pid' | 'processStart'>, place: number): boolean {
  const folder = queueFolder(cache, device);
  const tickets = orderedTickets(folder);
  const at = tickets.findIndex((ticket) => ticket.owner.pid === owner.pid && ticket.owner.processStart === owner.processStart);
  if (at === -1) return false;
  tickets.splice(Math.max(0, place), 0, ...tickets.splice(at, 1));
  replaceFile(join(folder, 'order.json'), toJson({ v: 1, tickets: tickets.map(({ path }) => basename(path)) }), false);
  return true;
}

function orderedTickets(folder: string): (Ticket & WaitingLaunch)[] {
  const preferred = preferredOrder(folder);
  const waiting = ticketsIn(folder).sort((a, b) => compareTickets(a, b, preferred)).filter(isWaiting);
  return waiting.flatMap((ticket) => {
    const owner = lockOwnerOf(ticket.path);
    return owner === undefined ? [] : [{ ...ticket, owner }];
  });
}

/**
 * The user's cache folder: `SCRKD_CACHE`, or `scrkd` in `XDG_CACHE_HOME`, or the platform's own place.
 */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>> = process.env, platform: NodeJS.Platform = process.platform): string {
  const own = environment['SCRKD_CACHE'];
  if (own !== undefined && own !== '') return own;
  const shared = environment['XDG_CACHE_HOME'];
  if (shared !== undefined && shared !== '') return join(shared, 'scrkd');
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'scrkd', 'Cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'scrkd');
  return join(homedir(), '.cache', 'scrkd');
}

function leaseOf(device: string, lock: Lock): DeviceLease {
  return {
    device,
    get held() {
      return lock.held;
    },
    release: () => lock.release(),
    [Symbol.dispose]: () => lock.release(),
  };
}

/** Two that come at once may get the same number; then their ids decide. No name is ever used twice. */
function takeTicket(folder: string): Ticket {
  const highest = Math.max(0, ...ticketsIn(folder).map(({ number }) => number));
  const number = highest + 1;
  return { number, path: join(folder, `ticket-${String(number).padStart(8, '0')}-${newId()}`) };
}

function ticketsIn(folder: string): Ticket[] {
  return namesIn(folder).flatMap((name) => {
    const number = /^ticket-([0-9]+)-[0-9A-Z]{26}$/.exec(name)?.[1];
    return number === undefined ? [] : [{ number: Number(number), path: join(folder, name) }];
  });
}

/** Live tickets that come before one. */
function countBefore(folder: string, ticket: Ticket): number {
  const preferred = preferredOrder(folder);
  return ticketsIn(folder).filter((other) => compareTickets(other, ticket, preferred) < 0 && isWaiting(other)).length;
}

/** Preferred tickets first, in their order; the others by number, and those that came at once by id. */
function compareTickets(a: Ticket, b: Ticket, preferred: readonly string[]): number {
  const rank = ({ path }: Ticket): number => {
    const at = preferred.indexOf(basename(path));
    return at === -1 ? preferred.length : at;
  };
  return rank(a) - rank(b) || a.number - b.number || (basename(a.path) < basename(b.path) ? -1 : basename(a.path) > basename(b.path) ? 1 : 0);
}

const orderFile = z.object({ v: z.literal(1), tickets: z.array(z.string()) });

/** Names of tickets; none where nobody changed the order or the file cannot be read. */
function preferredOrder(folder: string): readonly string[] {
  const text = readTextIfThere(join(folder, 'order.json'));
  const order = text === undefined ? undefined : parseJson(orderFile, text);
  return order?.ok === true ? order.value.tickets : [];
}

// A home folder may be shared by many hosts; their devices are not.
function queueFolder(cache: string, device: string): string {
  return join(cache, 'devices', fileNameFor(hostname()), fileNameFor(device));
}

/** Whether a ticket's process lives; the ticket of a dead one is removed. */
function isWaiting(ticket: Ticket): boolean {
  if (isLocked(ticket.path)) return true;
  removeFile(ticket.path);
  return false;
}
