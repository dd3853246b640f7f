/** Files of lines that only grow: `events.jsonl` and `epochs.jsonl`. A line counts once its newline is there. */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { codeOf, fromFileSystem, onFile } from './errors.ts';

const newline = 0x0a;
const pieceBytes = 256 * 1024;
/** No line we write comes near this; of a longer one only the length is noted, so that damaged files need no memory. */
const maxLineBytes = 16 * 1024 * 1024;

/**
 * The writing side. One line is one system call on a file opened for appending, so a killed process leaves at most its last
 * line torn. What is written is in the system's hands at once: it survives `kill -9` without a flush; `sync` makes it survive a
 * power failure and is called where something else relies on it (before a checkpoint is named, at a change of state), not after
 * each step, which would cost milliseconds and wear.
 */
export class AppendOnlyFile {
  #descriptor: number | undefined;
  #size: number;

  private constructor(
    readonly path: string,
    descriptor: number,
    size: number,
  ) {
    this.#descriptor = descriptor;
    this.#size = size;
  }

  /**
   * Opens or creates the file. A torn last line of a killed writer is cut off: nobody has read it.
   * @throws RunsError
   */
  static open(path: string): AppendOnlyFile {
    return onFile(path, () => {
      // Opened twice: a descriptor for appending cannot read.
      cutTornLine(path);
      const descriptor = openSync(path, 'a');
      return new AppendOnlyFile(path, descriptor, fstatSync(descriptor).size);
    });
  }

  /**
   * Appends one line, its newline included.
   * @throws RunsError; then the file is as it was before
   */
  append(line: string): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) throw new TypeError(`${this.path} is closed`);
    const bytes = Buffer.from(line);
    try {
      let done = writeSync(descriptor, bytes);
      // A full disk takes a part first, and says so at the next try.
      while (done < bytes.length) done += writeSync(descriptor, bytes, done);
      this.#size += bytes.length;
    } catch (error) {
      restoreLength(descriptor, this.#size);
      throw fromFileSystem(error, this.path);
    }
  }

  sync(): void {
    const descriptor = this.#descriptor;
    if (descriptor !== undefined) onFile(this.path, () => fsyncSync(descriptor));
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

export interface Line {
  /** Without its newline; undefined when it is longer than any line we write. */
  text: string | undefined;
  /** Where the next line begins, in bytes: the offset to go on from. */
  end: number;
}

/**
 * The complete lines from byte `fromOffset` on; a last line without newline is left for the next time. No lines when there is no such
 * file, or when it is shorter than `fromOffset`.
 * @throws RunsError
 */
export async function* readLines(path: string, fromOffset = 0): AsyncGenerator<Line, void, undefined> {
  let handle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw fromFileSystem(error, path);
  }
  try {
    const { size } = await handle.stat();
    const piece = Buffer.alloc(pieceBytes);
    let position = fromOffset;
    let begun: Buffer[] = [];
    let begunBytes = 0;
    // What is written meanwhile is for the next call.
    while (position < size) {
      const { bytesRead } = await handle.read(piece, 0, Math.min(piece.length, size - position), position).catch((error: unknown) => {
        throw fromFileSystem(error, path);
      });
      if (bytesRead === 0) return;
      let lineStart = 0;
      for (let at = piece.indexOf(newline); at !== -1 && at < bytesRead; at = piece.indexOf(newline, lineStart)) {
        const tooLong = begunBytes + at - lineStart > maxLineBytes;
        const text = tooLong ? undefined : Buffer.concat([...begun, piece.subarray(lineStart, at)]).toString('utf8');
        begun = [];
        begunBytes = 0;
        lineStart = at + 1;
        yield { text, end: position + lineStart };
      }
      const rest = bytesRead - lineStart;
      begunBytes += rest;
      if (begunBytes > maxLineBytes) begun = [];
      else if (rest > 0) begun.push(Buffer.from(piece.subarray(lineStart, bytesRead)));
      position += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

function cutTornLine(path: string): void {
  let descriptor;
  try {
    descriptor = openSync(path, 'r+');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return;
    const end = endOfLastLine(descriptor, stat.size);
    if (end < stat.size) ftruncateSync(descriptor, end);
  } finally {
    closeSync(descriptor);
  }
}

/** Just behind the last newline; 0 when there is none. */
function endOfLastLine(descriptor: number, size: number): number {
  const piece = Buffer.alloc(Math.min(size, 64 * 1024));
  for (let end = size; end > 0; ) {
    const begin = Math.max(0, end - piece.length);
    const bytesRead = readSync(descriptor, piece, 0, end - begin, begin);
    const at = piece.subarray(0, bytesRead).lastIndexOf(newline);
    if (at !== -1) return begin + at + 1;
    end = begin;
  }
  return 0;
}

/** Takes back the part of a line that a full disk still took. If even that fails, the next `open` cuts it. */
function restoreLength(descriptor: number, size: number): void {
  try {
    ftruncateSync(descriptor, size);
  } catch {
    // Not a plain file, or the disk is gone.
  }
}
