/** AdamW with decoupled weight decay, equal to torch.optim.AdamW (Loshchilov and Hutter, 2019). */
import { add, div, mul, sqrt, square, sub, type Scalar, type Tensor } from '@tensorflow/tfjs-core';

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
