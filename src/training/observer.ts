import type { RunEvent } from '../protocol/events.ts';

/** Which stage of a launch is meant. */
export interface StageNotice {
  readonly stage: string;
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** What a launch tells whoever started it, beside what it writes into the run folders. */
export type LaunchNotice =
  /** A step of preparation that takes time: reading the dataset, compiling the step. */
  | { readonly type: 'progress'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  /** What trains, and why it was chosen. */
  | { readonly type: 'engine'; readonly message: string }
  | ({ readonly type: 'stage-reused'; readonly run: string } & StageNotice)
  | ({ readonly type: 'stage-given'; readonly file: string } & StageNotice)
  | ({ readonly type: 'stage-started'; readonly run: string; readonly epochs: number; readonly stepsPerEpoch: number; readonly resumedAtStep?: number } & StageNotice)
  | { readonly type: 'queued'; readonly device: string; readonly ahead: number }
  /** An event of the stage that is being trained, as written to its log. */
  | { readonly type: 'event'; readonly stage: string; readonly event: RunEvent };

export type Observer = (notice: LaunchNotice) => void;
