/** What an editor asks the process that knows networks, and the answers. */
import type { StageDescription, StageToDescribe } from './description.ts';
import type { CheckpointSummary } from './providers.ts';

export type NetworkQuestion = { readonly kind: 'describe'; readonly stage: StageToDescribe } | { readonly kind: 'checkpoint'; readonly file: string };

export interface NetworkAnswers {
  describe: StageDescription;
  checkpoint: CheckpointSummary;
}

export interface NetworkRequest {
  readonly ticket: number;
  readonly question: NetworkQuestion;
}

/** In words, when there is no answer. */
export type NetworkReply = { readonly ticket: number; readonly answer: NetworkAnswers[keyof NetworkAnswers] } | { readonly ticket: number; readonly failure: string };
