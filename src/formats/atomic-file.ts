import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How unfinished files are named: hidden, and recognisable for whoever cleans up after a crash. */
const temporaryName = /^\..+\.[0-9a-f-]{36}\.tmp$/;

/** A name beside `path` (a rename is atomic only within one file system) that no other writer uses. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
}

export function isTemporaryName(name: string): boolean {
  return temporaryName.test(name);
}

/**
 * A file that appears under its name only when it is whole: written beside it, flushed to the disk, renamed.
 * Killed at any moment, what stood under the name before still stands.
 */
export class AtomicFile {
  readonly #handle: FileHandle;
  readonly #temporary: string;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #closed = false;

  private constructor(
    readonly path: string,
    temporary: string,
    handle: FileHandle,
  ) {
    this.#temporary = temporary;
    this.#handle = handle;
  }

  static async create(path: string): Promise<AtomicFile> {
    const temporary = temporaryPath(path);
    return new AtomicFile(path, temporary, await open(temporary, 'wx'));
  }

  /** SHA-256 of what was written so far, 32 bytes. */
  digest(): Uint8Array {
    return new Uint8Array(this.#hash.copy().digest());
  }

  /** Appends; in pieces, so that hashing hundreds of megabytes does not hold up the event loop. */
  async write(bytes: Uint8Array): Promise<void> {
    const piece = 4 * 1024 * 1024;
    for (let begin = 0; begin < bytes.length; begin += piece) {
      const part = bytes.subarray(begin, begin + piece);
      this.#hash.update(part);
      let done = 0;
      while (done < part.length) done += (await this.#handle.write(part, done)).bytesWritten;
      this.#bytes += part.length;
    }
  }

  /**
   * Flushes and renames into place.
   * @param beforeRename runs when the new file is safe on the disk and the old one still in place
   */
  async commit(beforeRename?: () => Promise<void>): Promise<{ sha256: string; bytes: number }> {
    await this.#handle.sync();
    await this.#close();
    await beforeRename?.();
    await renameOver(this.#temporary, this.path);
    await syncDirectory(dirname(this.path));
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  /** Gives up; what stood under the name before still stands. Never throws: it runs while an error is on its way. */
  async abandon(): Promise<void> {
    await this.#close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}

/**
 * Renames, replacing what had the name. Windows refuses while someone has that file open: readers of a run are soon done, so it is
 * tried again for a second.
 */
export async function renameOver(source: string, target: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(source, target);
      return;
    } catch (error) {
      if (!isBusyOnWindows(error) || attempt === 20) throw error;
      await sleep(50);
    }
  }
}

/** Whether a rename failed only because someone has the file open just now. */
export function isBusyOnWindows(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return process.platform === 'win32' && (code === 'EPERM' || code === 'EACCES' || code === 'EBUSY');
}

/** Makes renames in a folder survive a power failure. Windows cannot flush a folder, and some file systems refuse: then there is nothing to do. */
export async function syncDirectory(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Not supported here.
  }
}
