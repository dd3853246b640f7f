/** What a distillation method is: layers that it adds to a student, and loss terms over what student and teacher computed. */
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { MethodName, TermName } from '../config/catalog/methods.ts';
import type { FeatureSpec, HeadSpec } from '../models/model.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { Grid } from '../nn/resize.ts';

/** The outside of a network, as a method sees it before anything runs. */
export interface NetworkShape {
  readonly height: number;
  readonly width: number;
  /** Finest first. */
  readonly features: readonly FeatureSpec[];
  readonly grids: readonly Grid[];
  readonly heads: readonly HeadSpec[];
  /** Whether a method's adapter sits between decoder features and heads. */
  readonly isAdapted: boolean;
}

/** What one forward pass of a network shows. Lists run over stages or heads, finest first. */
export interface Observation {
  /** Decoder features Fᵏ [B,h,w,C], before any adapter. */
  readonly features: readonly Tensor4D[];
  /** The encoder's maps by their names in the original. */
  readonly taps: Readonly<Record<string, Tensor4D>>;
  /** What a method's adapter made for its own losses, e.g. `D2` and `D3`; absent without an adapter. */
  readonly operands?: Readonly<Record<string, readonly Tensor4D[]>>;
  /** One logit map [B,h,w,1] a head at its stage's size. */
  readonly logits: readonly Tensor4D[];
  /** The size of the image. */
  readonly inputGrid: Grid;
}

/** What a student is taught from. */
export type TeacherObservation = Pick<Observation, 'features' | 'logits' | 'inputGrid'>;

/** Decoder features as the heads get them, and the operands of the method's losses. */
export interface AdaptedFeatures {
  readonly forHeads: readonly Tensor4D[];
  readonly operands: Readonly<Record<string, readonly Tensor4D[]>>;
}

export interface DistillationInputs {
  /** The student's layers, for adapters that only the loss uses. */
  readonly layers: Layers;
  readonly student: Observation;
  /** Without gradients. */
  readonly teacher: TeacherObservation;
  readonly studentShape: NetworkShape;
  readonly teacherShape: NetworkShape;
  /** [] */
  readonly temperature: Scalar;
}

/** A method with its options. */
export interface Method {
  readonly name: MethodName;
  /** The parents a stage needs. */
  readonly roles: readonly 'teacher'[];
  /** Names of the loss terms; each has a weight. */
  readonly terms: readonly TermName[];
  /** Names of the adapter's operands, in the order in which panels show them. */
  readonly operands: readonly string[];
  /** Whether the teacher runs with running statistics, or with the batch's and updates them. */
  readonly teacherStatistics: 'running' | 'batch';
  /** The student's added parameters in state-dict order; those of losses alone are `trainingOnly`. */
  parameters(student: NetworkShape): readonly ParameterSpec[];
  /** Says why the pair cannot be distilled, or nothing. */
  mismatch(student: NetworkShape, teacher: NetworkShape): string | undefined;
  /** Layers between decoder features and heads. */
  adapt(layers: Layers, features: readonly Tensor4D[]): AdaptedFeatures;
  /** Weights of the heads in L_SOD. */
  headWeights(student: NetworkShape): readonly number[];
  /** The raw, unweighted terms, each [] under its name. */
  loss(inputs: DistillationInputs): Readonly<Record<TermName, Scalar>>;
}
