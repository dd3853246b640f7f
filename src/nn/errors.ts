import { ScrkdError } from '../base/errors.ts';

export class NetworkError extends ScrkdError<'missing-parameter'> {
  override readonly reason = 'missing-parameter';
}
