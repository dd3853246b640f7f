/** ReviewKD (Chen et al., 2021): coarse stages are fused into finer ones, each result learns from the teacher's stage. */
import { add, addN, concat, mul, sigmoid, split, type Tensor4D } from '@tensorflow/tfjs-core';
import type { ReviewkdOptions } from '../config/catalog/reviewkd.ts';
import { batchNormParameters, convolutionParameters } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { gridOf, resizeBilinear, resizeNearest } from '../nn/resize.ts';
import { inListOrder } from './maps.ts';
import type { Method, NetworkShape } from './method.ts';
import { hierarchicalContextLoss } from './pyramid.ts';
import { rivalMethod } from './rival.ts';
import { listedFeature, onTeachersGrid } from './transfers.ts';

/** The official code reviews four stages; a fifth, coarser one is distilled as it is. */
const REVIEWED = 4;

function fusionParameters(index: number, channels: number): ParameterSpec[] {
  const name = `reviewKD.abfs.${index}`;
  return [
    ...convolutionParameters(`${name}.conv1.0`, { in: channels, out: channels, kernel: 1 }, 'none', 'kaiming-uniform-fan-in'),
    ...batchNormParameters(`${name}.conv1.1`, channels),
    ...convolutionParameters(`${name}.conv2.0`, { in: channels, out: channels, kernel: 3 }, 'none', 'kaiming-uniform-fan-in'),
    ...batchNormParameters(`${name}.conv2.1`, channels),
    ...(index === 0 ? [] : convolutionParameters(`${name}.att_conv.0`, { in: 2 * channels, out: 2, kernel: 1 }, 'plain', 'framework-default')),
  ];
}

function parameters({ features }: NetworkShape): ParameterSpec[] {
  return features.slice(0, REVIEWED).flatMap(({ channels }, index) => fusionParameters(index, channels));
}

/** Attention-based fusion: the feature mixed per pixel with what the coarser stages left. */
function fuse(layers: Layers, index: number, feature: Tensor4D, coarser: Tensor4D | undefined): { readonly out: Tensor4D; readonly residual: Tensor4D } {
  const name = `reviewKD.abfs.${index}`;
  const own = layers.unit(feature, { convolution: `${name}.conv1.0`, norm: `${name}.conv1.1` });
  const residual = coarser === undefined ? own : mixture(layers, `${name}.att_conv.0`, own, resizeNearest(coarser, gridOf(own)));
  return { out: layers.unit(residual, { convolution: `${name}.conv2.0`, norm: `${name}.conv2.1` }), residual };
}

function mixture(layers: Layers, attention: string, own: Tensor4D, coarser: Tensor4D): Tensor4D {
  const [ofOwn, ofCoarser] = split(sigmoid(layers.convolution(concat([own, coarser], 3), attention)), 2, 3) as [Tensor4D, Tensor4D];
  return add(mul(own, ofOwn), mul(coarser, ofCoarser));
}

/** @param features in the method's order; the last one is reviewed first. */
function review(layers: Layers, features: readonly Tensor4D[]): Tensor4D[] {
  const results: Tensor4D[] = [];
  let coarser: Tensor4D | undefined;
  for (const [index, feature] of features.toReversed().entries()) {
    const { out, residual } = fuse(layers, index, feature, coarser);
    results.unshift(out);
    coarser = residual;
  }
  return results;
}

export function reviewkd(options: ReviewkdOptions): Method {
  return rivalMethod('reviewkd', options, {
    parameters,
    transfers: (student, teacher) =>
      Array.from({ length: Math.min(student.features.length, teacher.features.length) }, (_, stage) => onTeachersGrid('review', listedFeature(student, options.stageOrder, stage), listedFeature(teacher, options.stageOrder, stage))),
    loss: ({ layers, student, teacher, studentShape, teacherShape }) => {
      const count = Math.min(student.features.length, teacher.features.length);
      const taught = inListOrder(student.features, options.stageOrder, studentShape).slice(0, count);
      const targets = inListOrder(teacher.features, options.stageOrder, teacherShape);
      const results = [...review(layers, taught.slice(0, REVIEWED)), ...taught.slice(REVIEWED)];
      return { review: addN(results.map((result, stage) => hierarchicalContextLoss(resizeBilinear(result, gridOf(targets[stage]!)), targets[stage]!))) };
    },
  });
}
