/** CMHRD: enlarged features, affinities between positions, and logits. */
import { abs, addN, matMul, mean, reshape, stridedSlice, sub, type Rank, type Scalar, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { CmhrdOptions } from '../config/catalog/cmhrd.ts';
import type { Transfer } from '../config/description.ts';
import { stopGradient } from '../nn/custom-gradient.ts';
import { convolutionParameters } from '../nn/initialisers.ts';
import { type Grid, gridOf, resizeBicubic, sameGrid } from '../nn/resize.ts';
import { logitTerm } from './kd.ts';
import { inListOrder, type Compared } from './maps.ts';
import type { DistillationInputs, Method, NetworkShape } from './method.ts';
import { rivalMethod } from './rival.ts';
import { featureTransfers, listedFeature, mapTransfers } from './transfers.ts';

const ADAPTER = 'adp_layer_high';
/** Stages whose affinities are compared. */
const COMPARED = 3;

/** Every n-th position of a grid from the first. */
function subsampledGrid([height, width]: Grid, step: number): Grid {
  return [Math.ceil(height / step), Math.ceil(width / step)];
}

/**
 * The teacher's positions on the student's grid: every n-th from the first; where that is another grid, as between networks of other
 * strides, the whole map resized as for `srg`.
 */
function onStudentsGrid(teacher: Tensor4D, step: number, grid: Grid): Tensor4D {
  if (!sameGrid(subsampledGrid(gridOf(teacher), step), grid)) return resizeBicubic(teacher, grid);
  return step === 1 ? teacher : (stridedSlice(teacher, [0, 0, 0, 0], teacher.shape, [1, step, step, 1]) as Tensor4D);
}

/** mean|sᵀs − stopgrad(tᵀs)| between all positions of two features of one grid, [B,h,w,C] each. */
export function affinityError(student: Tensor4D, teacher: Tensor4D): Scalar {
  const positions = (map: Tensor4D): Tensor3D => reshape<Rank.R3>(map, [map.shape[0], -1, map.shape[3]]);
  const own = positions(student);
  return mean(abs(sub(matMul(own, own, false, true), stopGradient(matMul(positions(teacher), own, false, true)))));
}

/** Two stages by their places in the lists, and the step at which the teacher's positions are taken. */
interface AffinePair {
  readonly student: number;
  readonly teacher: number;
  readonly step: number;
}

/**
 * The student's three coarsest stages of five with the teacher's stages of the same grid (further on by log₂ of the ratio; beyond the last
 * stage it is subsampled); with fewer stages, the first three of the list with the teacher's same ones, subsampled by the ratio. Networks
 * of other strides meet on the student's grid, see `onStudentsGrid`.
 */
function affinePairs(student: NetworkShape, teacher: NetworkShape): AffinePair[] {
  const ratio = teacher.height / student.height;
  const [own, taught] = [student.features.length, teacher.features.length];
  const isPyramid = own > COMPARED + 1 && taught >= own;
  if (!isPyramid) return Array.from({ length: Math.min(own, COMPARED) }, (_, stage) => ({ student: stage, teacher: stage, step: ratio }));
  const gap = Math.log2(ratio);
  return Array.from({ length: COMPARED }, (_, index) => {
    const stage = own - COMPARED + index;
    const found = Math.min(stage + gap, taught - 1);
    return { student: stage, teacher: found, step: 2 ** (stage + gap - found) };
  });
}

function affineFeatures({ student, teacher, studentShape, teacherShape }: DistillationInputs, { stageOrder }: CmhrdOptions): Compared[] {
  const own = inListOrder(student.features, stageOrder, studentShape);
  const taught = inListOrder(teacher.features, stageOrder, teacherShape);
  return affinePairs(studentShape, teacherShape).map((pair) => {
    const map = own[pair.student]!;
    return { student: map, teacher: onStudentsGrid(taught[pair.teacher]!, pair.step, gridOf(map)) };
  });
}

/** Affinities are between all positions of the student's grid. */
function affineTransfers(student: NetworkShape, teacher: NetworkShape, { stageOrder }: CmhrdOptions): Transfer[] {
  return affinePairs(student, teacher).map((pair): Transfer => {
    const of = listedFeature(teacher, stageOrder, pair.teacher);
    const own = listedFeature(student, stageOrder, pair.student);
    return { term: 'cma', student: own, teacher: of, comparedOn: { height: own.height, width: own.width, channels: of.channels } };
  });
}

export function cmhrd(options: CmhrdOptions): Method {
  return rivalMethod('cmhrd', options, {
    transfers: (student, teacher) => [...featureTransfers('srg', student, teacher), ...affineTransfers(student, teacher, options), ...mapTransfers('kd', student, teacher)],
    parameters: ({ features }) => convolutionParameters(ADAPTER, { in: features[0]!.channels, out: features[0]!.channels, kernel: 1 }, 'plain', 'framework-default'),
    loss: (inputs) => {
      const { layers, student, teacher } = inputs;
      const enlarged = student.features.slice(0, teacher.features.length).map((feature, stage): Scalar => {
        const target = teacher.features[stage]!;
        return mean(abs(sub(resizeBicubic(feature, gridOf(target)), target)));
      });
      const affinities = affineFeatures(inputs, options).map((pair) => affinityError(layers.convolution(pair.student, ADAPTER), pair.teacher));
      return { srg: addN(enlarged), cma: addN(affinities), kd: logitTerm(inputs) };
    },
  });
}
