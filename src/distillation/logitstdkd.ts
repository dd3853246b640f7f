/** Logit standardisation (Sun et al., 2024), over the pixels of an image as in the official code. */
import { add, addN, div, mean, mul, reshape, sqrt, square, sub, sum, type Rank, type Scalar, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { LogitstdkdOptions } from '../config/catalog/logitstdkd.ts';
import { pixelDivergence } from './divergence.ts';
import { comparedMaps, logitsAlone } from './maps.ts';
import type { Method } from './method.ts';
import { rivalMethod } from './rival.ts';
import { mapTransfers } from './transfers.ts';

const SMALLEST_DEVIATION = 1e-7;

/** (z − mean)/(ε + deviation) per image, the deviation unbiased; [B,h,w,1] → [B,h,w,1]. */
export function standardised(map: Tensor4D): Tensor4D {
  const pixels = reshape<Rank.R2>(map, [map.shape[0], -1]);
  const centred = sub<Tensor2D>(pixels, mean(pixels, 1, true));
  const variance = div(sum(square(centred), 1, true), Math.max(pixels.shape[1] - 1, 1));
  return reshape(div(centred, add(sqrt(variance), SMALLEST_DEVIATION)), map.shape);
}

export function logitstdkd(options: LogitstdkdOptions): Method {
  return rivalMethod('logitstdkd', options, {
    transfers: (student, teacher) => mapTransfers('kd', student, teacher),
    condense: logitsAlone,
    loss: (inputs) => ({
      kd: addN(
        comparedMaps(inputs).map(({ student, teacher }, head) => mul<Scalar>(pixelDivergence(standardised(student), standardised(teacher), inputs.temperature), 0.5 ** head)),
      ),
    }),
  });
}
