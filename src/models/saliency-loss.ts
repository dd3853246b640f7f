/** The supervised loss of saliency models, L_SOD (SCRKD, Eq. 2; official code). */
import { abs, add, addN, div, exp, log1p, mean, mul, neg, relu, sigmoid, sub, sum, type Scalar, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';
import { gridOf, resizeBilinear } from '../nn/resize.ts';

/** Keeps the IoU of an empty mask defined. */
const SMOOTHING = 1;

/** Mean binary cross-entropy of logits, in the form that does not overflow. */
export function binaryCrossEntropy(logits: Tensor4D, mask: Tensor4D): Scalar {
  const linear = sub(relu(logits), mul(logits, mask));
  return mean(add(linear, log1p(exp(neg(abs(logits))))));
}

/** 1 − (I + 1)/(U − I + 1) per image with I = Σ p·m, U = Σ (p + m), then the mean over images. */
export function softIntersectionOverUnion(logits: Tensor4D, mask: Tensor4D): Scalar {
  const probability = sigmoid(logits);
  const intersection: Tensor1D = sum(mul(probability, mask), [1, 2, 3]);
  const total: Tensor1D = sum(add(probability, mask), [1, 2, 3]);
  const overlap = div(add(intersection, SMOOTHING), add(sub(total, intersection), SMOOTHING));
  return mean(sub(1, overlap));
}

/**
 * Σ wᵢ·(BCE + IoU) over the heads' logits, resized to the mask.
 * @param logits [B,h,w,1] each, any sizes.
 * @param mask [B,H,W,1] in [0,1]; soft, as resized masks are.
 */
export function saliencyLoss(logits: readonly Tensor4D[], mask: Tensor4D, headWeights: readonly number[]): Scalar {
  const losses = logits.map((map, head) => {
    const resized = resizeBilinear(map, gridOf(mask));
    return mul<Scalar>(add(binaryCrossEntropy(resized, mask), softIntersectionOverUnion(resized, mask)), headWeights[head]!);
  });
  return addN(losses);
}
