import type { Sample } from '../dataset/dataset.ts';
import { identityView } from './augment.ts';
import type { EvaluationBatch } from './batch.ts';
import { DecodePool } from './decode-pool.ts';
import { DataError } from './errors.ts';
import { stack } from './loader.ts';
import type { PreparedSample } from './prepare.ts';
import { readAhead } from './read-ahead.ts';
import type { Size } from './raster.ts';

export interface EvaluationOptions {
  readonly samples: readonly Sample[];
  /** Size of the network's input. */
  readonly size: Size;
  /** The last batch is padded to it, because a compiled graph has a fixed batch size. */
  readonly batchSize: number;
  /** Masks are resized to it (antialiased bilinear); they keep their sizes without it. */
  readonly maskSize?: Size;
  /** Decoding threads; 1 by default. */
  readonly workers?: number;
  /** Batches prepared ahead; 2 by default. */
  readonly prefetch?: number;
}

/**
 * All samples once, in their order, without augmentation. Threads end with the iteration, also where it is left early.
 * Samples that cannot be read are left out and reported by their batch, whose `count` may then be 0.
 * @throws DataError `worker-failed`
 */
export async function* loadForEvaluation({ samples, size, batchSize, maskSize, workers = 1, prefetch = 2 }: EvaluationOptions): AsyncGenerator<EvaluationBatch, void, undefined> {
  const pool = new DecodePool(workers, 0); // every sample is read once: nothing to keep
  try {
    const starts = Array.from({ length: Math.ceil(samples.length / batchSize) }, (_, i) => i * batchSize);
    const load = async (start: number) => Promise.all(samples.slice(start, start + batchSize).map((sample, i) => read(sample, start + i)));
    const read = async (sample: Sample, lane: number): Promise<{ sample: Sample; result: PreparedSample | DataError }> => {
      try {
        const request = { image: sample.image, mask: sample.mask, view: identityView, imageSizes: [size], ...(maskSize && { maskSize }) };
        return { sample, result: await pool.prepare(request, lane) };
      } catch (error) {
        if (!(error instanceof DataError) || error.reason === 'worker-failed' || error.reason === 'disposed') throw error;
        return { sample, result: error };
      }
    };
    let index = 0;
    for await (const batch of readAhead(starts, prefetch, load)) {
      const readable = batch.flatMap(({ sample, result }) => (result instanceof DataError ? [] : [{ sample, prepared: result }]));
      const rows = readable.map(({ prepared }) => prepared.images[0]!);
      const padding = rows.at(-1) ?? new Float32Array(size.height * size.width * 3);
      yield {
        index: index++,
        samples: readable.map(({ sample }) => sample),
        count: readable.length,
        images: stack([...rows, ...Array.from({ length: batchSize - rows.length }, () => padding)]),
        masks: readable.map(({ prepared }) => prepared.mask),
        skipped: batch.flatMap(({ sample, result }) => (result instanceof DataError ? [{ id: sample.id, reason: result.message }] : [])),
      };
    }
  } finally {
    await pool[Symbol.asyncDispose]();
  }
}
