import { ScrkdError } from '../base/errors.ts';

export type DatasetReason =
  | 'missing' // the folder (or a file that its layout needs) is not there
  | 'empty' // nothing is listed
  | 'layout-unknown' // the folder is there, but has no form this program knows
  | 'unpaired' // too many images have no mask, or the other way round
  | 'unreadable' // the folder or a list in it cannot be read
  | 'half-unreadable'; // too many of its images are damaged

/** A dataset folder that cannot be used; the message names the folder, what was found and what was expected. */
export class DatasetError extends ScrkdError<DatasetReason> {
  constructor(
    readonly reason: DatasetReason,
    readonly root: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
