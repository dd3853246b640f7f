/** SRD, "the role of the projector" (Miles and Mikolajczyk, 2024): as the official code ports it, or as in its paper. */
import { abs, addN, log, mean, mul, pow, rsqrt, square, sub, sum, add, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import type { SrdOptions } from '../config/catalog/srd.ts';
import { EPSILON } from '../nn/batch-norm.ts';
import { convolutionParameters } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { logitTerm } from './kd.ts';
import { comparedFeatures } from './maps.ts';
import type { Method, NetworkShape } from './method.ts';
import { rivalMethod } from './rival.ts';
import { featureTransfers, mapTransfers } from './transfers.ts';

const ORIGINAL_EXPONENT = 4;

/** log Σ|S − T|ᵖ over all elements of the batch. */
export function logDistance(student: Tensor4D, teacher: Tensor4D, exponent = 1): Scalar {
  const distance = abs(sub<Tensor4D>(student, teacher));
  return log(sum(exponent === 1 ? distance : pow(distance, exponent)));
}

/** Zero mean and unit variance per channel over the batch, without an affine part. */
function whitened(feature: Tensor4D): Tensor4D {
  const centred = sub<Tensor4D>(feature, mean(feature, [0, 1, 2]));
  return mul(centred, rsqrt(add(mean(square(centred), [0, 1, 2]), EPSILON)));
}

const projector = (stage: number): string => `projector${stage + 1}`;

function projectors({ features }: NetworkShape): ParameterSpec[] {
  return features.flatMap(({ channels }, stage) => convolutionParameters(projector(stage), { in: channels, out: channels, kernel: 1 }, 'none', 'framework-default'));
}

function distance(layers: Layers, stage: number, student: Tensor4D, teacher: Tensor4D, form: SrdOptions['projector']): Scalar {
  if (form === 'default') return logDistance(student, teacher);
  return logDistance(whitened(layers.convolution(student, projector(stage))), whitened(teacher), ORIGINAL_EXPONENT);
}

export function srd(options: SrdOptions): Method {
  return rivalMethod('srd', options, {
    transfers: (student, teacher) => [...featureTransfers('feature', student, teacher), ...mapTransfers('kd', student, teacher)],
    parameters: (student) => (options.projector === 'original' ? projectors(student) : []),
    loss: (inputs) => ({
      feature: addN(comparedFeatures(inputs).map(({ student, teacher }, stage) => distance(inputs.layers, stage, student, teacher, options.projector))),
      kd: logitTerm(inputs),
    }),
  });
}
