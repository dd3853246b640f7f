/** A process with all that it started, to make sure that a stopped training leaves nothing behind. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../../protocol/run.ts';
import { identityOf, livenessOf } from '../../runs/liveness.ts';

/** The process and its descendants, parents first; each with its start, so that a pid that is used again is never taken for it. */
export async function processTree(root: ProcessIdentity): Promise<ProcessIdentity[]> {
  const parents = await parentsByPid();
  const pids = [root.pid];
  for (const pid of pids) for (const [child, parent] of parents) if (parent === pid && !pids.includes(child)) pids.push(child);
  return pids.map((pid) => (pid === root.pid ? root : identityOf(pid)));
}

/** Those of the processes that still live. */
export function survivors(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  return processes.filter((process) => livenessOf(process) === 'alive');
}

/** Ends what is left of a tree, children first. What is gone meanwhile is passed over. */
export function endProcesses(processes: readonly ProcessIdentity[], signal: 'SIGTERM' | 'SIGKILL'): void {
  for (const { pid } of survivors(processes).reverse()) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone between the look and the signal.
    }
  }
}

async function parentsByPid(): Promise<Map<number, number>> {
  if (process.platform === 'linux') return parentsOnLinux();
  const run = promisify(execFile);
  const { stdout } =
    process.platform === 'win32'
      ? await run('powershell.exe', ['-NoProfile', '-Command', 'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId)" }'], { windowsHide: true })
      : await run('ps', ['-axo', 'pid=,ppid=']);
  return new Map(stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number)).filter((pair) => pair.length === 2).map(([pid, parent]) => [pid!, parent!]));
}

async function parentsOnLinux(): Promise<Map<number, number>> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // The second field is the command in parentheses, and may hold anything; the parent is the fourth.
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  return parents;
}
