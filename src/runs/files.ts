/** Small files, written whole or not at all. Synchronous: the order of a run's writes is the order of the program. */
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { copyFile, link, open, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { isBusyOnWindows, isTemporaryName, renameOver, syncDirectory, temporaryPath } from '../formats/atomic-file.ts';
import { codeOf, fromFileSystem, onFile, RunsError } from './errors.ts';

/** No JSON file of a run folder comes near this; a larger one is not read into memory. */
const maxTextBytes = 64 * 1024 * 1024;

/** Codes of file systems (FAT, some network shares) that have no hard links. */
const linkUnsupported = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV']);

/**
 * Replaces a small file.
 * @param durable also survive a power failure; a heartbeat need not
 * @throws RunsError; the old content then still stands
 */
export function replaceFile(path: string, content: string | Uint8Array, durable: boolean): void {
  const temporary = temporaryPath(path);
  try {
    writeNew(temporary, content, durable);
    renameOverSync(temporary, path);
    if (durable) syncDirectorySync(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fromFileSystem(error, path);
  }
}

/** `replaceFile` for bulk output such as predictions: does not hold up the event loop, and does not wait for the disk. */
export async function replaceFileAsync(path: string, content: Uint8Array): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
    await renameOver(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fromFileSystem(error, path);
  }
}

/**
 * Creates a small file that must not exist; it is never seen half written where the file system has hard links.
 * @returns false when there is such a file
 * @throws RunsError
 */
export function createExclusively(path: string, content: string): boolean {
  const temporary = temporaryPath(path);
  try {
    writeNew(temporary, content, false);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (code === undefined || !linkUnsupported.has(code)) throw fromFileSystem(error, path);
    return createWithoutLink(path, content);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Makes `target` another name of the file `source`, replacing what had that name. Files of a run are replaced, never changed, so sharing is safe. */
export async function linkOver(source: string, target: string): Promise<void> {
  const temporary = temporaryPath(target);
  try {
    await link(source, temporary).catch(async (error: unknown) => {
      if (!linkUnsupported.has(codeOf(error) ?? '')) throw error;
      await copyFile(source, temporary);
      await syncFile(temporary);
    });
    await renameOver(temporary, target);
    // Renaming one name of a file over another of the same file does nothing, and leaves the first.
    await rm(temporary, { force: true });
  } catch (error) {
    await rm(temporary, { force: true });
    throw fromFileSystem(error, target);
  }
  await syncDirectory(dirname(target));
}

/**
 * A small text file.
 * @throws RunsError `missing`, `read-only`, `corrupt` (too large), `io`
 */
export function readText(path: string): string {
  const bytes = onFile(path, () => readFileSync(path));
  if (bytes.length > maxTextBytes) throw new RunsError('corrupt', path, l10n.t('has {0} bytes, at most {1} are expected.', bytes.length, maxTextBytes));
  return bytes.toString('utf8');
}

/** `readText`; undefined when there is no such file. */
export function readTextIfThere(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if (error instanceof RunsError && error.reason === 'missing') return undefined;
    throw error;
  }
}

/** Names in a folder; none when there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw fromFileSystem(error, folder);
  }
}

/**
 * Removes what a killed writer left unfinished in a folder.
 * @param minimumAgeMs 0 only where nobody else writes; where others do, what is old enough is nobody's any more
 */
export function removeUnfinished(folder: string, minimumAgeMs = 0): void {
  for (const name of namesIn(folder)) {
    if (!isTemporaryName(name)) continue;
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && Date.now() - stat.mtimeMs >= minimumAgeMs) rmSync(path, { force: true });
  }
}

function writeNew(path: string, content: string | Uint8Array, durable: boolean): void {
  const descriptor = openSync(path, 'wx');
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    let done = 0;
    while (done < bytes.length) done += writeSync(descriptor, bytes, done);
    if (durable) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** `renameOver` of formats, synchronous. */
function renameOverSync(source: string, target: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(source, target);
      return;
    } catch (error) {
      if (!isBusyOnWindows(error) || attempt === 20) throw error;
      pause(50);
    }
  }
}

/** `syncDirectory` of formats, synchronous. */
function syncDirectorySync(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Not supported here.
  }
}

function createWithoutLink(path: string, content: string): boolean {
  try {
    writeNew(path, content, false);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw fromFileSystem(error, path);
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Waits without giving other code of this thread a turn. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Removes a file; whether it was there does not matter. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw fromFileSystem(error, path);
  }
}

/**
 * Makes a folder with the folders above it, where they are not there yet. Node's own `recursive` says ENOENT on a file system that may
 * not be written, which would read as if something were missing.
 * @throws RunsError `read-only`, `disk-full`, `io`
 */
export function makeFolder(path: string): void {
  onFile(path, () => {
    const missing: string[] = [];
    for (let level = resolve(path); !existsSync(level) && dirname(level) !== level; level = dirname(level)) missing.unshift(level);
    for (const level of missing) makeLevel(level);
  });
}

function makeLevel(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !statSync(path).isDirectory()) throw error; // another process may have been faster
  }
}
