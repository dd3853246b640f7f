/** Squared error of two maps over a pyramid of pooled sizes (SCRKD, Eq. 12; official code). */
import { addN, div, mean, mul, square, sub, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import { adaptiveAveragePool } from '../../nn/resize.ts';
import type { MsfdRule } from './rule.ts';

const LEVELS = [16, 8, 4, 2, 1];

function meanSquare(x: Tensor4D): Scalar {
  return mean(square(x));
}

/**
 * Both maps [B,H,W,C]. Pooling is linear, so the error is pooled once instead of both maps.
 * `halving`: the maps themselves, then the levels below the height, weighted ½, ¼, … in the order of the levels used, divided
 * by the sum of weights. `uniform`: the sum over all five levels.
 */
export function pyramidError(student: Tensor4D, teacher: Tensor4D, pyramid: MsfdRule['pyramid']): Scalar {
  const error = sub<Tensor4D>(student, teacher);
  const atLevel = (level: number): Scalar => meanSquare(adaptiveAveragePool(error, [level, level]));
  switch (pyramid) {
    case 'uniform':
      return addN(LEVELS.map(atLevel));
    case 'halving': {
      const levels = LEVELS.filter((level) => level < error.shape[1]);
      const weights = levels.map((_, index) => 0.5 ** (index + 1));
      const terms = levels.map((level, index) => mul<Scalar>(atLevel(level), weights[index]!));
      return div(addN([meanSquare(error), ...terms]), weights.reduce((total, weight) => total + weight, 1));
    }
  }
}
