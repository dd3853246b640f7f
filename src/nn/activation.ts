import { add, mul, relu, step, sub, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';

/** What follows a batch norm. The slope of a PReLU is one shared number [1]. */
export type Activation =
  | { readonly kind: 'none' }
  | { readonly kind: 'relu' }
  | { readonly kind: 'prelu'; readonly slope: Tensor }
  /** ReLU of the sum with a residual branch. */
  | { readonly kind: 'residual'; readonly residual: Tensor4D };

/** The derivative of a PReLU: 1 above zero, else the slope. Multiplied with x it is the PReLU itself. */
export function preluFactor(x: Tensor4D, slope: Tensor): Tensor4D {
  return add(mul(step(x), sub(1, slope)), slope);
}

/** Applies an activation in the plain operations of tfjs, where no gradient or tfjs's own is wanted. */
export function activate(x: Tensor4D, activation: Activation): Tensor4D {
  switch (activation.kind) {
    case 'none':
      return x;
    case 'relu':
      return relu(x);
    case 'prelu':
      return mul(x, preluFactor(x, activation.slope));
    case 'residual':
      return relu(add(x, activation.residual));
  }
}
