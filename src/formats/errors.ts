import { ScrkdError } from '../base/errors.ts';

/**
 * `unreadable`: the file system refused. `truncated`: shorter than it says. `bad-header`: not this format, or nonsense in its
 * header. `bad-tensor`: a tensor whose size, place or type does not fit. `missing-tensor`: no tensor of that name.
 * `unsupported`: valid, but nothing this program reads. `refused`: it asks for what only a program could need. `too-large`: it would
 * take more memory than any network needs.
 */
export type FormatErrorReason = 'unreadable' | 'truncated' | 'bad-header' | 'bad-tensor' | 'missing-tensor' | 'unsupported' | 'refused' | 'too-large';

/** A data file that is not what it should be. The message names the file, what was found and what was expected. */
export class FormatError extends ScrkdError<FormatErrorReason> {
  constructor(
    readonly reason: FormatErrorReason,
    /** The file, as the caller named it. */
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problem}`, options);
  }
}
