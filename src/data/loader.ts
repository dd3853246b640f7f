import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { Random } from '../base/random.ts';
import type { Sample } from '../dataset/dataset.ts';
import { drawView } from './augment.ts';
import type { Batch, Loader, LoaderOptions, SkippedSample } from './batch.ts';
import { DecodePool } from './decode-pool.ts';
import { DataError } from './errors.ts';
import { normaliseMask } from './normalise.ts';
import type { PreparedSample } from './prepare.ts';
import { readAhead } from './read-ahead.ts';
import { sizeKey } from './raster.ts';

export const defaultCacheBytes = 512 * 1024 * 1024;

/**
 * Training batches. Order and views are functions of (seed, stream, epoch, sample), so that a resumed epoch continues with the
 * batches of an unbroken one. A sample that cannot be read is replaced by the next readable one of the epoch's order, in place: the other
 * batches stay as they are.
 * @throws DataError `too-few-samples` where there is not one full batch
 */
export function createLoader(options: LoaderOptions): Loader {
  return new TrainingLoader(options);
}

class TrainingLoader implements Loader {
  readonly batchesPerEpoch: number;
  readonly #options: LoaderOptions;
  readonly #pool: DecodePool;
  /** Unreadable samples met so far, with their reasons; they are not tried again. */
  readonly #unreadable = new Map<number, string>();

  constructor(options: LoaderOptions) {
    const { samples, batchSize } = options;
    this.#options = options;
    this.batchesPerEpoch = Math.floor(samples.length / batchSize);
    if (this.batchesPerEpoch === 0) {
      throw new DataError('too-few-samples', l10n.t('{0} training samples do not fill a batch of {1}.', samples.length, batchSize));
    }
    this.#pool = new DecodePool(options.workers ?? 1, options.cacheBytes ?? defaultCacheBytes);
  }

  epoch(epoch: number, { firstBatch = 0, shuffle = true }: { readonly firstBatch?: number; readonly shuffle?: boolean } = {}): AsyncIterable<Batch> {
    const { samples, seed, stream } = this.#options;
    const order = shuffle ? new Random(seed, stream, epoch, 'order').permutation(samples.length) : Uint32Array.from(samples.keys());
    const indices = Array.from({ length: Math.max(0, this.batchesPerEpoch - firstBatch) }, (_, i) => firstBatch + i);
    return readAhead(indices, this.#options.prefetch ?? 2, (index) => this.#load(epoch, index, order));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  async #load(epoch: number, index: number, order: Uint32Array): Promise<Batch> {
    const { batchSize } = this.#options;
    const positions = Array.from({ length: batchSize }, (_, i) => index * batchSize + i);
    const found = await Promise.all(positions.map((position) => this.#readFrom(epoch, order, position)));
    return this.#assemble(index, found);
  }

  /** The sample at a position of the order, or the next readable one after it (round the end). */
  async #readFrom(epoch: number, order: Uint32Array, position: number): Promise<Found> {
    const { samples, seed, stream, augmentation, imageSizes, maskSize } = this.#options;
    const skipped: SkippedSample[] = [];
    for (let step = 0; step < order.length; step++) {
      const which = order[(position + step) % order.length]!;
      const sample = samples[which]!;
      const known = this.#unreadable.get(which);
      if (known === undefined) {
        const view = drawView(augmentation, seed, stream, epoch, sample.id);
        try {
          const prepared = await this.#pool.prepare({ image: sample.image, mask: sample.mask, view, imageSizes, maskSize }, which);
          return { sample, prepared, skipped };
        } catch (error) {
          if (!(error instanceof DataError) || error.reason === 'worker-failed' || error.reason === 'disposed') throw error;
          this.#unreadable.set(which, error.message);
        }
      }
      skipped.push({ id: sample.id, reason: this.#unreadable.get(which)! });
      this.#refuseTooMany();
    }
    throw new DataError('too-many-unreadable', l10n.t('None of the {0} training samples can be read.', order.length));
  }

  #refuseTooMany(): void {
    const { samples, maxUnreadable } = this.#options;
    const count = this.#unreadable.size;
    if (count <= maxUnreadable * samples.length) return;
    const [first] = this.#unreadable.values();
    throw new DataError('too-many-unreadable', l10n.t('{0} of {1} training samples cannot be read; expected at most {2} %. The first: {3}', count, samples.length, 100 * maxUnreadable, first ?? ''));
  }

  #assemble(index: number, found: readonly Found[]): Batch {
    const { imageSizes } = this.#options;
    const hash = createHash('sha256');
    const images: Record<string, Float32Array> = {};
    for (const [which, size] of imageSizes.entries()) {
      const stacked = stack(found.map(({ prepared }) => prepared.images[which]!));
      images[sizeKey(size)] = stacked;
      hash.update(stacked);
    }
    const mask = stack(found.map(({ prepared }) => normaliseMask(prepared.mask)));
    hash.update(mask);
    return { index, ids: found.map(({ sample }) => sample.id), images, mask, hash: hash.digest('hex'), skipped: found.flatMap(({ skipped }) => skipped) };
  }
}

interface Found {
  readonly sample: Sample;
  readonly prepared: PreparedSample;
  readonly skipped: readonly SkippedSample[];
}

/** Arrays of equal length one after another. */
export function stack(rows: readonly Float32Array[]): Float32Array {
  const length = rows[0]!.length;
  const stacked = new Float32Array(rows.length * length);
  for (const [row, values] of rows.entries()) stacked.set(values, row * length);
  return stacked;
}
