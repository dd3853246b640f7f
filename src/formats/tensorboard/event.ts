/** TensorBoard's events (tensorflow.Event) as far as scalars need them. */
import { Message } from '../../base/protobuf.ts';

export type TensorBoardEvent =
  /** The first of every file. */
  | { readonly kind: 'file-version' }
  /** A process begins at `step`: what earlier files say of this and later steps no longer counts. */
  | { readonly kind: 'session-start'; readonly step: number }
  /** Values by tag; TensorBoard groups tags by what is before the first slash. */
  | { readonly kind: 'scalars'; readonly step: number; readonly values: Readonly<Record<string, number>> };

/** Says that tags and values are as TensorBoard 1.0 and later have them. */
const fileVersion = 'brain.Event:2';
/** SessionLog.SessionStatus.START */
const sessionStart = 1;

/**
 * The bytes of an event.
 * @param time of the wall clock, in seconds since 1970
 */
export function encodeEvent(event: TensorBoardEvent, time: number): Uint8Array {
  const message = new Message().double(1, time);
  switch (event.kind) {
    case 'file-version':
      return message.string(3, fileVersion).encode();
    case 'session-start':
      return message.integer(2, event.step).message(7, new Message().integer(1, sessionStart)).encode();
    case 'scalars': {
      const summary = new Message();
      for (const [tag, value] of Object.entries(event.values)) summary.message(1, new Message().string(1, tag).float(2, value));
      return message.integer(2, event.step).message(5, summary).encode();
    }
  }
}
