/** FitNet (Romero et al., 2015) as the official code does it: all decoder features, no regressor, trained jointly. */
import { addN, mean, squaredDifference, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import type { FitnetOptions } from '../config/catalog/fitnet.ts';
import { comparedFeatures } from './maps.ts';
import type { Method } from './method.ts';
import { rivalMethod } from './rival.ts';
import { featureTransfers } from './transfers.ts';

/** Mean over all elements. */
export function meanSquaredError(student: Tensor4D, teacher: Tensor4D): Scalar {
  return mean(squaredDifference(student, teacher));
}

export function fitnet(options: FitnetOptions): Method {
  return rivalMethod('fitnet', options, {
    transfers: (student, teacher) => featureTransfers('hint', student, teacher),
    loss: (inputs) => ({ hint: addN(comparedFeatures(inputs).map(({ student, teacher }) => meanSquaredError(student, teacher))) }),
  });
}
