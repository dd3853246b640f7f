/** CMHRD: enlarged features, affinities between positions, and logits. */
import { abs, addN, matMul, mean, reshape, stridedSlice, sub, type Rank, type Scalar, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { CmhrdOptions } from '../config/catalog/cmhrd.ts';
import { stopGradient } from '../nn/custom-gradient.ts';
import { convolutionParameters } from '../nn/initialisers.ts';
import { gridOf, resizeBicubic } from '../nn/resize.ts';
import { logitTerm } from './kd.ts';
import { inListOrder, type Compared } from './maps.ts';
import type { DistillationInputs, Method } from './method.ts';
import { rivalMethod } from './rival.ts';

const ADAPTER = 'adp_layer_high';
/** Stages whose affinities are compared. */
const COMPARED = 3;

/** Every n-th position from the first. */
function subsampled(map: Tensor4D, step: number): Tensor4D {
  return step === 1 ? map : (stridedSlice(map, [0, 0, 0, 0], map.shape, [1, step, step, 1]) as Tensor4D);
}

/** mean|sᵀs − stopgrad(tᵀs)| between all positions of two features of one grid, [B,h,w,C] each. */
export function affinityError(student: Tensor4D, teacher: Tensor4D): Scalar {
  const positions = (map: Tensor4D): Tensor3D => reshape<Rank.R3>(map, [map.shape[0], -1, map.shape[3]]);
  const own = positions(student);
  return mean(abs(sub(matMul(own, own, false, true), stopGradient(matMul(positions(teacher), own, false, true)))));
}

/**
 * The student's three coarsest stages of five with the teacher's stages of the same grid (further on by log₂ of the ratio; beyond the last
 * stage it is subsampled); with fewer stages, the first three of the list with the teacher's same ones, subsampled by the ratio.
 */
function affinePairs({ student, teacher, studentShape, teacherShape }: DistillationInputs, { stageOrder }: CmhrdOptions): Compared[] {
  const ratio = teacherShape.height / studentShape.height;
  const own = inListOrder(student.features, stageOrder, studentShape);
  const taught = inListOrder(teacher.features, stageOrder, teacherShape);
  const isPyramid = own.length > COMPARED + 1 && taught.length >= own.length;
  if (!isPyramid) return own.slice(0, COMPARED).map((feature, stage) => ({ student: feature, teacher: subsampled(taught[stage]!, ratio) }));
  const gap = Math.log2(ratio);
  return own.slice(-COMPARED).map((feature, index) => {
    const wanted = own.length - COMPARED + index + gap;
    const found = Math.min(wanted, taught.length - 1);
    return { student: feature, teacher: subsampled(taught[found]!, 2 ** (wanted - found)) };
  });
}

export function cmhrd(options: CmhrdOptions): Method {
  return rivalMethod('cmhrd', options, {
    parameters: ({ features }) => convolutionParameters(ADAPTER, { in: features[0]!.channels, out: features[0]!.channels, kernel: 1 }, 'plain', 'framework-default'),
    loss: (inputs) => {
      const { layers, student, teacher } = inputs;
      const enlarged = student.features.slice(0, teacher.features.length).map((feature, stage): Scalar => {
        const target = teacher.features[stage]!;
        return mean(abs(sub(resizeBicubic(feature, gridOf(target)), target)));
      });
      const affinities = affinePairs(inputs, options).map((pair) => affinityError(layers.convolution(pair.student, ADAPTER), pair.teacher));
      return { srg: addN(enlarged), cma: addN(affinities), kd: logitTerm(inputs) };
    },
  });
}
