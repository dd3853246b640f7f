import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32c } from '../crc.ts';
import { encodeEvent, type TensorBoardEvent } from './event.ts';

/**
 * A TFRecord: length (64 bits) and its checksum, data and its checksum; little-endian.
 * The checksums are masked, so that records of records do not confuse them.
 */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return bytes;
}

/** Rotated by 15 bits, plus a constant (TensorFlow, core/lib/hash/crc32c.h). */
function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A file of events for TensorBoard that grows by one system call an event; what is cut off by a crash TensorBoard passes over. */
export class EventFile implements Disposable {
  readonly #descriptor: number;

  /**
   * Begins a new file; one of that name must not exist.
   * @throws what the file system says
   */
  constructor(path: string, time: number) {
    this.#descriptor = openSync(path, 'ax');
    this.append({ kind: 'file-version' }, time);
  }

  /** @throws what the file system says; nothing may be appended after that */
  append(event: TensorBoardEvent, time: number): void {
    const bytes = encodeRecord(encodeEvent(event, time));
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}
