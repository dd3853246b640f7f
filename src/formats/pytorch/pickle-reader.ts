import * as l10n from '@vscode/l10n';
import { FormatError } from '../errors.ts';

const utf8 = new TextDecoder();

/** The bytes of pickles, read from front to back. */
export class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(
    bytes: Uint8Array,
    /** For messages. */
    readonly file: string,
  ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  unsigned(bytes: 1 | 2 | 4): number {
    const at = this.#advance(bytes);
    if (bytes === 1) return this.#view.getUint8(at);
    return bytes === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  signed32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  unsigned64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  /** Big-endian, as pickle has it. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A two's-complement number of any width, least significant byte first; a `number` where that is exact. */
  long(bytes: number): number | bigint {
    const at = this.#advance(bytes);
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    const signed = BigInt.asIntN(8 * bytes, value);
    const exact = Number(signed);
    return Number.isSafeInteger(exact) ? exact : signed;
  }

  text(bytes: number): string {
    const at = this.#advance(bytes);
    return utf8.decode(this.#bytes.subarray(at, at + bytes));
  }

  /** Up to a newline, which is read and left out. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    if (end === -1) throw this.#ended();
    const text = this.text(end - this.#position);
    this.#position++;
    return text;
  }

  #advance(bytes: number): number {
    const at = this.#position;
    if (at + bytes > this.#bytes.length) throw this.#ended();
    this.#position = at + bytes;
    return at;
  }

  #ended(): FormatError {
    return new FormatError('truncated', this.file, l10n.t('its pickle ends in the middle.'));
  }
}
