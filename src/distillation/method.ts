/** What a distillation method is: layers that it adds to a student, and loss terms over what student and teacher computed. */
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { MethodName } from '../config/catalog/methods.ts';
import type { Transfer } from '../config/description.ts';
import type { AdapterSchemes, FeatureSpec, HeadSpec } from '../models/model.ts';
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
  /** How a method's layers are drawn; default: as in PSPNet. */
  readonly adapterSchemes?: AdapterSchemes;
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
export interface TeacherObservation extends Pick<Observation, 'features' | 'logits' | 'inputGrid'> {
  /** What a method's `condense` made of the features, by name; they themselves are then no longer there. */
  readonly extracts?: Readonly<Record<string, Tensor>>;
}

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
  /** The image that the teacher sees, [B,H,W,3], normalised. */
  readonly teacherImage: Tensor4D;
  /** The mask at the student's size, [B,h,w,1] in [0,1]. */
  readonly mask: Tensor4D;
  readonly studentShape: NetworkShape;
  readonly teacherShape: NetworkShape;
  /** [] */
  readonly temperature: Scalar;
}

/** What an extra step sees; nothing of it passes a gradient on. */
export interface ExtraStepInputs {
  /** The extra network's layers. */
  readonly layers: Layers;
  readonly student: Pick<Observation, 'logits' | 'inputGrid'>;
  readonly teacher: TeacherObservation;
  readonly studentShape: NetworkShape;
  readonly teacherShape: NetworkShape;
  /** Uniform in [0,1), by the names of `noise`. */
  readonly noise: Readonly<Record<string, Tensor>>;
  /** The weight of one of the method's terms, []. */
  readonly weightOf: (term: string) => Scalar;
}

/**
 * A network that learns beside the student, in the same step and with an optimizer state of its own, such as a discriminator. The
 * method's loss may run it on the student; its weights are constants there.
 */
export interface ExtraStep {
  /** Names differ from the student's. */
  readonly parameters: readonly ParameterSpec[];
  /** Shapes of the random values of a step, by name. */
  noise(batchSize: number): Readonly<Record<string, readonly number[]>>;
  /** Names of the values it reports; they are no part of the student's objective. */
  readonly terms: readonly string[];
  /** What its parameters minimise, [], the reported values, and its next statistics by their names. */
  loss(inputs: ExtraStepInputs): { readonly total: Scalar; readonly terms: Readonly<Record<string, Scalar>>; readonly statistics: Readonly<Record<string, Tensor>> };
}

/** A method with its options. */
export interface Method {
  readonly name: MethodName;
  /** The parents a stage needs. */
  readonly roles: readonly 'teacher'[];
  /** Names of the loss terms; each has a weight. */
  readonly terms: readonly string[];
  /** Names of the adapter's operands, in the order in which panels show them. */
  readonly operands: readonly string[];
  /** Whether the teacher runs with running statistics, or with the batch's and updates them. */
  readonly teacherStatistics: 'running' | 'batch';
  /**
   * The student's added parameters in state-dict order; those of losses alone are `trainingOnly`.
   * @param teacher absent for a network that is not being trained, which has no need of what depends on it.
   */
  parameters(student: NetworkShape, teacher?: NetworkShape): readonly ParameterSpec[];
  /** Says why the pair cannot be distilled, or nothing. */
  mismatch(student: NetworkShape, teacher: NetworkShape): string | undefined;
  /** Which features the terms compare and on which grid, for panels: at least one of every term. */
  transfers(student: NetworkShape, teacher: NetworkShape): readonly Transfer[];
  /** Layers between decoder features and heads; absent: the student's network stays as it is. */
  adapt?(layers: Layers, features: readonly Tensor4D[]): AdaptedFeatures;
  /**
   * What of the teacher's pass the loss reads, in place of whole features: the loss gets only this. Every tensor is [B,…] and an image's
   * part of it depends on that image alone, so that it can be computed once and kept. Absent: the loss reads whole features.
   */
  condense?(teacher: TeacherObservation, student: NetworkShape, teacherShape: NetworkShape): TeacherObservation;
  /** Weights of the heads in L_SOD. */
  headWeights(student: NetworkShape): readonly number[];
  /** The raw, unweighted terms, each [] under its name. */
  loss(inputs: DistillationInputs): Readonly<Record<string, Scalar>>;
  /** Networks that learn beside the student. */
  readonly extraSteps?: readonly ExtraStep[];
}
