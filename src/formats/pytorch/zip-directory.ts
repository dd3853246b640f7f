/**
 * The entries of a ZIP archive as PyTorch writes it: stored, not compressed, so that an entry is a range of the file and nothing
 * can grow when it is read. Compressed and encrypted entries cannot be read. Names are looked up, never used as paths.
 */
import * as l10n from '@vscode/l10n';
import { FormatError } from '../errors.ts';
import type { RandomAccessFile } from '../random-access-file.ts';

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const end64LocatorSignature = 0x07064b50;
const endBytes = 22;
const end64Bytes = 56;
const locatorBytes = 20;
const maxCommentBytes = 0xffff;
/** 100,000 entries with long names. */
const maxDirectoryBytes = 32 * 1024 * 1024;
const absent32 = 0xffffffff;
const absent16 = 0xffff;

export interface ZipEntry {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Where its local header begins in the file. */
  readonly headerAt: number;
  /** Neither compressed nor encrypted. */
  readonly isStored: boolean;
}

/**
 * Reads the central directory.
 * @throws FormatError `bad-header`, `truncated`, `unsupported` (split), `too-large`
 */
export async function readZipDirectory(file: RandomAccessFile): Promise<Map<string, ZipEntry>> {
  const { offset, size, entries } = await findDirectory(file);
  if (size > maxDirectoryBytes) throw new FormatError('too-large', file.path, l10n.t('its ZIP directory has {0} bytes, at most {1} are read.', size, maxDirectoryBytes));
  const directory = viewOf(await file.read(offset, size));
  const found = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < entries; i++) {
    if (at + 46 > size || directory.getUint32(at, true) !== centralSignature) throw damaged(file, l10n.t('entry {0} of its directory is none', i + 1));
    const lengths = { name: directory.getUint16(at + 28, true), extra: directory.getUint16(at + 30, true), comment: directory.getUint16(at + 32, true) };
    const next = at + 46 + lengths.name + lengths.extra + lengths.comment;
    if (next > size) throw damaged(file, l10n.t('entry {0} of its directory is cut', i + 1));
    const entry = parseEntry(directory, at, lengths, file);
    found.set(entry.name, entry);
    at = next;
  }
  return found;
}

/**
 * Where the bytes of an entry begin in the file.
 * @throws FormatError `bad-header`, `truncated`, `unsupported` (compressed or encrypted)
 */
export async function entryStart(file: RandomAccessFile, entry: ZipEntry): Promise<number> {
  if (!entry.isStored) throw new FormatError('unsupported', file.path, l10n.t('"{0}" is compressed or encrypted, which PyTorch does not do. Save it again with torch.save.', entry.name));
  const header = viewOf(await file.read(entry.headerAt, 30));
  if (header.getUint32(0, true) !== localSignature) throw damaged(file, l10n.t('no entry begins where its directory has "{0}"', entry.name));
  const start = entry.headerAt + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + entry.size > file.size) throw new FormatError('truncated', file.path, l10n.t('"{0}" should have {1} bytes, the file ends before.', entry.name, entry.size));
  return start;
}

function parseEntry(directory: DataView, at: number, lengths: { name: number; extra: number }, file: RandomAccessFile): ZipEntry {
  const name = new TextDecoder().decode(new Uint8Array(directory.buffer, directory.byteOffset + at + 46, lengths.name));
  const flags = directory.getUint16(at + 8, true);
  const method = directory.getUint16(at + 10, true);
  const stored = { compressed: directory.getUint32(at + 20, true), size: directory.getUint32(at + 24, true), headerAt: directory.getUint32(at + 42, true) };
  const { compressed, size, headerAt } = withZip64(stored, directory, at + 46 + lengths.name, lengths.extra);
  const isStored = method === 0 && (flags & 1) === 0 && compressed === size;
  if (isStored && (!Number.isSafeInteger(size) || !Number.isSafeInteger(headerAt) || headerAt + size > file.size)) {
    throw new FormatError('truncated', file.path, l10n.t('"{0}" should have {1} bytes, the file ends before.', name, size));
  }
  return { name, size, headerAt, isStored };
}

/** Fields that do not fit 32 bits are all ones, and stand in this order in the extra field 1. */
function withZip64<Fields extends { compressed: number; size: number; headerAt: number }>(fields: Fields, directory: DataView, extraAt: number, extraBytes: number): Fields {
  const wide = { ...fields };
  for (let at = extraAt; at + 4 <= extraAt + extraBytes; ) {
    const end = Math.min(at + 4 + directory.getUint16(at + 2, true), extraAt + extraBytes);
    if (directory.getUint16(at, true) === 1) {
      let field = at + 4;
      for (const name of ['size', 'compressed', 'headerAt'] as const) {
        if (fields[name] !== absent32 || field + 8 > end) continue;
        wide[name] = Number(directory.getBigUint64(field, true));
        field += 8;
      }
    }
    at = end;
  }
  return wide;
}

async function findDirectory(file: RandomAccessFile): Promise<{ offset: number; size: number; entries: number }> {
  const tailBytes = Math.min(file.size, endBytes + maxCommentBytes);
  const tailAt = file.size - tailBytes;
  const tail = viewOf(await file.read(tailAt, tailBytes));
  let at = tailBytes - endBytes;
  while (at >= 0 && tail.getUint32(at, true) !== endSignature) at--;
  if (at < 0) throw new FormatError('truncated', file.path, l10n.t('begins as a ZIP archive and has no directory at its end; was the download cut?'));
  if (tail.getUint16(at + 4, true) !== tail.getUint16(at + 6, true)) throw new FormatError('unsupported', file.path, l10n.t('is split over several files.'));
  const directory = { entries: tail.getUint16(at + 10, true), size: tail.getUint32(at + 12, true), offset: tail.getUint32(at + 16, true) };
  const isWide = directory.entries === absent16 || directory.size === absent32 || directory.offset === absent32;
  const found = isWide ? await findDirectory64(file, tailAt + at) : directory;
  if (!Number.isSafeInteger(found.offset) || !Number.isSafeInteger(found.size) || found.offset + found.size > file.size) throw damaged(file, l10n.t('its directory lies outside of it'));
  return found;
}

async function findDirectory64(file: RandomAccessFile, endAt: number): Promise<{ offset: number; size: number; entries: number }> {
  if (endAt < locatorBytes) throw damaged(file, l10n.t('its directory is cut'));
  const locator = viewOf(await file.read(endAt - locatorBytes, locatorBytes));
  const at = Number(locator.getBigUint64(8, true));
  if (locator.getUint32(0, true) !== end64LocatorSignature || !Number.isSafeInteger(at)) throw damaged(file, l10n.t('its directory is cut'));
  const end = viewOf(await file.read(at, end64Bytes));
  if (end.getUint32(0, true) !== end64Signature) throw damaged(file, l10n.t('its directory is cut'));
  return { entries: Number(end.getBigUint64(32, true)), size: Number(end.getBigUint64(40, true)), offset: Number(end.getBigUint64(48, true)) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(file: RandomAccessFile, what: string): FormatError {
  return new FormatError('bad-header', file.path, l10n.t('is a damaged ZIP archive: {0}.', what));
}
