/**
 * Outputs of frozen teachers in the user's cache: `teacher-outputs/<what makes them>/<first digits>/<key>`, each the sha256 of its values
 * and the values, little-endian float32. A cache: whatever is missing, damaged or deleted meanwhile is computed again.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { replaceFileAsync } from './files.ts';

const digestBytes = 32;

export interface TeacherOutputLimits {
  /** Bytes of values held in memory. */
  readonly memory: number;
  /** Bytes on the disk of all teachers together; a disk is never filled to more than half of what is free. */
  readonly disk: number;
}

interface Other {
  readonly folder: string;
  readonly bytes: number;
  readonly usedAt: number;
}

/**
 * The outputs of one teacher: in memory, and on the disk what does not fit there, so that a small training leaves nothing behind. Views come in random order, so that replacing one entry by another would not be worth it: what is
 * in stays, and when a bound is reached nothing more is taken. Only outputs of other teachers make room, the longest unused first.
 */
export class TeacherOutputStore {
  readonly #folder: string;
  readonly #memory = new Map<string, Float32Array>();
  /** Keys on the disk. */
  readonly #stored: Set<string>;
  readonly #limits: TeacherOutputLimits;
  readonly #others: Other[];
  #memoryBytes = 0;
  #diskBytes: number;
  #problem: string | undefined;

  private constructor(folder: string, limits: TeacherOutputLimits, stored: Set<string>, ownBytes: number, others: Other[]) {
    this.#folder = folder;
    this.#limits = limits;
    this.#stored = stored;
    this.#others = others.sort((a, b) => b.usedAt - a.usedAt);
    this.#diskBytes = others.reduce((sum, { bytes }) => sum + bytes, ownBytes);
  }

  /**
   * Never fails: without a usable folder it keeps what fits into memory.
   * @param cache the user's cache folder
   * @param maker identifies what makes the outputs: the teacher's content and what is read of it
   */
  static async open(cache: string, maker: string, limits: TeacherOutputLimits): Promise<TeacherOutputStore> {
    const root = join(cache, 'teacher-outputs');
    const folder = join(root, maker);
    try {
      await mkdir(folder, { recursive: true });
      await utimes(folder, new Date(), new Date());
      const makers = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory() && entry.name !== maker);
      const others = await Promise.all(makers.map(async ({ name }): Promise<Other> => {
        const path = join(root, name);
        return { folder: path, bytes: (await entriesOf(path)).bytes, usedAt: (await stat(path)).mtimeMs };
      }));
      const own = await entriesOf(folder);
      const { bavail, bsize } = await statfs(folder);
      const taken = others.reduce((sum, { bytes }) => sum + bytes, own.bytes);
      return new TeacherOutputStore(folder, { ...limits, disk: Math.min(limits.disk, taken + (bavail * bsize) / 2) }, own.keys, own.bytes, others);
    } catch (error) {
      const store = new TeacherOutputStore(folder, { ...limits, disk: 0 }, new Set(), 0, []);
      store.#problem = messageOf(error);
      return store;
    }
  }

  get folder(): string {
    return this.#folder;
  }

  /** Why nothing is written to the disk any more, where something failed. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async get(key: string): Promise<Float32Array | undefined> {
    const held = this.#memory.get(key);
    if (held !== undefined || !this.#stored.has(key)) return held;
    const bytes = await readFile(this.#pathOf(key)).catch(() => undefined);
    const values = bytes?.subarray(digestBytes);
    if (bytes === undefined || values === undefined || !createHash('sha256').update(values).digest().equals(bytes.subarray(0, digestBytes))) {
      this.#stored.delete(key);
      return undefined;
    }
    const found = new Float32Array(values.byteLength / Float32Array.BYTES_PER_ELEMENT);
    new Uint8Array(found.buffer).set(values);
    this.#hold(key, found);
    return found;
  }

  /** Takes the values over, as far as there is room. */
  async put(key: string, values: Float32Array): Promise<void> {
    if (this.#hold(key, values)) return;
    const size = digestBytes + values.byteLength;
    if (this.#problem !== undefined || this.#stored.has(key) || !(await this.#makeRoom(size))) return;
    const bytes = new Uint8Array(size);
    const own = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    bytes.set(createHash('sha256').update(own).digest());
    bytes.set(own, digestBytes);
    try {
      await mkdir(join(this.#folder, key.slice(0, 2)), { recursive: true });
      await replaceFileAsync(this.#pathOf(key), bytes);
    } catch (error) {
      // A full disk is no reason to stop a training.
      this.#problem = messageOf(error);
      return;
    }
    this.#stored.add(key);
    this.#diskBytes += size;
  }

  #hold(key: string, values: Float32Array): boolean {
    if (this.#memory.has(key)) return true;
    if (this.#memoryBytes + values.byteLength > this.#limits.memory) return false;
    this.#memory.set(key, values);
    this.#memoryBytes += values.byteLength;
    return true;
  }

  async #makeRoom(size: number): Promise<boolean> {
    while (this.#diskBytes + size > this.#limits.disk) {
      const oldest = this.#others.pop();
      if (oldest === undefined) return false;
      await rm(oldest.folder, { recursive: true, force: true });
      this.#diskBytes -= oldest.bytes;
    }
    return true;
  }

  #pathOf(key: string): string {
    return join(this.#folder, key.slice(0, 2), key);
  }
}

/** Keys and bytes in a teacher's folder; a file that is being written counts, too. */
async function entriesOf(folder: string): Promise<{ keys: Set<string>; bytes: number }> {
  const keys = new Set<string>();
  let bytes = 0;
  for (const group of await readdir(folder)) {
    for (const name of await readdir(join(folder, group)).catch(() => [])) {
      const found = await stat(join(folder, group, name)).catch(() => undefined);
      if (found === undefined) continue;
      bytes += found.size;
      if (!name.startsWith('.')) keys.add(name);
    }
  }
  return { keys, bytes };
}
