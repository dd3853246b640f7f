import { add, erf, exp, mul, neg, prelu, relu, relu6, square, step, sub, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.ts';

/** What follows a batch norm. The slope of a PReLU is one shared number [1]. */
export type Activation =
  | { readonly kind: 'none' }
  | { readonly kind: 'relu' }
  | { readonly kind: 'prelu'; readonly slope: Tensor }
  /** ReLU of the sum with a residual branch. */
  | { readonly kind: 'residual'; readonly residual: Tensor4D };

/** The derivative of a PReLU: 1 above zero, else the slope. */
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
      return prelu<Tensor>(x, activation.slope) as Tensor4D;
    case 'residual':
      return relu(add(x, activation.residual));
  }
}

/** x·Φ(x) with the normal distribution's Φ (Hendrycks and Gimpel, 2016), in the exact form: Φ(x) = (1 + erf(x/√2))/2. */
export function gelu(x: Tensor4D): Tensor4D {
  return withGradient<Tensor4D>(
    [x],
    ([input]) => {
      const share = mul(add(erf(mul(input!, Math.SQRT1_2)), 1), 0.5);
      return { value: mul(input!, share), saved: [input!, share] };
    },
    (dy, [input, share]) => {
      const density = mul(exp(mul(neg(square(input!)), 0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [mul(dy, add(share!, mul(input!, density)))];
    },
  );
}

/** relu6(x + 3)/6 (MobileNetV3). */
export function hardSigmoid(x: Tensor4D): Tensor4D {
  return mul(relu6(add(x, 3)), 1 / 6);
}

/** x·hardSigmoid(x). */
export function hardSwish(x: Tensor4D): Tensor4D {
  return mul(x, hardSigmoid(x));
}
