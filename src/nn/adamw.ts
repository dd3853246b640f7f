/** AdamW with decoupled weight decay, equal to torch.optim.AdamW (Loshchilov and Hutter, 2019). */
import { add, concat, div, mul, reshape, split, sqrt, square, sub, tidy, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { elementCount } from './parameters.ts';

export interface AdamwConstants {
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Scalars [] that change from step to step; n counts steps from 1. */
export interface AdamwScalars {
  readonly learningRate: Scalar;
  /** 1 − β1ⁿ */
  readonly biasCorrection1: Scalar;
  /** 1 − β2ⁿ */
  readonly biasCorrection2: Scalar;
}

export interface AdamwState {
  readonly parameter: Tensor;
  readonly moment1: Tensor;
  readonly moment2: Tensor;
}

export interface Adamw {
  update(state: AdamwState, gradient: Tensor): AdamwState;
  /** A parameter whose gradient is exactly zero: weight decay alone. */
  decay(parameter: Tensor): Tensor;
}

/**
 * θ ← (1 − ηλ)·θ − η·(m/c₁) / (√(v/c₂) + ε), rearranged to θ ← (1 − ηλ)·θ − (η√c₂/c₁)·m / (√v + ε√c₂)
 * so that the corrections cost scalars instead of passes over the tensors.
 */
export function adamw({ weightDecay, beta1, beta2, epsilon }: AdamwConstants, { learningRate, biasCorrection1, biasCorrection2 }: AdamwScalars): Adamw {
  const rootCorrection = sqrt(biasCorrection2);
  const stepSize = div(mul(learningRate, rootCorrection), biasCorrection1);
  const smallest = mul(rootCorrection, epsilon);
  const shrink = sub(1, mul(learningRate, weightDecay));
  return {
    update: ({ parameter, moment1, moment2 }, gradient) => {
      const nextMoment1 = add(mul(moment1, beta1), mul(gradient, 1 - beta1));
      const nextMoment2 = add(mul(moment2, beta2), mul(square(gradient), 1 - beta2));
      const change = div(mul(nextMoment1, stepSize), add(sqrt(nextMoment2), smallest));
      return { parameter: sub(mul(parameter, shrink), change), moment1: nextMoment1, moment2: nextMoment2 };
    },
    decay: (parameter) => mul(parameter, shrink),
  };
}

/** Tensors of up to so many elements are updated together: of a ResNet's tensors two thirds are vectors of a batch norm. */
const SMALL = 1 << 14;

/** Which parameters are updated together: the small ones all at once and last, each of the others as soon as its gradient exists. */
export function optimiserGroups(parameters: readonly { readonly name: string; readonly size: number }[]): string[][] {
  const large = parameters.filter(({ size }) => size > SMALL).map(({ name }) => [name]);
  const small = parameters.filter(({ size }) => size <= SMALL).map(({ name }) => name);
  return small.length === 0 ? large : [...large, small];
}

/**
 * `adamw.update` of several parameters as one flat one. Element by element it is the same arithmetic, so that the numbers do not
 * depend on the grouping; what it saves is a dozen operations a parameter.
 */
export function updateTogether(optimiser: Adamw, states: readonly AdamwState[], gradients: readonly Tensor[]): AdamwState[] {
  const shapes = states.map(({ parameter }) => parameter.shape);
  const sizes = shapes.map(elementCount);
  const flat = (tensors: readonly Tensor[]): Tensor1D => {
    const vectors = tensors.map((tensor) => reshape<Tensor1D['rankType']>(tensor, [tensor.size]));
    return vectors.length === 1 ? vectors[0]! : concat(vectors, 0);
  };
  const parts = (vector: Tensor): Tensor[] => (sizes.length === 1 ? [vector] : split(vector, sizes)).map((part, index) => reshape(part, shapes[index]!));
  const updated = tidy(() => {
    const pick = (key: keyof AdamwState): Tensor => flat(states.map((state) => state[key]));
    const next = optimiser.update({ parameter: pick('parameter'), moment1: pick('moment1'), moment2: pick('moment2') }, flat(gradients));
    return [...parts(next.parameter), ...parts(next.moment1), ...parts(next.moment2)];
  });
  const count = states.length;
  return states.map((_, index) => ({ parameter: updated[index]!, moment1: updated[count + index]!, moment2: updated[2 * count + index]! }));
}
