/**
 * Checkpoints: one safetensors file with all that a training needs to go on. `last` is always whole: a new one is written beside
 * it, flushed, and renamed over it, and the one before stays as `previous`. The file ends with the SHA-256 of all that comes
 * before (tensor `integrity.sha256`), so that damage of any kind is found before a training goes on from it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { AtomicFile } from '../formats/atomic-file.ts';
import { FormatError } from '../formats/errors.ts';
import { SafetensorsFile } from '../formats/safetensors-reader.ts';
import { writeSafetensors, type TensorSource } from '../formats/safetensors-writer.ts';
import type { CheckpointKind, NewRunEvent } from '../protocol/events.ts';
import { count, parseJson, toJson } from '../protocol/json.ts';
import { unreachable } from '../base/errors.ts';
import { codeOf, fromFileSystem, onFile, RunsError } from './errors.ts';
import { linkOver, namesIn } from './files.ts';
import { parsed } from './read-run.ts';
import { epochName, type RunFolder } from './run-folder.ts';

/** The digest's tensor: U8, 32 bytes, the last bytes of the file. */
export const integrityTensor = 'integrity.sha256';
const digestBytes = 32;
/** The metadata entry with `CheckpointInfo`; `format: pt` beside it is what other safetensors readers look for. */
const infoKey = 'scrkd';
/** The `last` before the last. */
const previousName = 'previous';

const checkpointInfo = z.object({
  v: z.literal(1),
  run: z.string(),
  stage: z.string(),
  /** Epochs done. */
  epoch: count,
  /** Optimizer steps done. */
  step: count,
  /** What the training needs beside tensors: the loader's position, live changes, the best evaluation. Opaque here. */
  training: z.record(z.string(), z.unknown()),
});
export type CheckpointInfo = z.infer<typeof checkpointInfo>;

export interface NewCheckpoint {
  /** Why it is kept; the same file gets a name for each. */
  kinds: readonly CheckpointKind[];
  epoch: number;
  step: number;
  training: Record<string, unknown>;
  /** Read out one after another, when their turn comes. */
  tensors: readonly TensorSource[];
}

export interface WrittenCheckpoint {
  name: string;
  /** Absolute. */
  file: string;
  sha256: string;
  bytes: number;
}

/** The writing side; belongs to the run's writer. */
export class CheckpointStore {
  readonly #folder: RunFolder;
  readonly #run: { id: string; stage: string };
  readonly #append: (event: NewRunEvent) => void;
  readonly #sync: () => void;

  constructor(folder: RunFolder, run: { id: string; stage: string }, append: (event: NewRunEvent) => void, sync: () => void) {
    this.#folder = folder;
    this.#run = run;
    this.#append = append;
    this.#sync = sync;
  }

  /**
   * Writes a checkpoint under the names of its kinds and reports one `checkpoint` event for each.
   * @returns one entry for each kind, in their order
   * @throws RunsError; earlier checkpoints then still stand
   */
  async write(checkpoint: NewCheckpoint): Promise<WrittenCheckpoint[]> {
    const names = checkpoint.kinds.map((kind) => checkpointName(kind, checkpoint.epoch));
    const [first, ...others] = names;
    if (first === undefined) throw new TypeError('a checkpoint needs a kind');
    onFile(this.#folder.checkpoints, () => mkdirSync(this.#folder.checkpoints, { recursive: true }));
    // What the log says of the steps before must be as durable as the checkpoint that stands on them.
    this.#sync();
    const path = this.#folder.checkpoint(first);
    const { sha256, bytes } = await this.#writeFile(path, checkpoint);
    for (const other of others) {
      if (other === 'last') await this.#keepPrevious();
      await linkOver(path, this.#folder.checkpoint(other));
    }
    return checkpoint.kinds.map((kind, i) => {
      const name = names[i]!;
      const file = this.#folder.checkpoint(name);
      this.#append({ type: 'checkpoint', epoch: checkpoint.epoch, step: checkpoint.step, name, file: this.#folder.relative(file), sha256, bytes, kind });
      return { name, file, sha256, bytes };
    });
  }

  /** Removes the checkpoints of single epochs that `keep` does not want; `last`, `previous` and `best` always stay. */
  prune(keep: (epoch: number) => boolean): void {
    for (const name of checkpointNames(this.#folder)) {
      const epoch = epochOf(name);
      if (epoch !== undefined && !keep(epoch)) onFile(this.#folder.checkpoint(name), () => rmSync(this.#folder.checkpoint(name), { force: true }));
    }
  }

  async #writeFile(path: string, checkpoint: NewCheckpoint): Promise<{ sha256: string; bytes: number }> {
    let file: AtomicFile | undefined;
    try {
      const target = (file = await AtomicFile.create(path));
      const { epoch, step, training } = checkpoint;
      const info: CheckpointInfo = { v: 1, run: this.#run.id, stage: this.#run.stage, epoch, step, training };
      // Bytes come after wider elements and in the given order, so this one is written last.
      const digest: TensorSource = { name: integrityTensor, dtype: 'U8', shape: [digestBytes], data: () => target.digest() };
      await writeSafetensors(target, [...checkpoint.tensors, digest], { format: 'pt', [infoKey]: toJson(info) });
      return await target.commit(path === this.#folder.checkpoint('last') ? () => this.#keepPrevious() : undefined);
    } catch (error) {
      await file?.abandon();
      throw fromFileSystem(error, path);
    }
  }

  async #keepPrevious(): Promise<void> {
    await linkOver(this.#folder.checkpoint('last'), this.#folder.checkpoint(previousName)).catch((error: unknown) => {
      if (!(error instanceof RunsError && error.reason === 'missing')) throw error;
    });
  }
}

/** A verified checkpoint, open for reading. The caller closes `tensors`. */
export interface OpenCheckpoint {
  name: string;
  path: string;
  info: CheckpointInfo;
  tensors: SafetensorsFile;
}

/**
 * Opens a checkpoint of a run and verifies it byte by byte.
 * @throws RunsError `missing`, `corrupt`, `newer-version`, `read-only`, `io`
 */
export async function openCheckpoint(folder: RunFolder, name: string): Promise<OpenCheckpoint> {
  const path = folder.checkpoint(name);
  const tensors = await openTensors(path);
  try {
    await verify(tensors);
    return { name, path, info: infoOf(tensors), tensors };
  } catch (error) {
    await tensors.close();
    throw fromFileSystem(error, path);
  }
}

/**
 * The newest checkpoint a run can go on from: `last`, or the one before if that is damaged, or that of an epoch.
 * @returns undefined when the run has no good one; `rejected` says what was tried before
 * @throws RunsError `newer-version`, `read-only`, `io`
 */
export async function openNewestCheckpoint(folder: RunFolder): Promise<{ checkpoint: OpenCheckpoint | undefined; rejected: RunsError[] }> {
  const epochs = checkpointNames(folder).filter((name) => epochOf(name) !== undefined);
  epochs.sort((a, b) => epochOf(b)! - epochOf(a)!);
  const rejected: RunsError[] = [];
  for (const name of ['last', previousName, ...epochs]) {
    try {
      return { checkpoint: await openCheckpoint(folder, name), rejected };
    } catch (error) {
      if (!(error instanceof RunsError)) throw error;
      if (error.reason === 'missing') continue;
      if (error.reason !== 'corrupt') throw error;
      rejected.push(error);
    }
  }
  return { checkpoint: undefined, rejected };
}

/** The names of a run's checkpoints, sorted; nothing is read. */
export function checkpointNames(folder: RunFolder): string[] {
  const suffix = '.safetensors';
  return namesIn(folder.checkpoints)
    .filter((name) => name.endsWith(suffix) && !name.startsWith('.'))
    .map((name) => name.slice(0, -suffix.length))
    .sort();
}

function checkpointName(kind: CheckpointKind, epoch: number): string {
  switch (kind) {
    case 'last':
    case 'best':
      return kind;
    case 'epoch':
      return epochName(epoch);
    default:
      return unreachable(kind);
  }
}

/** The epoch of `epoch-0012`. */
function epochOf(name: string): number | undefined {
  const digits = /^epoch-([0-9]+)$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

async function openTensors(path: string): Promise<SafetensorsFile> {
  try {
    return await SafetensorsFile.open(path);
  } catch (error) {
    if (!(error instanceof FormatError)) throw fromFileSystem(error, path);
    if (error.reason === 'unreadable' && codeOf(error.cause) !== undefined) throw fromFileSystem(error.cause, path);
    throw corrupt(path, error);
  }
}

/** @throws RunsError `corrupt` when the file is not what was written */
async function verify(tensors: SafetensorsFile): Promise<void> {
  const { path } = tensors;
  const { size } = await stat(path);
  const entry = tensors.header.tensors.get(integrityTensor);
  if (entry === undefined || entry.end - entry.begin !== digestBytes || tensors.header.dataStart + entry.end !== size) {
    throw new RunsError('corrupt', path, l10n.t('does not end with its checksum; it is no checkpoint of a training.'));
  }
  const expected = Buffer.from((await tensors.read(integrityTensor)).data as Uint8Array).toString('hex');
  const found = await digestOf(path, size - digestBytes);
  if (found !== expected) throw new RunsError('corrupt', path, l10n.t('is damaged: found checksum {0}, expected {1}.', found.slice(0, 12), expected.slice(0, 12)));
}

async function digestOf(path: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, 'r');
  try {
    const piece = Buffer.alloc(4 * 1024 * 1024);
    for (let done = 0; done < bytes; ) {
      const { bytesRead } = await handle.read(piece, 0, Math.min(piece.length, bytes - done), done);
      if (bytesRead === 0) break;
      hash.update(piece.subarray(0, bytesRead));
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

function infoOf(tensors: SafetensorsFile): CheckpointInfo {
  const text = tensors.metadata[infoKey];
  if (text === undefined) throw new RunsError('corrupt', tensors.path, l10n.t('names no training in its metadata.'));
  return parsed(parseJson(checkpointInfo, text), tensors.path);
}

function corrupt(path: string, cause: FormatError): RunsError {
  return new RunsError('corrupt', path, l10n.t('is damaged ({0})', cause.message), { cause });
}
