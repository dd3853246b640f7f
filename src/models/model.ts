/** What a saliency model is: named parameters, decoder features of several stages, and heads that turn features into logits. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ModelName } from '../config/catalog/models.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { Grid } from '../nn/resize.ts';

/** A decoder feature: [B, ⌈H/stride⌉, ⌈W/stride⌉, channels]. */
export interface FeatureSpec {
  readonly name: string;
  readonly stride: number;
  readonly channels: number;
}

/** A saliency head: reads one stage, has its weight in the supervised loss. */
export interface HeadSpec {
  readonly name: string;
  /** Index into `features`, 0 the finest. */
  readonly stage: number;
  /** Weight of its loss in L_SOD (official code; the paper's differ, see the options of SCRKD). */
  readonly lossWeight: number;
}

export interface DecoderOutput {
  /** Decoder features F¹ … Fⁿ, finest first. */
  readonly features: readonly Tensor4D[];
  /** What the encoder hands on, by the names of the original. */
  readonly taps: Readonly<Record<string, Tensor4D>>;
}

/**
 * A model with its options, in two halves. A distillation method may put layers between decoder features and heads; the decoder's own
 * top-down path never sees them (SCRKD, Sec. III-B).
 */
export interface Model {
  readonly name: ModelName;
  /** In state-dict order. The input size matters to models with learned positions only. */
  parameters(height: number, width: number): readonly ParameterSpec[];
  /** Finest first. */
  readonly features: readonly FeatureSpec[];
  readonly heads: readonly HeadSpec[];
  /** Whether an input of this size in pixels leaves every stage at least one position. */
  validSize(height: number, width: number): boolean;
  /** @param image [B,H,W,3], normalised. */
  decoderFeatures(layers: Layers, image: Tensor4D): DecoderOutput;
  /**
   * @param features one map a stage, finest first: the decoder's, or what a method made of them.
   * @returns one logit map [B,h,w,1] a head, at its stage's size.
   */
  logits(layers: Layers, features: readonly Tensor4D[]): readonly Tensor4D[];
}

/** The grid of a feature for an input of this size: every halving rounds up. */
export function featureGrid(feature: FeatureSpec, height: number, width: number): Grid {
  return [Math.ceil(height / feature.stride), Math.ceil(width / feature.stride)];
}

/** A channel count times the width factor: the nearest multiple of 8, at least 8. */
export function scaledChannels(channels: number, width: number): number {
  return Math.max(8, Math.round((channels * width) / 8) * 8);
}
