/**
 * What the extension notes of a launch beside the runs, in `<runs>/.launches/`: which process it is, and where its output goes. So a
 * launch is found again before it has a run folder, and its output belongs to nobody's window.
 */
import { mkdirSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { moment, parseJson, toJson } from '../../protocol/json.ts';
import { processIdentity, type ProcessIdentity } from '../../protocol/run.ts';
import { onFile } from '../../runs/errors.ts';
import { replaceFile } from '../../runs/files.ts';
import { newId } from '../../runs/identifiers.ts';

const launchRecord = z.object({
  v: z.literal(1),
  /** What was started: a config, or a run that is continued. */
  subject: z.string(),
  ...processIdentity.shape,
  startedAt: moment,
});

export type LaunchRecord = z.infer<typeof launchRecord> & {
  /** Absolute path of the process's output. */
  readonly log: string;
};

/** A place for a launch's output, open for writing; the record follows when the process is known. */
export interface LaunchFiles {
  readonly log: string;
  readonly descriptor: number;
  /** Notes the process. */
  write(record: { readonly subject: string; readonly process: ProcessIdentity }): LaunchRecord;
}

/** @throws RunsError where the folder cannot be written */
export function createLaunchFiles(runsDirectory: string): LaunchFiles {
  const folder = launchesIn(runsDirectory);
  onFile(folder, () => mkdirSync(folder, { recursive: true }));
  const id = newId();
  const log = join(folder, `${id}.log`);
  return {
    log,
    descriptor: onFile(log, () => openSync(log, 'a')),
    write: ({ subject, process }) => {
      const record = { v: 1 as const, subject, ...process, startedAt: new Date().toISOString() };
      replaceFile(join(folder, `${id}.json`), toJson(record, 2), false);
      return { ...record, log };
    },
  };
}

/** The launches noted beside some runs, newest first; what cannot be read is left out. */
export async function readLaunches(runsDirectory: string): Promise<LaunchRecord[]> {
  const folder = launchesIn(runsDirectory);
  const names = await readdir(folder).catch(() => []);
  const records = await Promise.all(
    names.filter((name) => /^[0-9A-Z]{26}\.json$/.test(name)).sort().reverse().map(async (name): Promise<LaunchRecord | undefined> => {
      const text = await readFile(join(folder, name), 'utf8').catch(() => '');
      const parsed = parseJson(launchRecord, text);
      return parsed.ok ? { ...parsed.value, log: join(folder, name.replace(/\.json$/, '.log')) } : undefined;
    }),
  );
  return records.filter((record) => record !== undefined);
}

/** Whether two identities are one process. */
export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.host === b.host && a.bootId === b.bootId && a.processStart === b.processStart;
}

function launchesIn(runsDirectory: string): string {
  return join(runsDirectory, '.launches');
}
