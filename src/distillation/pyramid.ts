/** Squared error of two maps over a pyramid of pooled sizes (SCRKD, Eq. 12; official code). */
import { addN, div, mean, mul, square, sub, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import { adaptiveAveragePool } from '../nn/resize.ts';
import type { MsfdRule } from './scrkd/rule.ts';

const LEVELS = [16, 8, 4, 2, 1];

function meanSquare(x: Tensor4D): Scalar {
  return mean(square(x));
}

/**
 * Both maps [B,H,W,C]. Pooling is linear, so the error is pooled once instead of both maps.
 * `halving`: the maps themselves, then the levels below the height, weighted ½, ¼, … in the order of the levels used, divided
 * by the sum of weights. `uniform`: the sum over all levels.
 * @param from the levels, largest first.
 */
export function pyramidError(student: Tensor4D, teacher: Tensor4D, pyramid: MsfdRule['pyramid'], from: readonly number[] = LEVELS): Scalar {
  const error = sub<Tensor4D>(student, teacher);
  const atLevel = (level: number): Scalar => meanSquare(adaptiveAveragePool(error, [level, level]));
  switch (pyramid) {
    case 'uniform':
      return addN(from.map(atLevel));
    case 'halving': {
      const levels = from.filter((level) => level < error.shape[1]);
      const weights = levels.map((_, index) => 0.5 ** (index + 1));
      const terms = levels.map((level, index) => mul<Scalar>(atLevel(level), weights[index]!));
      return div(addN([meanSquare(error), ...terms]), weights.reduce((total, weight) => total + weight, 1));
    }
  }
}

const HCL_LEVELS = [4, 2, 1];

/** Hierarchical context loss (ReviewKD, Chen et al., 2021): the halving pyramid over the levels 4, 2 and 1. */
export function hierarchicalContextLoss(student: Tensor4D, teacher: Tensor4D): Scalar {
  return pyramidError(student, teacher, 'halving', HCL_LEVELS);
}
