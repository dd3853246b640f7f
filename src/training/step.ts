/**
 * The steps a run is made of, as pure functions of tensors: one optimisation step, a prediction, a capture.
 * Whoever runs them (an engine) keeps the state and hands in the batch and the scalars.
 */
import type { ModelName, ModelOptions } from '../config/catalog/models.ts';
import type { MethodName } from '../config/catalog/methods.ts';
import type { ScrkdOptions } from '../config/catalog/scrkd.ts';
import type { HostTensor, InputSpec, StepFunction } from '../engine/engine.ts';
import type { ParameterSpec } from '../nn/parameters.ts';

/** A network: a model at an input size, with what a distillation method leaves in it at inference. */
export interface NetworkDefinition {
  readonly model: ModelName;
  readonly options: ModelOptions;
  readonly height: number;
  readonly width: number;
  /** An SCRKD student keeps its disentanglement, gates and fusion (SCRKD, Sec. III-B; counted honestly as inference cost). */
  readonly adapter?: { readonly method: MethodName; readonly options: ScrkdOptions };
}

export interface TrainingStep {
  /** All of the student's parameters in state-dict order: training-only adapters and running statistics included. */
  readonly parameters: readonly ParameterSpec[];
  /** The teacher network's, un-prefixed; empty without a teacher. */
  readonly teacherParameters: readonly ParameterSpec[];
  /** The loss terms, e.g. `sod`, `mvcd`, `msfd`, `dsd`. */
  readonly terms: readonly string[];
  /**
   * Inputs of `step`.
   * - state: `parameter/NAME`; `moment1/NAME`, `moment2/NAME` (of every trainable parameter that has a gradient); `statistic/NAME`;
   *   with `teacherMode: 'official'` also `teacher/NAME` of the teacher's running statistics;
   * - constants: `teacher/NAME` (states, to describe a step without weights, where `teacherWeights` is not given);
   * - feeds: `image` [B,h,w,3], `mask` [B,h,w,1] in [0,1], `teacherImage` [B,H,W,3], and the scalars `learningRate`,
   *   `biasCorrection1` = 1 − β1ⁿ, `biasCorrection2` = 1 − β2ⁿ (n counts steps from 1), `weight/TERM` for every distillation term, `temperature`.
   * Without a method: no teacher, no weights, no temperature.
   */
  inputs(teacherWeights?: Readonly<Record<string, HostTensor>>): Record<string, InputSpec>;
  /** Outputs: the next state under the state's names, `total` [] and the raw, unweighted terms `term/NAME` []. */
  readonly step: StepFunction;
}

export interface InferenceStep {
  readonly parameters: readonly ParameterSpec[];
  /** `statistic/NAME` and `parameter/NAME` (constants where `weights`, by plain names, is given; else states) and the feed `image` [B,h,w,3]. */
  inputs(weights?: Readonly<Record<string, HostTensor>>): Record<string, InputSpec>;
  readonly step: StepFunction;
}

export interface OptimizerConstants {
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Where correlations are taken: [height, width] per stage, finest first. */
export type CaptureGrids = readonly (readonly [number, number])[];

/** One optimisation step of a student, distilled or not. */
export function defineTrainingStep(definition: {
  readonly student: NetworkDefinition;
  readonly teacher?: NetworkDefinition;
  readonly method?: { readonly name: MethodName; readonly options: ScrkdOptions };
  readonly batchSize: number;
  readonly optimizer: OptimizerConstants;
}): TrainingStep {
  void definition;
  throw new Error('not built yet');
}

/** The saliency map of a network with its running statistics: output `saliency` [B,h,w,1] in [0,1], σ of head 1 at the input size. */
export function definePrediction(network: NetworkDefinition, batchSize: number): InferenceStep {
  void [network, batchSize];
  throw new Error('not built yet');
}

/**
 * What the panels show of a network, with its running statistics. Outputs, for stage k = 1 … n (finest first) and
 * X = `F` (decoder feature), for an SCRKD student also `D2` and `D3` (operands of MVCD and MSFD):
 * `stage{k}/corr_c/X` [B,C,C], `stage{k}/corr_h/X` [B,g,g], `stage{k}/corr_w/X` [B,g,g] (cosines in [−1,1], taken after adaptive
 * pooling to the grid), `stage{k}/mean/X` [B,h,w] (mean over channels of |X|, at the stage's own size); `head{i}/logit` [B,h,w,1]
 * at the stage's size; `saliency` [B,H,W,1] in [0,1].
 */
export function defineCapture(network: NetworkDefinition, batchSize: number, grids?: CaptureGrids): InferenceStep {
  void [network, batchSize, grids];
  throw new Error('not built yet');
}
