import { ScrkdError } from '../base/errors.ts';

export type DistillationErrorReason =
  /** The model cannot run at this input size. */
  | 'size'
  /** A batch norm would normalise a single value. */
  | 'batch-size'
  /** Teacher and student do not fit together. */
  | 'pair';

export class DistillationError extends ScrkdError<DistillationErrorReason> {
  override readonly reason: DistillationErrorReason;

  constructor(reason: DistillationErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
