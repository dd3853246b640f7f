/** Reading a run folder, live or not, without ever writing to it. */
import { existsSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import { mergeEpochs, parseEpochLine, type EpochSummary } from '../protocol/epochs.ts';
import { parseEventLine, type RunEvent } from '../protocol/events.ts';
import type { Parsed } from '../protocol/json.ts';
import { parseMetrics, type MetricsFile } from '../protocol/metrics-file.ts';
import { parseManifest, parseNotes, parseState, type RunManifest, type RunState, type UserNotes } from '../protocol/run.ts';
import { readLines } from './append-only-file.ts';
import { RunsError } from './errors.ts';
import { readText, readTextIfThere } from './files.ts';
import { RunFolder } from './run-folder.ts';

/**
 * The run in a folder.
 * @throws RunsError `not-a-run` when there is no `run.json`
 */
export function openRunFolder(path: string): RunFolder {
  const folder = new RunFolder(path);
  if (existsSync(folder.manifest)) return folder;
  throw new RunsError('not-a-run', folder.path, l10n.t('is not a run folder: it holds no run.json.'));
}

/** @throws RunsError `missing`, `corrupt`, `newer-version` */
export function readManifest(folder: RunFolder): RunManifest {
  return parsed(parseManifest(readText(folder.manifest)), folder.manifest);
}

/** @throws RunsError `missing`, `corrupt`, `newer-version` */
export function readState(folder: RunFolder): RunState {
  return parsed(parseState(readText(folder.state)), folder.state);
}

/** What people noted; empty when nobody did. @throws RunsError `corrupt`, `newer-version` */
export function readNotes(folder: RunFolder): UserNotes {
  const text = readTextIfThere(folder.notes);
  return text === undefined ? { v: 1 } : parsed(parseNotes(text), folder.notes);
}

/** The final numbers; empty before there are any. @throws RunsError `corrupt`, `newer-version` */
export function readMetrics(folder: RunFolder): MetricsFile {
  const text = readTextIfThere(folder.metrics);
  return text === undefined ? { v: 1, entries: [] } : parsed(parseMetrics(text), folder.metrics);
}

export interface EventsRead {
  /** In the order of the file, all attempts; `mergeAttempts` makes one story of them. */
  events: RunEvent[];
  /** Where to go on reading. */
  offset: number;
  /** Lines that a newer SCRKD wrote: of an unknown type, or of a newer version. */
  unknown: number;
  /** The newest version met that this program cannot read. */
  newerVersion?: number;
  /** Complete lines that are no events: a disk or a power failure. */
  damaged: number;
}

/**
 * The events from byte `fromOffset` on (0, or the `offset` of an earlier call). A last line that is not complete yet is left for
 * the next call. Empty when there is no log yet.
 * @throws RunsError `read-only`, `io`
 */
export async function readEvents(folder: RunFolder, { fromOffset = 0 }: { fromOffset?: number } = {}): Promise<EventsRead> {
  const read: EventsRead = { events: [], offset: fromOffset, unknown: 0, damaged: 0 };
  for await (const line of readLines(folder.events, fromOffset)) {
    read.offset = line.end;
    const result = line.text === undefined ? { kind: 'damaged' as const } : parseEventLine(line.text);
    switch (result.kind) {
      case 'event':
        read.events.push(result.event);
        break;
      case 'unknown':
        read.unknown++;
        break;
      case 'newer-version':
        read.unknown++;
        read.newerVersion = Math.max(read.newerVersion ?? 0, result.version);
        break;
      case 'damaged':
        read.damaged++;
        break;
    }
  }
  return read;
}

/**
 * The epochs' summaries that count, in order; lines that cannot be read are left out.
 * @throws RunsError `read-only`, `io`
 */
export async function readEpochs(folder: RunFolder): Promise<EpochSummary[]> {
  const lines: EpochSummary[] = [];
  for await (const line of readLines(folder.epochs)) {
    const result = line.text === undefined ? undefined : parseEpochLine(line.text);
    if (result?.ok === true) lines.push(result.value);
  }
  return mergeEpochs(lines);
}

/** The value, or why there is none, with the file's name. */
export function parsed<T>(result: Parsed<T>, path: string): T {
  if (result.ok) return result.value;
  if (result.reason === 'newer-version') {
    throw new RunsError('newer-version', path, l10n.t('was written by a newer SCRKD (version {0} of its format); update SCRKD to read it.', result.version));
  }
  throw new RunsError('corrupt', path, l10n.t('is damaged: {0}.', result.message));
}
