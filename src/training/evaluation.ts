import * as l10n from '@vscode/l10n';
import type { ProtocolName } from '../config/experiment.ts';
import type { Sample } from '../dataset/dataset.ts';
import type { MapPair } from '../dataset/map-folder.ts';
import type { SkippedSample } from '../data/batch.ts';
import { decodeMask } from '../data/decode.ts';
import { DataError } from '../data/errors.ts';
import { loadForEvaluation } from '../data/evaluation.ts';
import { refuseAnotherShape } from '../data/prepare.ts';
import type { GrayRaster } from '../data/raster.ts';
import { readAhead } from '../data/read-ahead.ts';
import { resize } from '../data/resize.ts';
import { createEvaluator } from '../metrics/evaluator.ts';
import type { Evaluation, Evaluator } from '../metrics/metrics.ts';
import { postprocess } from '../metrics/postprocess.ts';
import type { Predictor } from './predictor.ts';

/** The size at which the published tables were measured (the official evaluation script). */
const reportedSize = { height: 448, width: 448 } as const;

export interface EvaluationResult {
  readonly evaluations: readonly Evaluation[];
  readonly skipped: readonly SkippedSample[];
}

/**
 * The figures a checkpoint is selected by, as in the official training scripts: raw sigmoid maps at the student's input
 * size against masks of that size, with the formulas of `scrkd448`.
 */
export async function evaluateForSelection(predictor: Predictor, samples: readonly Sample[]): Promise<EvaluationResult> {
  const { height, width } = predictor.network;
  const evaluator = createEvaluator('scrkd448');
  const skipped: SkippedSample[] = [];
  for await (const batch of loadForEvaluation({ samples, size: predictor.network, batchSize: predictor.batchSize, maskSize: predictor.network })) {
    skipped.push(...batch.skipped);
    const maps = await predictor.predict(batch.images);
    batch.samples.forEach((sample, i) => {
      const map = maps.subarray(i * height * width, (i + 1) * height * width);
      evaluator.add(map, batch.masks[i]!.data, height, width, sample.id);
    });
  }
  return { evaluations: resultsOf([evaluator], skipped), skipped };
}

/** @throws DataError `too-many-unreadable` naming the first where no image was left to evaluate: the dataset has vanished, as a rule */
function resultsOf(evaluators: readonly Evaluator[], skipped: readonly SkippedSample[]): Evaluation[] {
  const [first] = skipped;
  if (first !== undefined && evaluators[0]?.count === 0) throw new DataError('too-many-unreadable', l10n.t('None of the {0} images to evaluate can be read. The first: {1}', skipped.length, first.reason));
  return evaluators.map((evaluator) => evaluator.result());
}

/** One sample's map in the form in which it is saved. */
export interface PredictedMap {
  readonly sample: Sample;
  /** `raw`: the sigmoid map at the image's own size (which `pysod` evaluates); `scrkd448`: as the published tables take it. */
  readonly form: 'raw' | 'scrkd448';
  readonly map: GrayRaster;
}

/** How a caller follows an evaluation. */
export interface EvaluationObserver {
  /** Called with every map, in the order of the samples. */
  readonly save?: (map: PredictedMap) => Promise<void>;
  /** Called after every image, readable or not. */
  readonly onImage?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** The reported figures of a network (SCRKD's evaluation script for `scrkd448`, PySODMetrics' rules at the mask's own size for `pysod`). */
export async function evaluateForReport(predictor: Predictor, samples: readonly Sample[], protocols: readonly ProtocolName[], { save, onImage, signal }: EvaluationObserver = {}): Promise<EvaluationResult> {
  const { height, width } = predictor.network;
  const evaluators = protocols.map((protocol) => createEvaluator(protocol));
  const skipped: SkippedSample[] = [];
  let done = 0;
  for await (const batch of loadForEvaluation({ samples, size: predictor.network, batchSize: predictor.batchSize })) {
    signal?.throwIfAborted();
    skipped.push(...batch.skipped);
    const maps = await predictor.predict(batch.images);
    for (const [i, sample] of batch.samples.entries()) {
      const map = maps.subarray(i * height * width, (i + 1) * height * width);
      const mask = batch.masks[i]!;
      const raw = resize(eightBit(map, height, width), mask, 'bilinear');
      await save?.({ sample, form: 'raw', map: raw });
      for (const evaluator of evaluators) {
        switch (evaluator.protocol) {
          case 'pysod':
            evaluator.add(raw.data, mask.data, mask.height, mask.width, sample.id);
            break;
          case 'scrkd448': {
            const reported = resize({ width, height, channels: 1, data: postprocess(map) }, reportedSize, 'bicubic');
            await save?.({ sample, form: 'scrkd448', map: reported });
            addReported(evaluator, reported, mask, sample.id);
          }
        }
      }
    }
    done += batch.count + batch.skipped.length;
    onImage?.(done);
  }
  return { evaluations: resultsOf(evaluators, skipped), skipped };
}

function addReported(evaluator: Evaluator, map: GrayRaster, mask: GrayRaster, id: string): void {
  evaluator.add(map.data, resize(mask, reportedSize, 'bilinear').data, reportedSize.height, reportedSize.width, id);
}

export interface MapsResult extends EvaluationResult {
  /** Ids of the maps that had another size than their masks. */
  readonly resized: readonly string[];
}

/**
 * The same figures of saliency maps that anybody made: 8-bit files, taken as they are. For `pysod` a map of another size than its mask is
 * resized to it (bilinear), for `scrkd448` maps are resized to 448 × 448 (bicubic) unless they have that size, as the official script does.
 * Pairs that cannot be read, or are of another shape, are left out and reported.
 */
export async function evaluateMaps(pairs: readonly MapPair[], protocols: readonly ProtocolName[], { onImage, signal }: Omit<EvaluationObserver, 'save'> = {}): Promise<MapsResult> {
  const evaluators = protocols.map((protocol) => createEvaluator(protocol));
  const skipped: SkippedSample[] = [];
  const resized: string[] = [];
  let done = 0;
  for await (const { id, decoded } of readAhead(pairs, 4, decodeMap)) {
    signal?.throwIfAborted();
    if (decoded instanceof DataError) skipped.push({ id, reason: decoded.message });
    else {
      const { map, mask } = decoded;
      if (map.height !== mask.height || map.width !== mask.width) resized.push(id);
      for (const evaluator of evaluators) {
        switch (evaluator.protocol) {
          case 'pysod':
            evaluator.add(resize(map, mask, 'bilinear').data, mask.data, mask.height, mask.width, id);
            break;
          case 'scrkd448':
            addReported(evaluator, resize(map, reportedSize, 'bicubic'), mask, id);
        }
      }
    }
    onImage?.(++done);
  }
  return { evaluations: resultsOf(evaluators, skipped), skipped, resized };
}

async function decodeMap({ id, map: mapPath, mask: maskPath }: MapPair): Promise<{ id: string; decoded: { map: GrayRaster; mask: GrayRaster } | DataError }> {
  try {
    const map = await decodeMask(mapPath);
    const mask = await decodeMask(maskPath);
    refuseAnotherShape(mapPath, map, mask);
    return { id, decoded: { map, mask } };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { id, decoded: error };
  }
}

/** Truncated to 8 bit, as PIL does. */
export function eightBit(map: Float32Array, height: number, width: number): GrayRaster {
  return { width, height, channels: 1, data: Uint8Array.from(map, (value) => Math.trunc(255 * value)) };
}
