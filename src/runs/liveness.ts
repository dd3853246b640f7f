/** Which process wrote something, and whether it still lives. */
import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isActive, type ProcessIdentity, type RunState, type RunStatus } from '../protocol/run.ts';
import { codeOf } from './errors.ts';

/** A process on another host is taken for dead when its last heartbeat is this long ago. */
export const heartbeatLimitMs = 60_000;

let own: ProcessIdentity | undefined;

/** This process. Asked for once: none of it can change. */
export function thisProcess(): ProcessIdentity {
  own ??= { pid: process.pid, bootId: readBootId(), processStart: readProcessStart(process.pid) ?? '', host: hostname() };
  return own;
}

/** A process of this machine that was just started; what the system does not tell of it is empty. */
export function identityOf(pid: number): ProcessIdentity {
  const { bootId, host } = thisProcess();
  return { pid, bootId, processStart: readProcessStart(pid) ?? '', host };
}

/** `elsewhere`: on another host, boot or container, whose processes cannot be seen from here. */
export type Liveness = 'alive' | 'dead' | 'elsewhere';

/** Looks at the process table of this machine. */
export function livenessOf(identity: ProcessIdentity): Liveness {
  const here = thisProcess();
  if (identity.host !== here.host) return 'elsewhere';
  // Same host name, another boot: the machine was restarted, or it is another container of the same name. A restarted machine
  // has a new boot; a container shares the boot and differs in its pid namespace.
  if (identity.bootId !== here.bootId) return bootOf(identity.bootId) === bootOf(here.bootId) ? 'elsewhere' : 'dead';
  if (identity.pid === here.pid && identity.processStart === here.processStart) return 'alive';
  if (!exists(identity.pid)) return 'dead';
  const start = readProcessStart(identity.pid);
  if (start === undefined) return 'dead';
  return identity.processStart === '' || start === '' || start === identity.processStart ? 'alive' : 'dead';
}

/**
 * Whether the process that a state names still works on the run. On this host the process is looked up; on another, a
 * heartbeat within the last 60 s counts.
 * @param now milliseconds since 1970
 */
export function isAlive(state: RunState, now: number = Date.now()): boolean {
  if (!isActive(state.state)) return false;
  const liveness = livenessOf(state);
  if (liveness !== 'elsewhere') return liveness === 'alive';
  return now - Date.parse(state.heartbeat) <= heartbeatLimitMs;
}

/** How a run stands for its readers: as its state says, or `interrupted` when its process is gone without a word. */
export type RunStanding = RunStatus | 'interrupted';

export function standingOf(state: RunState, now: number = Date.now()): RunStanding {
  return isActive(state.state) && !isAlive(state, now) ? 'interrupted' : state.state;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM'; // it exists, and belongs to another user
  }
}

/** On Linux the boot's id and the pid namespace (`<boot>/pid:[…]`). Elsewhere empty: there a process's start is an absolute time. */
function readBootId(): string {
  if (process.platform !== 'linux') return '';
  const boot = readOrEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  return `${boot}/${readOrEmpty(() => readlinkSync('/proc/self/ns/pid'))}`;
}

function bootOf(bootId: string): string {
  return bootId.split('/')[0]!;
}

/** When an existing process started, in the system's notation; empty where the system does not tell; undefined when it is only a zombie. */
function readProcessStart(pid: number): string | undefined {
  if (process.platform === 'linux') return readStartOnLinux(pid);
  if (process.platform === 'win32') {
    return readOrEmpty(() => execFileSync('powershell.exe', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`], quietly).trim());
  }
  return readOrEmpty(() => execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { ...quietly, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } }).trim());
}

const quietly: ExecFileSyncOptionsWithStringEncoding = { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true };

/** Field 22 of /proc/<pid>/stat, clock ticks since the boot. A zombie is dead: it only waits for its parent to look. */
function readStartOnLinux(pid: number): string | undefined {
  const stat = readOrEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8')); // other users' processes may be hidden
  // The second field is the command in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = fields[0];
  return status === 'Z' || status === 'X' ? undefined : (fields[19] ?? '');
}

function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
