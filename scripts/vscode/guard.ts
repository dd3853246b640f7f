/** Ends a group of processes when this one is gone, however it went: a test run that is killed cannot do it itself. */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** Runs in a process of its own, whose standard input ends with the process that started it. */
const guardian = (leader: number): string => `process.stdin.resume().on('close', () => {
  try {
    process.kill(-${leader}, 'SIGKILL');
  } catch {
    // nobody of the group is left
  }
});`;

/**
 * Guards the group of a process that was started detached. Holds nothing up: this process may end at any time.
 * @returns ends the guarding, for when the group has been ended
 */
export function guardGroup(leader: number): () => void {
  const guard = spawn(process.execPath, ['-e', guardian(leader)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: {} });
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return () => void guard.kill('SIGKILL');
}
