/** The control channel: others drop requests into `control/`, the trainer that owns the run answers them between steps. */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { concernsProcess, parseControlRequest, type ControlCommand, type ControlRequest } from '../protocol/control.ts';
import type { NewRunEvent } from '../protocol/events.ts';
import { protocolVersion, toJson } from '../protocol/json.ts';
import { messageOf } from '../base/errors.ts';
import { codeOf, RunsError } from './errors.ts';
import { makeFolder, namesIn, replaceFile } from './files.ts';
import { newId } from './identifiers.ts';
import { isAlive } from './liveness.ts';
import { readState } from './read-run.ts';
import type { RunFolder } from './run-folder.ts';

/** Far above any request; a larger file is refused unread. */
const maxRequestBytes = 64 * 1024;

/**
 * Asks the trainer of a run. Its answer is the `control` event with the returned id.
 * @throws RunsError `not-running` when no process would answer; `read-only`, `disk-full`, `io`
 */
export function sendControl(folder: RunFolder, command: ControlCommand): string {
  if (!isAlive(readState(folder))) throw new RunsError('not-running', folder.path, l10n.t('no process is working on this run.'));
  const id = newId();
  makeFolder(folder.control);
  replaceFile(folder.controlRequest(id), toJson({ v: protocolVersion, id, ...command }), false);
  return id;
}

/** A request to be answered once, by `accept` or `reject`. */
export interface PendingControl {
  request: ControlRequest;
  accept(): void;
  reject(reason: string): void;
}

/**
 * The trainer's side. A request is answered by its event first and deleted then: killed in between, it is known by its id as
 * answered and only deleted.
 */
export class ControlInbox {
  readonly #folder: RunFolder;
  readonly #append: (event: NewRunEvent) => void;
  readonly #answered: Set<string>;

  /** @param answered ids of the `control` events in the log */
  constructor(folder: RunFolder, append: (event: NewRunEvent) => void, answered: Iterable<string>) {
    this.#folder = folder;
    this.#append = append;
    this.#answered = new Set(answered);
  }

  /**
   * The requests that came since, oldest first. What cannot be read is rejected here, with an event.
   * @param step steps done
   * @throws RunsError when an answer cannot be written
   */
  poll(step: number): PendingControl[] {
    const pending: PendingControl[] = [];
    for (const name of namesIn(this.#folder.control).sort()) {
      if (!name.endsWith('.json') || name.startsWith('.')) continue;
      const id = basename(name, '.json');
      if (this.#answered.has(id)) {
        this.#delete(id);
        continue;
      }
      const read = readRequest(join(this.#folder.control, name), id);
      if (read === undefined) continue;
      if ('problem' in read) this.#answer({ id, verb: '', args: {} }, step, read.problem);
      else pending.push(this.#pending(read.request, step));
    }
    return pending;
  }

  /** Rejects what was meant for an earlier process: a stop for a killed trainer must not stop the one that resumes the run. */
  rejectStale(step: number): void {
    for (const pending of this.poll(step)) {
      if (concernsProcess(pending.request.verb)) pending.reject(l10n.t('was sent to a process that is gone'));
    }
  }

  #pending(request: ControlRequest, step: number): PendingControl {
    return {
      request,
      accept: () => this.#answer(request, step),
      reject: (reason) => this.#answer(request, step, reason),
    };
  }

  #answer({ id, verb, args }: { id: string; verb: string; args: Record<string, unknown> }, step: number, rejection?: string): void {
    if (this.#answered.has(id)) return;
    const answer = rejection === undefined ? { outcome: 'accepted' as const } : { outcome: 'rejected' as const, reason: rejection };
    this.#append({ type: 'control', id, verb, args, ...answer, step });
    this.#answered.add(id);
    this.#delete(id);
  }

  #delete(id: string): void {
    try {
      rmSync(this.#folder.controlRequest(id), { force: true, recursive: true });
    } catch {
      // It stays, is known as answered, and is tried again at the next poll.
    }
  }
}

/** undefined: gone meanwhile. */
function readRequest(path: string, id: string): { request: ControlRequest } | { problem: string } | undefined {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > maxRequestBytes) return { problem: l10n.t('has {0} bytes, at most {1} are allowed', size, maxRequestBytes) };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? undefined : { problem: messageOf(error) };
  }
  const result = parseControlRequest(text);
  if (!result.ok) return { problem: result.reason === 'invalid' ? result.message : l10n.t('was written by a newer SCRKD (version {0})', result.version) };
  if (result.value.id !== id) return { problem: l10n.t('names itself {0}', result.value.id) };
  return { request: result.value };
}
