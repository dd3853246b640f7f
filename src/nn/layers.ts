/**
 * The layers of a network bound to its weights. A model is written against `Layers`; whether batch norm uses the batch's
 * statistics or the running ones is decided by who binds them.
 */
import { add, mul, reshape, rsqrt, sub, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import { activate, type Activation } from './activation.ts';
import { batchNormTraining, EPSILON, nextRunningStatistics } from './batch-norm.ts';
import type { CarriedTensors } from './carried.ts';
import { convolve, type ConvolutionInput } from './convolution.ts';
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

export interface UnitOptions {
  readonly stride?: number;
  readonly activation?: NamedActivation;
}

export interface Layers {
  /** @throws {NetworkError} `missing-parameter` */
  weight(name: string): Tensor;
  /** Convolution with its bias where it has one: [B,H,W,C] → [B,h,w,out]. */
  convolution(input: Tensor4D, name: string): Tensor4D;
  /** Convolution, batch norm, activation (default: none). */
  unit(input: Tensor4D | ConvolutionInput, names: UnitNames, options?: UnitOptions): Tensor4D;
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

function biasedConvolution(weights: Weights, input: Tensor4D, name: string): Tensor4D {
  const map = convolve({ kind: 'map', map: input }, weightOf(weights, `${name}.weight`));
  const bias = weights[`${name}.bias`];
  return bias === undefined ? map : add(map, bias);
}

/**
 * Layers with batch statistics. A convolution's bias in front of a batch norm is not added (see `cancelledByNorm`).
 * @param statistics gets the next running statistics under their parameters' names.
 */
export function trainingLayers(weights: Weights, statistics: CarriedTensors): Layers {
  const running = (name: string): Tensor => statistics.get(name) ?? weightOf(weights, name);
  return {
    weight: (name) => weightOf(weights, name),
    convolution: (input, name) => biasedConvolution(weights, input, name),
    unit: (input, { convolution, norm }, { stride, activation } = {}) => {
      const map = convolve(asInput(input), weightOf(weights, `${convolution}.weight`), stride);
      return batchNormTraining(map, weightOf(weights, `${norm}.weight`), weightOf(weights, `${norm}.bias`), bind(activation, weights), (batch) => {
        const meanName = `${norm}.running_mean`;
        const varianceName = `${norm}.running_var`;
        const next = nextRunningStatistics({ mean: running(meanName), variance: running(varianceName) }, batch, weights[`${convolution}.bias`]);
        statistics.put(meanName, next.mean);
        statistics.put(varianceName, next.variance);
      });
    },
  };
}

/** Layers with running statistics: each batch norm is folded into the convolution before it. */
export function inferenceLayers(weights: Weights): Layers {
  return {
    weight: (name) => weightOf(weights, name),
    convolution: (input, name) => biasedConvolution(weights, input, name),
    unit: (input, { convolution, norm }, { stride, activation } = {}) => {
      const scale = mul(weightOf(weights, `${norm}.weight`), rsqrt(add(weightOf(weights, `${norm}.running_var`), EPSILON)));
      const runningMean = weightOf(weights, `${norm}.running_mean`);
      const bias = weights[`${convolution}.bias`];
      const shift = sub(weightOf(weights, `${norm}.bias`), mul(bias === undefined ? runningMean : sub(runningMean, bias), scale));
      const weight = weightOf(weights, `${convolution}.weight`);
      const folded = mul(weight, reshape(scale, [scale.size, 1, 1, 1]));
      return activate(add(convolve(asInput(input), folded, stride), shift), bind(activation, weights));
    },
  };
}
