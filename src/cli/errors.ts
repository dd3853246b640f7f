import { messageOf, reasonOf, ScrkdError } from '../base/errors.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printable } from './terminal.ts';

export type CommandReason = 'usage' | 'invalid-config' | 'unreadable' | 'cancelled';

/** A command that cannot do what it was asked; the message is all that the user gets to see. */
export class CommandError extends ScrkdError<CommandReason> {
  constructor(
    readonly reason: CommandReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the process exits with after an error. */
export function exitCodeOf(error: unknown): ExitCode {
  switch (reasonOf(error) ?? 'unexpected') {
    case 'usage':
      return exitCodes.usage;
    case 'not-finite':
      return exitCodes.notFinite;
    case 'locked':
      return exitCodes.locked;
    case 'disk-full':
    case 'read-only':
      return exitCodes.storage;
    case 'cancelled':
    case 'stopped':
      return exitCodes.stopped;
    case 'invalid-config':
    case 'unreadable':
    case 'missing':
    case 'empty':
    case 'unpaired':
    case 'half-unreadable':
    case 'layout-unknown':
    case 'too-many-unreadable':
    case 'too-few-samples':
    case 'checkpoint-mismatch':
    case 'checkpoint-missing':
    case 'resolution-unknown':
    case 'unknown-part':
    case 'unknown-format':
    case 'no-source':
    case 'no-reference':
    case 'no-maps':
    case 'no-images':
    case 'no-parent':
    case 'unknown-stage':
    case 'not-resumable':
    case 'not-a-run':
    case 'corrupt':
    case 'newer-version':
    case 'bad-header':
    case 'bad-tensor':
    case 'missing-tensor':
    case 'truncated':
    case 'unsupported':
    case 'refused':
    case 'too-large':
      return exitCodes.invalidInput;
    default:
      return exitCodes.failed;
  }
}

/** One line for a person; errors that are not ours keep their stack, because then it is a bug. */
export function errorText(error: unknown): string {
  if (reasonOf(error) !== undefined) return printable(messageOf(error));
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
}
