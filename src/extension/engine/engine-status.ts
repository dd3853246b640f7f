/** What trains on this machine, as `scrkd doctor` finds it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CommandLine } from '../launch/command-line.ts';

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** @throws CommandLineError where the command line itself does not run */
export async function examineEngine(commandLine: CommandLine, signal?: AbortSignal): Promise<Finding[]> {
  const { stdout } = await commandLine.run(['doctor', '--json'], { expected: [1], ...(signal !== undefined && { signal }) });
  return JSON.parse(stdout) as Finding[];
}

/** The name of an NVIDIA GPU of this machine; undefined where there is none or its driver does not answer. */
export async function nvidiaGpu(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], { timeout: 10_000, windowsHide: true });
    return stdout.split('\n')[0]?.trim() || undefined;
  } catch {
    return undefined;
  }
}
