/**
 * The header of a safetensors file: 8 bytes little-endian length, then JSON `{ name: { dtype, shape, data_offsets } }`
 * with an optional `__metadata__` of strings, then the tensors' bytes without holes or overlaps.
 * Files are not trusted: a header is read only when every size in it fits the file.
 */
import * as l10n from '@vscode/l10n';
import { bytesPerElement, elementCount } from './dtypes.ts';
import { FormatError } from './errors.ts';

/** Of the reference implementation's 100 MB limit we take less: 16 MiB name more than 100,000 tensors, and bound what a hostile header costs. */
export const maxHeaderBytes = 16 * 1024 * 1024;

export interface TensorEntry {
  name: string;
  /** As written; `isDtype` tells whether it can be read. */
  dtype: string;
  shape: number[];
  /** Byte range [begin, end) within the data. */
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  /** By name, in the order of the file's data. */
  tensors: ReadonlyMap<string, TensorEntry>;
  metadata: Readonly<Record<string, string>>;
  /** Where the data begins in the file. */
  dataStart: number;
}

/**
 * The header's length from the first 8 bytes.
 * @throws FormatError `truncated` or `bad-header`
 */
export function parseHeaderLength(prefix: Uint8Array, fileBytes: number, file: string): number {
  if (prefix.length < 8) throw new FormatError('truncated', file, l10n.t('{0} bytes are too few for a safetensors file.', fileBytes));
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    throw new FormatError('bad-header', file, l10n.t('not a safetensors file, or a damaged one: its header would have {0} bytes, at most {1} are allowed.', String(length), maxHeaderBytes));
  }
  if (Number(length) > fileBytes - 8) {
    throw new FormatError('truncated', file, l10n.t('the header should have {0} bytes, the file has only {1}.', String(length), fileBytes));
  }
  return Number(length);
}

/**
 * Reads and checks a header.
 * @param json the header's bytes, without the length before them
 * @param fileBytes size of the whole file
 * @throws FormatError
 */
export function parseHeader(json: Uint8Array, fileBytes: number, file: string): SafetensorsHeader {
  const fields = parseObject(json, file);
  const dataStart = 8 + json.length;
  const dataBytes = fileBytes - dataStart;
  let metadata: Record<string, string> = {};
  const entries: TensorEntry[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (name === '__metadata__') metadata = parseMetadata(field, file);
    else entries.push(parseEntry(name, field, dataBytes, file));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const entry of entries) {
    if (entry.begin !== covered) {
      throw new FormatError('bad-tensor', file, l10n.t('tensor "{0}" begins at byte {1} of the data, expected {2}: tensors overlap or leave a hole.', entry.name, entry.begin, covered));
    }
    covered = entry.end;
  }
  if (covered !== dataBytes) {
    throw new FormatError('bad-tensor', file, l10n.t('the tensors take {0} bytes, the file holds {1}.', covered, dataBytes));
  }
  return { tensors: new Map(entries.map((entry) => [entry.name, entry])), metadata, dataStart };
}

/**
 * The header's bytes with the length before them, padded with spaces so that the data begins at a multiple of 8.
 * Entries' offsets must be set already (`layOut`).
 */
export function encodeHeader(entries: readonly TensorEntry[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const pairs: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  for (const { name, dtype, shape, begin, end } of entries) pairs.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(pairs)));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}

function parseObject(json: Uint8Array, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    throw new FormatError('bad-header', file, l10n.t('the header is not JSON.'), { cause });
  }
  if (!isRecord(value)) throw new FormatError('bad-header', file, l10n.t('the header is not a JSON object.'));
  return value;
}

function parseMetadata(field: unknown, file: string): Record<string, string> {
  if (isRecord(field) && Object.values(field).every((value) => typeof value === 'string')) return field as Record<string, string>;
  throw new FormatError('bad-header', file, l10n.t('"__metadata__" must hold only strings.'));
}

function parseEntry(name: string, field: unknown, dataBytes: number, file: string): TensorEntry {
  const fail = (problem: string) => new FormatError('bad-tensor', file, l10n.t('tensor "{0}": {1}', name, problem));
  if (!isRecord(field)) throw fail(l10n.t('is not an object.'));
  const { dtype, shape, data_offsets: offsets } = field;
  const elementBytes = typeof dtype === 'string' ? bytesPerElement(dtype) : undefined;
  if (typeof dtype !== 'string' || elementBytes === undefined) throw fail(l10n.t('found type {0}, which is none of safetensors.', describe(dtype)));
  if (!isSizes(shape)) throw fail(l10n.t('found shape {0}, expected a list of sizes.', describe(shape)));
  if (!isSizes(offsets) || offsets.length !== 2) throw fail(l10n.t('found data_offsets {0}, expected two positions.', describe(offsets)));
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataBytes) throw fail(l10n.t('found bytes {0} to {1}, the file holds {2}.', begin, end, dataBytes));
  const expected = elementCount(shape) * elementBytes; // may exceed 2⁵³, but then it cannot equal a range of the file
  if (expected !== end - begin) throw fail(l10n.t('found {0} bytes, its shape [{1}] needs {2}.', end - begin, shape.join(', '), expected));
  return { name, dtype, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

function describe(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
