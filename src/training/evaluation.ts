import type { ProtocolName } from '../config/experiment.ts';
import type { Sample } from '../dataset/dataset.ts';
import type { SkippedSample } from '../data/batch.ts';
import { loadForEvaluation } from '../data/evaluation.ts';
import type { GrayRaster } from '../data/raster.ts';
import { resize } from '../data/resize.ts';
import { createEvaluator } from '../metrics/evaluator.ts';
import type { Evaluation } from '../metrics/metrics.ts';
import { postprocess } from '../metrics/postprocess.ts';
import type { Predictor } from './predictor.ts';

/** The side at which the published tables were measured (the official evaluation script). */
const reportedSide = 448;

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
  return { evaluations: [evaluator.result()], skipped };
}

/** One sample's map in the form in which it is saved. */
export interface PredictedMap {
  readonly sample: Sample;
  /** `raw`: the sigmoid map at the image's own size (which `pysod` evaluates); `scrkd448`: as the published tables take it. */
  readonly form: 'raw' | 'scrkd448';
  readonly map: GrayRaster;
}

/**
 * The reported figures (SCRKD's evaluation script for `scrkd448`, PySODMetrics' rules at the mask's own size for `pysod`).
 * @param save called with every map, in the order of the samples
 */
export async function evaluateForReport(
  predictor: Predictor,
  samples: readonly Sample[],
  protocols: readonly ProtocolName[],
  save: (map: PredictedMap) => Promise<void>,
): Promise<EvaluationResult> {
  const { height, width } = predictor.network;
  const evaluators = protocols.map((protocol) => createEvaluator(protocol));
  const skipped: SkippedSample[] = [];
  for await (const batch of loadForEvaluation({ samples, size: predictor.network, batchSize: predictor.batchSize })) {
    skipped.push(...batch.skipped);
    const maps = await predictor.predict(batch.images);
    for (const [i, sample] of batch.samples.entries()) {
      const map = maps.subarray(i * height * width, (i + 1) * height * width);
      const mask = batch.masks[i]!;
      const raw = resize(eightBit(map, height, width), mask, 'bilinear');
      await save({ sample, form: 'raw', map: raw });
      for (const evaluator of evaluators) {
        switch (evaluator.protocol) {
          case 'pysod':
            evaluator.add(raw.data, mask.data, mask.height, mask.width, sample.id);
            break;
          case 'scrkd448': {
            const size = { height: reportedSide, width: reportedSide };
            const reported = resize({ width, height, channels: 1, data: postprocess(map) }, size, 'bicubic');
            await save({ sample, form: 'scrkd448', map: reported });
            evaluator.add(reported.data, resize(mask, size, 'bilinear').data, reportedSide, reportedSide, sample.id);
          }
        }
      }
    }
  }
  return { evaluations: evaluators.map((evaluator) => evaluator.result()), skipped };
}

/** Truncated to 8 bit, as PIL does. */
export function eightBit(map: Float32Array, height: number, width: number): GrayRaster {
  return { width, height, channels: 1, data: Uint8Array.from(map, (value) => Math.trunc(255 * value)) };
}

/** The scalar figures of an evaluation by name, for events and `metrics.json`. */
export function figuresOf(evaluation: Evaluation): Record<string, number> {
  const { mae, maxF, meanF, adaptiveF, s, maxE, meanE, adaptiveE, weightedF, auc } = evaluation;
  return { mae, maxF, meanF, adaptiveF, s, maxE, meanE, adaptiveE, auc, ...(weightedF === undefined ? {} : { weightedF }) };
}
