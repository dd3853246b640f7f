import * as l10n from '@vscode/l10n';
import { crc32 } from '../crc.ts';
import { FormatError } from '../errors.ts';
import type { ByteSink } from '../safetensors-writer.ts';

/** Where PyTorch wants the data of an entry to begin, so that it can be mapped into memory. */
const alignment = 64;
/** An extra field of an id that nobody uses, to fill up to the alignment; PyTorch has the same. */
const paddingId = 0x4246;
/** Sizes and positions are 32 bits wide here, the number of entries 16. */
const maxBytes = 0xffffffff;
const maxEntries = 0xfffe;

/** The fields that an entry's local header and the directory have in common. */
interface WrittenEntry {
  readonly name: Uint8Array;
  readonly crc: number;
  readonly size: number;
  readonly headerAt: number;
}

/** Writes a ZIP archive of stored entries, from front to back. */
export class ZipWriter {
  readonly #sink: ByteSink;
  readonly #entries: WrittenEntry[] = [];
  #position = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** @throws FormatError `unsupported` beyond 4 GiB or 65,534 entries; whatever the sink throws */
  async add(path: string, data: Uint8Array): Promise<void> {
    if (this.#entries.length === maxEntries) throw this.#tooLarge();
    const name = new TextEncoder().encode(path);
    const entry = { name, crc: crc32(data), size: data.length, headerAt: this.#position };
    const unpadded = this.#position + 30 + name.length + 4;
    const padding = (alignment - (unpadded % alignment)) % alignment;
    const extra = new Uint8Array(4 + padding);
    writeNumbers(extra, 0, [[2, paddingId], [2, padding]]);
    await this.#write(concatenate(record(0x04034b50, 30, [[2, 20], ...sharedFields(entry, extra.length)]), name, extra));
    await this.#write(data);
    this.#entries.push(entry);
  }

  /** Writes the directory. */
  async end(): Promise<void> {
    const offset = this.#position;
    for (const entry of this.#entries) {
      const fields: Field[] = [[2, 20], [2, 20], ...sharedFields(entry, 0), [2, 0], [2, 0], [2, 0], [4, 0], [4, entry.headerAt]];
      await this.#write(concatenate(record(0x02014b50, 46, fields), entry.name));
    }
    const count = this.#entries.length;
    await this.#write(record(0x06054b50, 22, [[2, 0], [2, 0], [2, count], [2, count], [4, this.#position - offset], [4, offset], [2, 0]]));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#position + bytes.length > maxBytes) throw this.#tooLarge();
    await this.#sink.write(bytes);
    this.#position += bytes.length;
  }

  #tooLarge(): FormatError {
    return new FormatError('unsupported', this.#sink.path, l10n.t('would be larger than a plain ZIP archive can be (4 GiB, {0} tensors); write a safetensors file instead.', maxEntries));
  }
}

/** A little-endian number: bytes, value. */
type Field = readonly [bytes: 2 | 4, value: number];

/** From the flags to the length of the extra field. */
function sharedFields({ name, crc, size }: WrittenEntry, extraBytes: number): Field[] {
  const [flags, method, time, date] = [0x800, 0, 0, 0x21]; // names in UTF-8; stored; 1 January 1980, so that equal weights make equal files
  return [[2, flags], [2, method], [2, time], [2, date], [4, crc], [4, size], [4, size], [2, name.length], [2, extraBytes]];
}

function record(signature: number, bytes: number, fields: readonly Field[]): Uint8Array {
  const data = new Uint8Array(bytes);
  writeNumbers(data, 0, [[4, signature], ...fields]);
  return data;
}

function writeNumbers(target: Uint8Array, at: number, fields: readonly Field[]): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  let position = at;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(position, value, true);
    else view.setUint32(position, value, true);
    position += bytes;
  }
}

function concatenate(...pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(pieces);
}
