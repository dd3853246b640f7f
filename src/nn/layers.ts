/**
 * The layers of a network bound to its weights. A model is written against `Layers`; whether batch norm uses the batch's
 * statistics or the running ones is decided by who binds them.
 */
import { add, mul, reshape, rsqrt, step, sub, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import { activate, type Activation } from './activation.ts';
import { batchNormTraining, EPSILON, nextRunningStatistics } from './batch-norm.ts';
import type { CarriedTensors } from './carried.ts';
import { convolve, type ConvolutionGeometry, type ConvolutionInput } from './convolution.ts';
import { NetworkError } from './errors.ts';

export type Weights = Readonly<Record<string, Tensor>>;

/** An activation as a model names it: the slope of a PReLU by its parameter's name. */
export type NamedActivation =
  | { readonly kind: 'none' }
  | { readonly kind: 'relu' }
  | { readonly kind: 'prelu'; readonly name: string }
  | { readonly kind: 'residual'; readonly residual: Tensor4D };

export interface UnitNames {
  readonly convolution: string;
  readonly norm: string;
}

export interface UnitOptions extends ConvolutionGeometry {
  readonly activation?: NamedActivation;
}

export interface Layers {
  /** @throws {NetworkError} `missing-parameter` */
  weight(name: string): Tensor;
  /** Convolution with its bias where it has one: [B,H,W,C] → [B,h,w,out]. A linear layer is one of a single pixel. */
  convolution(input: Tensor4D, name: string, geometry?: ConvolutionGeometry): Tensor4D;
  /** Convolution, batch norm, activation (default: none). */
  unit(input: Tensor4D | ConvolutionInput, names: UnitNames, options?: UnitOptions): Tensor4D;
  /** A batch norm that no convolution goes straight into, and its activation (default: none). */
  norm(input: Tensor4D, name: string, activation?: NamedActivation): Tensor4D;
  /**
   * Stochastic depth and dropout: where the step's noise of that name ([B], or [B,C] for whole channels; uniform in [0,1)) is below
   * `rate` zero, else the map times 1/(1 − rate). Without training the map itself.
   */
  drop(input: Tensor4D, name: string, rate: number): Tensor4D;
}

function weightOf(weights: Weights, name: string): Tensor {
  const weight = weights[name];
  if (weight === undefined) throw new NetworkError(l10n.t('The network has no parameter "{0}".', name));
  return weight;
}

function asInput(input: Tensor4D | ConvolutionInput): ConvolutionInput {
  return 'kind' in input ? input : { kind: 'map', map: input };
}

function bind(activation: NamedActivation | undefined, weights: Weights): Activation {
  if (activation === undefined) return { kind: 'none' };
  return activation.kind === 'prelu' ? { kind: 'prelu', slope: weightOf(weights, activation.name) } : activation;
}

function biasedConvolution(weights: Weights, input: Tensor4D, name: string, geometry?: ConvolutionGeometry): Tensor4D {
  const map = convolve({ kind: 'map', map: input }, weightOf(weights, `${name}.weight`), geometry);
  const bias = weights[`${name}.bias`];
  return bias === undefined ? map : add(map, bias);
}

/**
 * Layers with batch statistics. A convolution's bias in front of a batch norm is not added (see `cancelledByNorm`).
 * @param statistics gets the next running statistics under their parameters' names.
 * @param noise of `drop`, by name.
 */
export function trainingLayers(weights: Weights, statistics: CarriedTensors, noise: Weights = {}): Layers {
  const running = (name: string): Tensor => statistics.get(name) ?? weightOf(weights, name);
  const normalise = (map: Tensor4D, norm: string, activation: NamedActivation | undefined, bias?: Tensor): Tensor4D =>
    batchNormTraining(map, weightOf(weights, `${norm}.weight`), weightOf(weights, `${norm}.bias`), bind(activation, weights), (batch) => {
      const meanName = `${norm}.running_mean`;
      const varianceName = `${norm}.running_var`;
      const next = nextRunningStatistics({ mean: running(meanName), variance: running(varianceName) }, batch, bias);
      statistics.put(meanName, next.mean);
      statistics.put(varianceName, next.variance);
    });
  return {
    weight: (name) => weightOf(weights, name),
    convolution: (input, name, geometry) => biasedConvolution(weights, input, name, geometry),
    unit: (input, { convolution, norm }, { activation, ...geometry } = {}) => {
      const map = convolve(asInput(input), weightOf(weights, `${convolution}.weight`), geometry);
      return normalise(map, norm, activation, weights[`${convolution}.bias`]);
    },
    norm: (input, name, activation) => normalise(input, name, activation),
    drop: (input, name, rate) => {
      const drawn = weightOf(noise, name);
      const factor = mul(sub(1, step(sub(rate, drawn))), 1 / (1 - rate));
      return mul(input, reshape(factor, [drawn.shape[0], 1, 1, drawn.shape[1] ?? 1]));
    },
  };
}

/** Layers with running statistics: each batch norm is folded into the convolution before it. */
export function inferenceLayers(weights: Weights): Layers {
  /** x·scale + shift is the batch norm of x; both [C]. */
  const affine = (norm: string, bias?: Tensor): { scale: Tensor; shift: Tensor } => {
    const scale = mul(weightOf(weights, `${norm}.weight`), rsqrt(add(weightOf(weights, `${norm}.running_var`), EPSILON)));
    const runningMean = weightOf(weights, `${norm}.running_mean`);
    return { scale, shift: sub(weightOf(weights, `${norm}.bias`), mul(bias === undefined ? runningMean : sub(runningMean, bias), scale)) };
  };
  return {
    weight: (name) => weightOf(weights, name),
    convolution: (input, name, geometry) => biasedConvolution(weights, input, name, geometry),
    unit: (input, { convolution, norm }, { activation, ...geometry } = {}) => {
      const { scale, shift } = affine(norm, weights[`${convolution}.bias`]);
      const folded = mul(weightOf(weights, `${convolution}.weight`), reshape(scale, [scale.size, 1, 1, 1]));
      return activate(add(convolve(asInput(input), folded, geometry), shift), bind(activation, weights));
    },
    norm: (input, name, activation) => {
      const { scale, shift } = affine(name);
      return activate(add(mul(input, scale), shift), bind(activation, weights));
    },
    drop: (input) => input,
  };
}
