/** SKD, structured knowledge distillation (Liu et al., 2019): logits, similarities between positions, a discriminator. */
import { add, div, matMul, maxPool, pad, reshape, sqrt, square, squaredDifference, sum, type Rank, type Scalar, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { SkdOptions } from '../config/catalog/skd.ts';
import type { Transfer } from '../config/description.ts';
import { stopGradient } from '../nn/custom-gradient.ts';
import { gridOf, resizeBilinear } from '../nn/resize.ts';
import { adversary } from './discriminator.ts';
import { pixelDivergence } from './divergence.ts';
import { comparedMaps, inListOrder } from './maps.ts';
import type { Method, NetworkShape } from './method.ts';
import { rivalMethod } from './rival.ts';
import { listedFeature, mapTransfers } from './transfers.ts';

/** Share of the feature's side that one pooled position covers. */
const SCALE = 0.5;
const SMALLEST_NORM = 1e-8;
const LOWEST = -3e38;

const windowOf = (side: number): number => Math.max(1, Math.floor(side * SCALE));

/** Max pooling over windows of about half the side, the last ones cut off by the border. */
function pooled(feature: Tensor4D): Tensor4D {
  const [height, width] = gridOf(feature);
  const [tall, wide] = [windowOf(height), windowOf(width)];
  const missing = (side: number, window: number): [number, number] => [0, Math.ceil(side / window) * window - side];
  const padded = pad<Tensor4D>(feature, [[0, 0], missing(height, tall), missing(width, wide), [0, 0]], LOWEST);
  return maxPool(padded, [tall, wide], [tall, wide], 'valid');
}

/** Cosines between all positions, [B,h,w,C] → [B,h·w,h·w]; no gradient through the norms, as in the original. */
function similarities(feature: Tensor4D): Tensor3D {
  const norms = stopGradient(add(sqrt(sum(square(feature), 3, true)), SMALLEST_NORM));
  const positions = reshape<Rank.R3>(div(feature, norms), [feature.shape[0], -1, feature.shape[3]]);
  return matMul(positions, positions, false, true);
}

/** Σ(A_T − A_S)²/(positions)²/B on the pooled grid. */
export function pairwiseError(student: Tensor4D, teacher: Tensor4D): Scalar {
  return similarityError(student, similarities(pooled(teacher)));
}

/** @param ofTeacher similarities of the teacher's pooled positions, [B,n,n] */
function similarityError(student: Tensor4D, ofTeacher: Tensor3D): Scalar {
  return div(sum(squaredDifference(ofTeacher, similarities(pooled(student)))), ofTeacher.shape[1] ** 2 * student.shape[0]);
}

/** Similarities are between the positions of the pooled grid. */
function pairTransfer(student: NetworkShape, teacher: NetworkShape, { stageOrder }: SkdOptions): Transfer {
  const of = listedFeature(teacher, stageOrder, 0);
  const positions = (side: number): number => Math.ceil(side / windowOf(side));
  return { term: 'pair', student: listedFeature(student, stageOrder, 0), teacher: of, comparedOn: { height: positions(of.height), width: positions(of.width), channels: of.channels } };
}

export function skd(options: SkdOptions): Method {
  const { extraSteps, term } = adversary(options.discriminator);
  return rivalMethod('skd', options, {
    transfers: (student, teacher) => [
      ...mapTransfers('kd', student, teacher).slice(0, 1),
      pairTransfer(student, teacher, options),
      ...mapTransfers('adversarial', student, teacher).slice(0, 1),
    ],
    condense: ({ features, logits, inputGrid }, _, teacherShape) => ({ features: [], logits, inputGrid, extracts: { similarities: similarities(pooled(inListOrder(features, options.stageOrder, teacherShape)[0]!)) } }),
    loss: (inputs) => {
      const { student, teacher, studentShape, teacherShape } = inputs;
      const map = comparedMaps(inputs)[0]!;
      const grid = inListOrder(teacherShape.grids, options.stageOrder, teacherShape)[0]!;
      const feature = resizeBilinear(inListOrder(student.features, options.stageOrder, studentShape)[0]!, grid);
      const ofTeacher = teacher.extracts!['similarities'] as Tensor3D;
      return { kd: pixelDivergence(map.student, map.teacher, inputs.temperature), pair: similarityError(feature, ofTeacher), adversarial: term(inputs) };
    },
    ...(extraSteps && { extraSteps }),
  });
}
