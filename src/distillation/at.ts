/** Attention transfer (Zagoruyko and Komodakis, 2017): maps of the mean squared activation, normalised per image. */
import { addN, div, maximum, mean, reshape, sqrt, square, squaredDifference, sum, type Rank, type Scalar, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { AtOptions } from '../config/catalog/at.ts';
import { resizeBilinear } from '../nn/resize.ts';
import type { Method } from './method.ts';
import { rivalMethod } from './rival.ts';
import { featureTransfers } from './transfers.ts';

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

const nameOf = (stage: number): string => `attention${stage + 1}`;

export function at(options: AtOptions): Method {
  return rivalMethod('at', options, {
    transfers: (student, teacher) => featureTransfers('attention', student, teacher),
    condense: ({ features, logits, inputGrid }) => ({ features: [], logits, inputGrid, extracts: Object.fromEntries(features.map((feature, stage) => [nameOf(stage), attention(feature)])) }),
    loss: ({ student, teacher, teacherShape }) => {
      const compared = student.features.slice(0, teacherShape.features.length);
      const errors = compared.map((feature, stage): Scalar => mean(squaredDifference(attention(resizeBilinear(feature, teacherShape.grids[stage]!)), teacher.extracts![nameOf(stage)]!)));
      return { attention: addN(errors) };
    },
  });
}
