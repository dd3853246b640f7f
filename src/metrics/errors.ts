import { ScrkdError } from '../base/errors.ts';

/**
 * - `shape`: a map or mask whose length is not height × width, or sides that are not whole and positive
 * - `value`: a number outside [0, 1]
 * - `no-images`: a result was asked for before the first image
 */
export type MetricsErrorReason = 'shape' | 'value' | 'no-images';

export class MetricsError extends ScrkdError<MetricsErrorReason> {
  constructor(
    readonly reason: MetricsErrorReason,
    message: string,
  ) {
    super(message);
  }
}
