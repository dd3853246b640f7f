import { ScrkdError } from '../base/errors.ts';

export type DataReason =
  | 'unreadable' // not an image, or damaged
  | 'too-large' // more pixels than this program opens
  | 'animated' // more than one frame
  | 'size-mismatch' // image and mask do not belong together
  | 'too-many-unreadable' // more damaged samples than the recipe allows
  | 'too-few-samples' // not one full batch
  | 'worker-failed' // a decoding thread ended unexpectedly
  | 'folder-in-use' // a folder to write to holds other things
  | 'disposed'; // used after it was closed

/** An image, or a stream of batches, that cannot be delivered; the message names the file. */
export class DataError extends ScrkdError<DataReason> {
  constructor(
    readonly reason: DataReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
