/** What a stage's network is and costs, from a trace of it: asked of a provider, since the config knows no networks. */
import type { Adapter, Experiment, OptimizerConfig, Resolution, Stage } from './experiment.ts';
import type { ModelChoice } from './catalog/models.ts';

export interface NetworkToDescribe {
  readonly model: ModelChoice;
  readonly resolution: Resolution;
  readonly adapter?: Adapter;
}

export interface StageToDescribe {
  readonly network: NetworkToDescribe;
  /** Absent for a stage that is not trained here. */
  readonly training?: {
    readonly batchSize: number;
    readonly optimizer: OptimizerConfig;
    readonly lesson?: { readonly method: Adapter; readonly teacher: NetworkToDescribe };
  };
}

export interface FeatureSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** One comparison of a loss term: what of the student with what of the teacher, and on which grid. */
export interface Transfer {
  /** The term's name. */
  readonly term: string;
  readonly student: FeatureSize & { readonly name: string };
  readonly teacher: FeatureSize & { readonly name: string };
  readonly comparedOn: FeatureSize;
}

export interface StageDescription {
  /** Elements of all weights of the network as it is deployed. */
  readonly parameters: number;
  /** Multiplications with an addition, of one image at inference. */
  readonly multiplyAccumulates: number;
  /** The decoder's features, finest first. */
  readonly features: readonly FeatureSize[];
  /** Of one training step, teacher included; absent for a stage that is not trained here. */
  readonly step?: {
    readonly multiplyAccumulates: number;
    /** Estimated: weights, moments and intermediate values at their peak. */
    readonly peakBytes: number;
    /** What the method compares; absent for a plain stage and where the method does not say. */
    readonly transfers?: readonly Transfer[];
  };
}

/** What has to be known of a stage to describe it: equal requests have equal answers. */
export function stageToDescribe(experiment: Pick<Experiment, 'stages'>, stage: Stage): StageToDescribe {
  const network = networkOf(stage);
  if (stage.given !== undefined) return { network };
  const { batchSize, optimizer } = stage.training;
  const { distill } = stage;
  const teacher = experiment.stages.find(({ name }) => name === distill?.from);
  const lesson = distill !== undefined && teacher !== undefined ? { method: { method: distill.method, options: distill.options }, teacher: networkOf(teacher) } : undefined;
  return { network, training: { batchSize, optimizer, ...(lesson && { lesson }) } };
}

function networkOf({ model, resolution, adapter }: Stage): NetworkToDescribe {
  return { model, resolution, ...(adapter && { adapter }) };
}
