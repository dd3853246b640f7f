import type { CaptureConfig, Experiment } from '../config/experiment.ts';
import { loadForEvaluation } from '../data/evaluation.ts';
import type { Sample } from '../dataset/dataset.ts';
import type { Engine, HostTensor, Program } from '../engine/engine.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { createNetwork } from '../distillation/network.ts';
import { networkOf } from './network.ts';
import type { CaptureView } from '../runs/captures.ts';
import type { Weights } from './predictor.ts';
import { inputName } from './step-inputs.ts';
import { defineCapture, type CaptureGrids, type NetworkDefinition } from './step.ts';

/**
 * The samples that every run of a launch captures: the named ones, or `count` evenly spread over the test split (the
 * validation split where a test split is empty).
 */
export function captureSamples(config: CaptureConfig, splits: Readonly<Record<'train' | 'validation' | 'test', readonly Sample[]>>): readonly Sample[] {
  const { samples } = config;
  if ('ids' in samples) {
    const all = new Map([...splits.train, ...splits.validation, ...splits.test].map((sample) => [sample.id, sample]));
    return samples.ids.flatMap((id) => all.get(id) ?? []);
  }
  const pool = splits.test.length > 0 ? splits.test : splits.validation;
  const count = Math.min(samples.count, pool.length);
  return Array.from({ length: count }, (_, i) => pool[Math.floor((i * pool.length) / count)]!);
}

/** The grid at which all runs of an experiment take correlations: that of its smallest network, so that matrices can be compared. */
export function captureGrids(experiment: Experiment): CaptureGrids {
  const smallest = experiment.stages.map(networkOf).reduce((least, network) => (network.height * network.width < least.height * least.width ? network : least));
  return createNetwork(smallest).shape.grids;
}

/** One sample's capture: `stage{k}/corr_c/F`, …, `head{i}/logit`, `saliency` (see `defineCapture`), without the batch axis. */
export interface CapturedSample {
  readonly sample: string;
  readonly views: CaptureView[];
}

/** A few samples now and then: never worth a long preparation. */
const fewRuns = 1;

/** Looks into a network: what the correlation, feature, logit and saliency panels show of it. */
export class Capturer implements AsyncDisposable {
  private constructor(
    private readonly network: NetworkDefinition,
    private readonly parameters: readonly ParameterSpec[],
    private readonly program: Program,
  ) {}

  static async create(engine: Engine, network: NetworkDefinition, grids: CaptureGrids): Promise<Capturer> {
    const capture = defineCapture(network, 1, grids);
    return new Capturer(network, capture.parameters, await engine.compile(capture.step, capture.inputs(), { expectedRuns: fewRuns }));
  }

  /** What the network with these weights makes of the samples; one that cannot be read is left out. */
  async collect(weights: Weights, samples: readonly Sample[]): Promise<CapturedSample[]> {
    await this.program.writeState(Object.fromEntries(this.parameters.map((spec) => [inputName(spec), weights[spec.name]!])));
    const { height, width } = this.network;
    const captured: CapturedSample[] = [];
    for await (const batch of loadForEvaluation({ samples, size: this.network, batchSize: 1 })) {
      const sample = batch.samples[0];
      if (sample === undefined) continue;
      const outputs = await this.program.run({ image: { shape: [1, height, width, 3], dtype: 'float32', data: batch.images } });
      captured.push({ sample: sample.id, views: Object.entries(outputs).map(([name, tensor]) => viewOf(name, tensor)) });
    }
    return captured;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.dispose();
  }
}

function viewOf(name: string, { shape, data }: HostTensor): CaptureView {
  return { name, shape: shape.slice(1), data: data as Float32Array, symmetric: name.includes('/corr_') };
}
