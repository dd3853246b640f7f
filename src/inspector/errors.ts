import { ScrkdError } from '../base/errors.ts';

/**
 * `no-checkpoint`: the epoch's weights were not kept. `no-file`: the sample's image is not there. `memory`: it would take more than the
 * process may use. `no-predictions`: the run was not evaluated yet.
 */
export type InspectorErrorReason = 'no-checkpoint' | 'no-file' | 'memory' | 'no-predictions';

export class InspectorError extends ScrkdError<InspectorErrorReason> {
  constructor(
    readonly reason: InspectorErrorReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
