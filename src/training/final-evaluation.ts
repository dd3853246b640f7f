import type { Experiment, Stage } from '../config/experiment.ts';
import { encodePng } from '../data/png.ts';
import type { Dataset, Split } from '../dataset/dataset.ts';
import type { Engine } from '../engine/engine.ts';
import type { MetricsEntry } from '../protocol/metrics-file.ts';
import { openCheckpoint } from '../runs/checkpoints.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import type { RunWriter } from '../runs/run-writer.ts';
import { sha256OfFile } from '../base/sha256.ts';
import { figuresOf } from '../metrics/figures.ts';
import { evaluateForReport } from './evaluation.ts';
import { networkOf } from './network.ts';
import { readNetworkWeights } from './network-weights.ts';
import { Predictor, type Weights } from './predictor.ts';
import { definePrediction } from './step.ts';

/** The checkpoint of a stage's run that is reported, and handed to the stages that learn from it. */
export function selectedCheckpoint(stage: Stage): 'best' | 'last' {
  return stage.selection.on === 'last' ? 'last' : 'best';
}

/** A checkpoint's weights for its own network, verified byte by byte, with the file's hash. */
export async function loadSelected(folder: RunFolder, stage: Stage): Promise<{ name: string; epoch: number; sha256: string; weights: Weights }> {
  const checkpoint = await openCheckpoint(folder, selectedCheckpoint(stage));
  try {
    const weights = await readNetworkWeights(checkpoint.tensors, definePrediction(networkOf(stage), 1).parameters);
    return { name: checkpoint.name, epoch: checkpoint.info.epoch, sha256: await sha256OfFile(checkpoint.path), weights };
  } finally {
    await checkpoint.tensors.close();
  }
}

/**
 * Evaluates a trained stage once, with the checkpoint that its selection rule chose: on the test split, or on the validation
 * split of a dataset without one. Writes `predictions/`, `metrics.json` and an `evaluation` event for each protocol.
 */
export async function evaluateRun(job: { experiment: Experiment; stage: Stage; dataset: Dataset; engine: Engine; writer: RunWriter }): Promise<void> {
  const { experiment, stage, dataset, engine, writer } = job;
  const split: Split = dataset.splits.test.length > 0 ? 'test' : 'validation';
  const samples = dataset.splits[split];
  if (samples.length === 0) return;
  const selected = await loadSelected(writer.folder, stage);
  await using predictor = await Predictor.create(engine, networkOf(stage), stage.training.batchSize, Math.ceil(samples.length / stage.training.batchSize));
  await predictor.load(selected.weights);
  const { evaluations, skipped } = await evaluateForReport(predictor, samples, experiment.evaluation.protocols, {
    save: async ({ sample, form, map }) => {
      await writer.writePrediction(form, sample.id, await encodePng(map));
    },
  });
  for (const { id, reason } of skipped) writer.append({ type: 'log', level: 'warning', reason: 'unreadable-image', message: `${id}: ${reason}` });
  const entries = evaluations.map((evaluation): MetricsEntry => ({
    protocol: evaluation.protocol,
    split,
    checkpoint: selected.name,
    sha256: selected.sha256,
    epoch: selected.epoch,
    images: evaluation.images,
    metrics: figuresOf(evaluation),
    curves: Object.fromEntries(Object.entries(evaluation.curves).map(([name, values]) => [name, Array.from(values as Float64Array)])),
  }));
  writer.writeMetrics(entries);
  // Where no images were held out, lists have no other figure to show.
  const [first] = entries;
  if (writer.state.best === undefined && first !== undefined) writer.progress({ best: { metric: 'maxF', value: first.metrics['maxF']!, epoch: first.epoch, checkpoint: first.checkpoint } });
  for (const { protocol, images, metrics } of entries) {
    writer.append({ type: 'evaluation', epoch: selected.epoch, step: writer.state.step, split, protocol, checkpoint: selected.name, images, metrics, best: false });
  }
}
