/** The supervised loss of saliency models, L_SOD (SCRKD, Eq. 2; official code). */
import { abs, add, addN, div, exp, log1p, mean, mul, neg, relu, sigmoid, sub, sum, type Scalar, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';
import { gridOf, resizeBilinear } from '../nn/resize.ts';

/** Keeps the IoU of an empty mask defined. */
const SMOOTHING = 1;

/** Σ over [H,W,1] of each image, [B]. */
const perImage = (map: Tensor4D): Tensor1D => sum(map, [1, 2, 3]);

/** Mean binary cross-entropy of logits, in the form that does not overflow. */
export function binaryCrossEntropy(logits: Tensor4D, mask: Tensor4D): Scalar {
  const linear = sub(relu(logits), mul(logits, mask));
  return mean(add(linear, log1p(exp(neg(abs(logits))))));
}

/** 1 − (I + 1)/(U − I + 1) per image with I = Σ p·m, U = Σ (p + m), then the mean over images. */
export function softIntersectionOverUnion(logits: Tensor4D, mask: Tensor4D): Scalar {
  const probability = sigmoid(logits);
  const intersection = perImage(mul(probability, mask));
  const total = perImage(add(probability, mask));
  const overlap = div(add(intersection, SMOOTHING), add(sub(total, intersection), SMOOTHING));
  return mean(sub(1, overlap));
}

/** Keeps a quotient by a sum of probabilities defined. */
const TINY = 1e-8;

/** 1 − I/(U − I) without smoothing (ISAANet, SOLNet), I = Σ p·m, U = Σ (p + m), then the mean over images. */
export function unsmoothedIntersectionOverUnion(logits: Tensor4D, mask: Tensor4D): Scalar {
  const probability = sigmoid(logits);
  const intersection = perImage(mul(probability, mask));
  const union = sub<Tensor1D>(perImage(add(probability, mask)), intersection);
  return mean(sub(1, div(intersection, add(union, TINY))));
}

/** β² of the F-measure, as in the metrics. */
const BETA_SQUARED = 0.3;

/** 1 − F with soft precision and recall: F = 1.3·I/(Σp + 0.3·Σm), the mean over images (SOLNet). */
export function fMeasureLoss(logits: Tensor4D, mask: Tensor4D): Scalar {
  const probability = sigmoid(logits);
  const weighted = add<Tensor1D>(perImage(probability), mul(perImage(mask), BETA_SQUARED));
  return mean(sub(1, div(mul(perImage(mul(probability, mask)), 1 + BETA_SQUARED), add(weighted, TINY))));
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
