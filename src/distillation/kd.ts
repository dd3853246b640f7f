/** Distillation of logits (Hinton et al., 2015) as the official code does it: one channel, so the softmax runs over the pixels. */
import { addN, mul, square, type Scalar } from '@tensorflow/tfjs-core';
import type { KdOptions } from '../config/catalog/kd.ts';
import { pixelDivergence } from './divergence.ts';
import { comparedMaps, logitsAlone } from './maps.ts';
import type { DistillationInputs, Method } from './method.ts';
import { rivalMethod } from './rival.ts';
import { mapTransfers } from './transfers.ts';

/** Σₖ 2^−(k−1)·KL(softmax(tᵏ/T) ‖ softmax(ŝᵏ/T)) over the heads, the finest with weight 1. */
export function logitTerm(inputs: DistillationInputs): Scalar {
  return addN(comparedMaps(inputs).map(({ student, teacher }, head) => mul<Scalar>(pixelDivergence(student, teacher, inputs.temperature), 0.5 ** head)));
}

export function kd(options: KdOptions): Method {
  return rivalMethod('kd', options, {
    transfers: (student, teacher) => mapTransfers('kd', student, teacher),
    condense: logitsAlone,
    loss: (inputs) => {
      const term = logitTerm(inputs);
      return { kd: options.temperatureFactor === 'original' ? mul(term, square(inputs.temperature)) : term };
    },
  });
}
