/** Attention transfer (Zagoruyko and Komodakis, 2017): maps of the mean squared activation, normalised per image. */
import { addN, div, maximum, mean, reshape, sqrt, square, squaredDifference, sum, type Rank, type Scalar, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { AtOptions } from '../config/catalog/at.ts';
import { comparedFeatures } from './maps.ts';
import type { Method } from './method.ts';
import { rivalMethod } from './rival.ts';

const SMALLEST_NORM = 1e-12;

/** v/‖v‖₂ per image, v = mean over the channels of F²: [B,h,w,C] → [B,h·w]. */
function attention(feature: Tensor4D): Tensor2D {
  const energy = reshape<Rank.R2>(mean(square(feature), 3), [feature.shape[0], -1]);
  return div(energy, maximum(sqrt(sum(square(energy), 1, true)), SMALLEST_NORM));
}

/** Mean squared difference of the attention maps of two features of one grid. */
export function attentionError(student: Tensor4D, teacher: Tensor4D): Scalar {
  return mean(squaredDifference(attention(student), attention(teacher)));
}

export function at(options: AtOptions): Method {
  return rivalMethod('at', options, {
    loss: (inputs) => ({ attention: addN(comparedFeatures(inputs).map(({ student, teacher }) => attentionError(student, teacher))) }),
  });
}
