/** Channel-wise distillation (Shu et al., 2021) of all decoder features. */
import { addN, mul, square, type Scalar } from '@tensorflow/tfjs-core';
import type { CwdOptions } from '../config/catalog/cwd.ts';
import { channelDivergence } from './divergence.ts';
import { comparedFeatures } from './maps.ts';
import type { Method } from './method.ts';
import { rivalMethod } from './rival.ts';
import { featureTransfers } from './transfers.ts';

export function cwd(options: CwdOptions): Method {
  return rivalMethod('cwd', options, {
    transfers: (student, teacher) => featureTransfers('channel', student, teacher),
    loss: (inputs) => {
      const terms = comparedFeatures(inputs).map(({ student, teacher }) => channelDivergence(student, teacher, inputs.temperature));
      return { channel: mul<Scalar>(addN(terms), square(inputs.temperature)) };
    },
  });
}
