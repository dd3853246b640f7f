import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

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
    await rename(this.#temporary, this.path);
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
