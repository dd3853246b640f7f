import { open, type FileHandle } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import { FormatError } from './errors.ts';

/** The system reads at most 2 GiB at once. */
const maxReadBytes = 2 ** 30;

/** A file that is read in pieces at any position. What the file system says comes as a FormatError that names the file. */
export class RandomAccessFile {
  readonly #handle: FileHandle;

  private constructor(
    readonly path: string,
    /** In bytes, when it was opened. */
    readonly size: number,
    handle: FileHandle,
  ) {
    this.#handle = handle;
  }

  /** @throws FormatError `unreadable` */
  static async open(path: string): Promise<RandomAccessFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const status = await handle.stat();
      if (!status.isFile()) throw new FormatError('unreadable', path, l10n.t('is not a file.'));
      return new RandomAccessFile(path, status.size, handle);
    } catch (error) {
      await handle?.close();
      throw error instanceof FormatError ? error : unreadable(path, error);
    }
  }

  /**
   * Fills `target` from `position` on.
   * @throws FormatError `truncated`, `unreadable`
   */
  async readInto(target: Uint8Array, position: number): Promise<void> {
    let done = 0;
    while (done < target.length) {
      const length = Math.min(target.length - done, maxReadBytes);
      const { bytesRead } = await this.#handle.read(target, done, length, position + done).catch((error: unknown) => {
        throw unreadable(this.path, error);
      });
      if (bytesRead === 0) throw new FormatError('truncated', this.path, l10n.t('ends at byte {0}, expected at least {1}.', position + done, position + target.length));
      done += bytesRead;
    }
  }

  /**
   * The bytes [position, position + length). Nothing is allocated for bytes that the file does not have.
   * @throws FormatError `truncated`, `unreadable`
   */
  async read(position: number, length: number): Promise<Uint8Array> {
    if (position + length > this.size) throw new FormatError('truncated', this.path, l10n.t('ends at byte {0}, expected at least {1}.', this.size, position + length));
    const bytes = new Uint8Array(length);
    await this.readInto(bytes, position);
    return bytes;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function unreadable(path: string, cause: unknown): FormatError {
  return new FormatError('unreadable', path, l10n.t('cannot be read: {0}', messageOf(cause)), { cause });
}
