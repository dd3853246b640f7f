import * as l10n from '@vscode/l10n';
import { messageOf, ScrkdError, unreachable } from '../base/errors.ts';

/**
 * `missing`: no such file. `not-a-run`: a folder without `run.json`. `corrupt`: a file that is damaged. `newer-version`: written
 * by a newer SCRKD. `locked`: a live process works on it. `lock-lost`: another process took this run over. `not-running`: no
 * process would answer. `disk-full`, `read-only`, `io`: what the file system said. `cancelled`: the caller's signal.
 */
export type RunsErrorReason = 'missing' | 'not-a-run' | 'corrupt' | 'newer-version' | 'locked' | 'lock-lost' | 'not-running' | 'disk-full' | 'read-only' | 'io' | 'cancelled';

/** Something about a run folder. The message names the file. */
export class RunsError extends ScrkdError<RunsErrorReason> {
  constructor(
    readonly reason: RunsErrorReason,
    readonly path: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${problem}`, options);
  }
}

/** The system's error code, e.g. `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What the file system said about `path`, as a `RunsError`; other errors (of a callback, of a format) pass unchanged. */
export function fromFileSystem(error: unknown, path: string): Error {
  const code = codeOf(error);
  if (error instanceof ScrkdError || code === undefined) return error instanceof Error ? error : new Error(messageOf(error));
  const reason = reasonOf(code);
  return new RunsError(reason, path, problemOf(reason, messageOf(error)), { cause: error });
}

type FileSystemReason = Extract<RunsErrorReason, 'missing' | 'disk-full' | 'read-only' | 'io'>;

function reasonOf(code: string): FileSystemReason {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG': // a limit on file sizes: for the user the same as a full disk
      return 'disk-full';
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'read-only';
    case 'ENOENT':
      return 'missing';
    default:
      return 'io';
  }
}

function problemOf(reason: FileSystemReason, text: string): string {
  switch (reason) {
    case 'disk-full':
      return l10n.t('the disk is full; what was written before is safe ({0}).', text);
    case 'read-only':
      return l10n.t('may not be written or read ({0}).', text);
    case 'missing':
      return l10n.t('does not exist.');
    case 'io':
      return l10n.t('the file system failed ({0}).', text);
    default:
      return unreachable(reason);
  }
}

/** Runs `action`, and turns what the file system says into a `RunsError` that names `path`. */
export function onFile<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fromFileSystem(error, path);
  }
}

/** `onFile` for promises. */
export async function onFileAsync<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw fromFileSystem(error, path);
  }
}
