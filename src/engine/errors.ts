import { ScrkdError } from '../base/errors.ts';

export type EngineErrorReason =
  /** The step uses an operation that cannot be recorded. */
  | 'unsupported-operation'
  /** The step draws a random number, which a graph would repeat for ever. */
  | 'random-operation'
  /** The step reads the value of a tensor, which is not known while it is traced. */
  | 'value-read-in-step'
  /** A tensor has another shape or type than its operation or its place asks for. */
  | 'shape'
  /** The step threw an error of its own, or returned something that is no record of tensors. */
  | 'step'
  | 'unknown-input'
  | 'feed-missing'
  | 'state-missing'
  | 'busy'
  /** An optional engine is not installed, or its installation does not work. */
  | 'not-installed'
  /** There is no GPU that the engine can use, or no driver for it. */
  | 'no-gpu'
  /** The GPU went away: its driver was reset, or it ran out of memory. What it held is lost. */
  | 'device-lost'
  /** The installation of an optional engine failed or was cancelled. */
  | 'installation'
  | 'disposed'
  /** The runtime that executes the graph failed. */
  | 'runtime';

/** An engine's refusal. `operation` and `place` (file:line:column in the step's source) are there where the step is at fault. */
export class EngineError extends ScrkdError<EngineErrorReason> {
  override readonly reason: EngineErrorReason;
  readonly operation?: string;
  readonly place?: string;

  constructor(reason: EngineErrorReason, message: string, details: { operation?: string | undefined; place?: string | undefined; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = reason;
    if (details.operation !== undefined) this.operation = details.operation;
    if (details.place !== undefined) this.place = details.place;
  }
}
