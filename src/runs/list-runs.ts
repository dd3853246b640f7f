/** Finding runs: reads only `run.json` and `state.json`, so a thousand runs are listed in a moment. */
import { readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunManifest, RunState } from '../protocol/run.ts';
import { codeOf, fromFileSystem, RunsError } from './errors.ts';
import { readManifest, readState } from './read-run.ts';
import { RunFolder } from './run-folder.ts';

/** A run folder; with `problem`, one whose manifest or state cannot be read. */
export type ListedRun = { folder: RunFolder; manifest: RunManifest; state: RunState } | { folder: RunFolder; problem: RunsError };
export type ReadableRun = Extract<ListedRun, { manifest: RunManifest }>;

/**
 * The runs in `<runs>/<experiment>/<stage>-<id>/`, oldest first. None when there is no such folder; other folders are passed over.
 * @throws RunsError `read-only`, `io`
 */
export async function listRuns(runsDirectory: string): Promise<ListedRun[]> {
  const listed: ListedRun[] = [];
  for (const experiment of await foldersIn(runsDirectory)) {
    for (const name of await foldersIn(experiment)) {
      const folder = new RunFolder(name);
      if (existsSync(folder.manifest)) listed.push(read(folder));
    }
  }
  return listed.sort((a, b) => order(a).localeCompare(order(b), 'en'));
}

/**
 * `listRuns` without those that cannot be read.
 * @throws RunsError `read-only`, `io`
 */
export async function readableRuns(runsDirectory: string): Promise<ReadableRun[]> {
  return (await listRuns(runsDirectory)).filter((run): run is ReadableRun => !('problem' in run));
}

function read(folder: RunFolder): ListedRun {
  try {
    return { folder, manifest: readManifest(folder), state: readState(folder) };
  } catch (error) {
    if (error instanceof RunsError) return { folder, problem: error };
    throw error;
  }
}

/** Run ids sort by the time they were made. */
function order(run: ListedRun): string {
  return run.folder.name.slice(run.folder.name.lastIndexOf('-') + 1);
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.')).map((entry) => join(folder, entry.name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw fromFileSystem(error, folder);
  }
}
