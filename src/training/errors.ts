import { ScrkdError } from '../base/errors.ts';

export type TrainingReason =
  | 'not-finite' // a loss became NaN or infinite
  | 'checkpoint-mismatch' // a checkpoint of another network
  | 'checkpoint-missing'
  | 'unknown-part' // a file of weights holds no network of that name
  | 'unknown-format'
  | 'no-source' // nothing of that name to evaluate
  | 'no-reference' // no masks to compare with
  | 'no-maps' // masks without saliency maps
  | 'resolution-unknown' // weights that do not say the size of the images they are for
  | 'no-parent' // a stage of another config that has not been trained
  | 'unknown-stage'
  | 'not-resumable'
  | 'too-few-samples'
  | 'stopped'; // on request, without having finished

/** Training that cannot begin or go on; the message names the stage and what to do. */
export class TrainingError extends ScrkdError<TrainingReason> {
  constructor(
    readonly reason: TrainingReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
