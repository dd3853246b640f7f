/** What a saliency model is: named parameters, decoder features of several stages, and heads that turn features into logits. */
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { scaledChannels } from '../config/catalog/model.ts';
import type { ModelName } from '../config/catalog/models.ts';
import type { ConvolutionScheme } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { Grid } from '../nn/resize.ts';

/** A decoder feature: [B, ⌈H/stride⌉, ⌈W/stride⌉, channels]. */
export interface FeatureSpec {
  readonly name: string;
  readonly stride: number;
  readonly channels: number;
  /** The decoder grows from a grid of the image's side divided by this and rounded up; default: the stride. */
  readonly alignment?: number;
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
  /** What the encoder hands on and other values worth looking at, by the names of the original. */
  readonly taps: Readonly<Record<string, Tensor4D>>;
  /** Logits that the decoder makes on its way and goes on from; they follow those of `logits`. */
  readonly logits?: readonly Tensor4D[];
}

/**
 * Noise of a model in training (stochastic depth, dropout; see `Layers.drop`): an input of the step, uniform in [0,1), a number for an
 * image ([B]) or for each channel of an image ([B, channels]).
 */
export interface NoiseSpec {
  readonly name: string;
  readonly rate: number;
  readonly channels?: number;
}

/** The part of a network that starts from weights of image classification. */
export interface EncoderSpec {
  /** What the network puts before the encoder's own names. */
  readonly prefix: string;
  /** Whether a parameter of the network belongs to the encoder. */
  readonly owns: (parameter: string) => boolean;
  /** How the names begin of what a file of image classification has besides. */
  readonly classifier: readonly string[];
}

/** How layers that a method puts into the network are drawn: as the official code draws them in this one. */
export interface AdapterSchemes {
  /** The three branches of SCRKD's disentanglement. */
  readonly branches: ConvolutionScheme;
  readonly others: ConvolutionScheme;
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
  readonly noise: readonly NoiseSpec[];
  readonly encoder: EncoderSpec;
  readonly adapterSchemes: AdapterSchemes;
  /** A supervised loss of its own over the logits [B,h,w,1] of all heads and the mask [B,H,W,1]; without it L_SOD. */
  readonly supervisedLoss?: (logits: readonly Tensor4D[], mask: Tensor4D) => Scalar;
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
export function featureGrid({ stride, alignment = stride }: FeatureSpec, height: number, width: number): Grid {
  const side = (pixels: number): number => (Math.ceil(pixels / alignment) * alignment) / stride;
  return [side(height), side(width)];
}

/** What is known of a file's tensors before they are read. */
export type TensorShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/**
 * The roundest width factor that makes these channels out of a model's own; several factors round to the same channels, and one is as
 * good as any.
 * @param found channels of the model at width 1, and what a file has in their place
 */
export function widthOf(found: readonly (readonly [channels: number, inFile: number | undefined])[]): number | undefined {
  const known = found.filter((pair): pair is [number, number] => pair[1] !== undefined);
  const [first] = known;
  if (first === undefined) return undefined;
  const steps = [1 / 8, 1 / 10, 1 / 16, 1 / 20, 1 / 32, 1 / 100];
  return steps
    .flatMap((step) => {
      const nearest = Math.round(first[1] / first[0] / step);
      return [nearest, nearest - 1, nearest + 1, nearest - 2, nearest + 2].map((count) => Number((count * step).toFixed(5)));
    })
    .find((width) => width > 0 && width <= 2 && known.every(([channels, inFile]) => scaledChannels(channels, width) === inFile));
}

export interface ModelUse {
  /** Whether a method's adapter sits between decoder features and heads. */
  readonly isAdapted: boolean;
}

/** Whole sides of at least so many pixels. */
export function sidesFrom(minimum: number): Model['validSize'] {
  return (height, width) => Number.isInteger(height) && Number.isInteger(width) && Math.min(height, width) >= minimum;
}

/** Encoders whose parameters all lie under one prefix. */
export function encoderUnder(prefix: string, classifier: readonly string[]): EncoderSpec {
  return { prefix, owns: (parameter) => parameter.startsWith(prefix), classifier };
}
