import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { parseEventLine } from '../protocol/events.ts';
import { parseState, type RunState } from '../protocol/run.ts';
import { readLines } from './append-only-file.ts';
import { RunsError } from './errors.ts';
import { namesIn, readTextIfThere, removeUnfinished } from './files.ts';
import type { RunFolder } from './run-folder.ts';

/** What a new attempt has to know of the earlier ones. */
export interface RunHistory {
  /** Of the last event; -1 when there is none. */
  seq: number;
  /** The highest so far; 0 when there is none. */
  attempt: number;
  /** The state as the last process left it; undefined when it cannot be read, which a resume survives: the checkpoint knows the step. */
  state: RunState | undefined;
  /** Ids of the control requests that were answered. */
  answeredControls: string[];
}

/** Enough lines to find a whole one at the end, should a power failure have damaged some. */
const tailLines = 64;

/**
 * Reads the event log once, parsing only the lines that matter: long runs have hundreds of thousands.
 * @throws RunsError `newer-version` when a newer SCRKD has worked on the run: going on could lose what it wrote
 */
export async function readHistory(folder: RunFolder): Promise<RunHistory> {
  const answeredControls: string[] = [];
  const tail: string[] = [];
  for await (const { text } of readLines(folder.events)) {
    if (text === undefined) continue;
    tail.push(text);
    if (tail.length > tailLines) tail.shift();
    if (!text.includes('"type":"control"')) continue;
    const result = parseEventLine(text);
    if (result.kind === 'event' && result.event.type === 'control') answeredControls.push(result.event.id);
  }
  let seq = -1;
  const state = readStateIfWhole(folder);
  let attempt = state?.attempt ?? 0;
  for (const text of tail) {
    const result = parseEventLine(text);
    if (result.kind === 'newer-version') {
      throw new RunsError('newer-version', folder.events, l10n.t('was written by a newer SCRKD (version {0} of its format); update SCRKD to go on with this run.', result.version));
    }
    if (result.kind !== 'event') continue;
    seq = Math.max(seq, result.event.seq);
    attempt = Math.max(attempt, result.event.attempt);
  }
  return { seq, attempt, state, answeredControls };
}

function readStateIfWhole(folder: RunFolder): RunState | undefined {
  const text = readTextIfThere(folder.state);
  if (text === undefined) return undefined;
  const result = parseState(text);
  return result.ok ? result.value : undefined;
}

/** Removes what killed attempts left unfinished; for the holder of the run's lock. */
export function clearUnfinished(folder: RunFolder): void {
  for (const parent of [folder.captures, folder.predictions]) {
    for (const name of namesIn(parent)) removeUnfinished(join(parent, name));
  }
  for (const path of [folder.checkpoints, folder.predictions, folder.captures]) removeUnfinished(path);
  // Notes, and the claims of others for the lock, are written by anyone.
  removeUnfinished(folder.path, 3_600_000);
}
