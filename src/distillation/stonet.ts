/** STONet-S*: features split into octaves of frequency, the finest feature, and the saliency map's rows and overlap. */
import { add, addN, avgPool, div, mean, mul, sigmoid, slice, sub, sum, type Rank, type Scalar, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { StonetOptions } from '../config/catalog/stonet.ts';
import type { Transfer } from '../config/description.ts';
import { convolve } from '../nn/convolution.ts';
import { stopGradient } from '../nn/custom-gradient.ts';
import { convolutionParameters } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { gridOf, resizeBilinear } from '../nn/resize.ts';
import { imageRowDivergence } from './divergence.ts';
import { inListOrder, studentMaps, teacherMaps } from './maps.ts';
import type { DistillationInputs, Method, NetworkShape } from './method.ts';
import { hierarchicalContextLoss } from './pyramid.ts';
import { rivalMethod } from './rival.ts';
import { listedFeature, namedStudentMaps, namedTeacherMaps, onTeachersGrid } from './transfers.ts';

const NAME = 'frequency_kd2';
const OCTAVE = `${NAME}.frequency_transfer.fre_highandlow`;
/** Compared stages; the coarsest is halved, the finer ones are enlarged. */
const COMPARED = 4;
const STRIDES = [1, 1, 1, 2];
const ENLARGED = [4, 2, 1, 1];
/** Share of the channels that are low frequencies. */
const LOW_SHARE = 0.75;
/** Heads whose maps are compared with the teacher's finest, where there are five. */
const COMPARED_HEADS = [1, 2, 3];
const SMOOTHING = 1;

const lowChannels = (channels: number): number => Math.floor(LOW_SHARE * channels);

/** `conv1` belongs to the finest of the compared stages. */
const projectionName = (index: number, side: 'T' | 'S'): string => `${NAME}.conv${index + 1}_${side}`;

function parameters({ features }: NetworkShape, { projection }: StonetOptions): ParameterSpec[] {
  const { channels } = features[0]!;
  const low = lowChannels(channels);
  const high = channels - low;
  const projections = STRIDES.flatMap((stride, index) =>
    (['T', 'S'] as const).flatMap((side) => {
      const specs = convolutionParameters(projectionName(index, side), { in: channels, out: channels, kernel: stride === 2 ? 3 : 1 }, 'plain', 'framework-default');
      return side === 'T' && projection === 'default' ? specs.map((spec): ParameterSpec => ({ ...spec, kind: 'statistic' })) : specs;
    }),
  );
  const octave = (name: string, from: number, to: number): ParameterSpec[] => convolutionParameters(`${OCTAVE}.${name}`, { in: from, out: to, kernel: 3 }, 'plain', 'framework-default');
  return [...octave('l2l', low, low), ...octave('l2h', low, high), ...octave('h2l', high, low), ...octave('h2h', high, high), ...projections];
}

function project(layers: Layers, feature: Tensor4D, index: number, side: 'T' | 'S'): Tensor4D {
  const name = projectionName(index, side);
  const projected = add<Tensor4D>(convolve({ kind: 'map', map: feature }, layers.weight(`${name}.weight`), { stride: STRIDES[index]! }), layers.weight(`${name}.bias`));
  const [height, width] = gridOf(projected);
  const factor = ENLARGED[index]!;
  return resizeBilinear(projected, [height * factor, width * factor]);
}

const halved = (map: Tensor4D): Tensor4D => avgPool(map, 2, 2, 'valid');

/** One octave convolution: high and low frequencies exchange what they have. */
function octaveConvolution(layers: Layers, feature: Tensor4D): { readonly high: Tensor4D; readonly low: Tensor4D } {
  const split = feature.shape[3] - lowChannels(feature.shape[3]);
  const high = slice<Rank.R4, Tensor4D>(feature, [0, 0, 0, 0], [-1, -1, -1, split]);
  const low = halved(slice<Rank.R4, Tensor4D>(feature, [0, 0, 0, split], [-1, -1, -1, -1]));
  const convolution = (map: Tensor4D, name: string): Tensor4D => layers.convolution(map, `${OCTAVE}.${name}`);
  const raised = convolution(low, 'l2h');
  const [height, width] = gridOf(raised);
  const enlarged = resizeBilinear(resizeBilinear(raised, [2 * height, 2 * width]), gridOf(high));
  return { high: add(enlarged, convolution(high, 'h2h')), low: add(convolution(halved(high), 'h2l'), convolution(low, 'l2l')) };
}

/** The coarsest four of the stages that both have, by their places in the list. */
function comparedStages(own: number, taught: number): number[] {
  const common = Math.min(own, taught);
  const first = Math.max(0, common - COMPARED);
  return Array.from({ length: Math.min(COMPARED, common) }, (_, index) => first + index);
}

function frequencyTerm({ layers, student, teacher, studentShape, teacherShape }: DistillationInputs, { projection, stageOrder, fourthInput }: StonetOptions): Scalar {
  const own = inListOrder(student.features, stageOrder, studentShape);
  const taught = inListOrder(teacher.features, stageOrder, teacherShape);
  const terms = comparedStages(own.length, taught.length).map((stage, index): Scalar => {
    const target = taught[stage]!;
    const isTeachers = fourthInput === 'official' && index === 0 && studentShape.heads.length === 1;
    const feature = isTeachers ? target : resizeBilinear(own[stage]!, gridOf(target));
    const ofTeacher = octaveConvolution(layers, project(layers, target, index, 'T'));
    const ofStudent = octaveConvolution(layers, project(layers, feature, index, 'S'));
    const goal = (map: Tensor4D): Tensor4D => (projection === 'default' ? stopGradient(map) : map);
    return add(hierarchicalContextLoss(ofStudent.high, goal(ofTeacher.high)), hierarchicalContextLoss(ofStudent.low, goal(ofTeacher.low)));
  });
  return div(addN(terms), COMPARED);
}

/** Mean over the images of 1 − (2Σpq + 1)/(Σ(p + q) + 1), p and q the sigmoids of the logits. */
export function diceError(student: Tensor4D, teacher: Tensor4D): Scalar {
  const [p, q] = [sigmoid(student), sigmoid(teacher)];
  const overlap: Tensor1D = sum(mul(p, q), [1, 2, 3]);
  const total: Tensor1D = sum(add(p, q), [1, 2, 3]);
  return mean(sub(1, div(add(mul(overlap, 2), SMOOTHING), add(total, SMOOTHING))));
}

function comparedHeads<T>(maps: readonly T[]): readonly T[] {
  return maps.length > COMPARED_HEADS.length ? COMPARED_HEADS.map((head) => maps[head]!) : maps.slice(0, 1);
}

/** The mean over the compared heads of an error between the student's map and the teacher's finest. */
function overMaps({ student, teacher, teacherShape }: DistillationInputs, error: (student: Tensor4D, teacher: Tensor4D) => Scalar): Scalar {
  const target = teacherMaps(teacher, teacherShape)[0]!;
  const maps = studentMaps(student).map((map) => resizeBilinear(map, gridOf(target)));
  const compared = comparedHeads(maps);
  return div(addN(compared.map((map) => error(map, target))), compared.length);
}

function transfers(student: NetworkShape, teacher: NetworkShape, { stageOrder }: StonetOptions): Transfer[] {
  const pair = (term: string, stage: number): Transfer => onTeachersGrid(term, listedFeature(student, stageOrder, stage), listedFeature(teacher, stageOrder, stage));
  const frequency = comparedStages(student.features.length, teacher.features.length).map((stage, index): Transfer => {
    const transfer = pair('frequency', stage);
    const projected = (side: number): number => Math.ceil(side / STRIDES[index]!) * ENLARGED[index]!;
    return { ...transfer, comparedOn: { height: projected(transfer.teacher.height), width: projected(transfer.teacher.width), channels: transfer.teacher.channels } };
  });
  const [finest] = namedTeacherMaps(teacher);
  const maps = (term: string): Transfer[] => comparedHeads(namedStudentMaps(student)).map((map) => onTeachersGrid(term, map, finest!));
  return [...frequency, pair('detail', 0), ...maps('rows'), ...maps('dice')];
}

export function stonet(options: StonetOptions): Method {
  return rivalMethod('stonet', options, {
    parameters: (student) => parameters(student, options),
    transfers: (student, teacher) => transfers(student, teacher, options),
    loss: (inputs) => {
      const { student, teacher, studentShape, teacherShape } = inputs;
      const target = inListOrder(teacher.features, options.stageOrder, teacherShape)[0]!;
      const finest = resizeBilinear(inListOrder(student.features, options.stageOrder, studentShape)[0]!, gridOf(target));
      return {
        frequency: frequencyTerm(inputs, options),
        detail: hierarchicalContextLoss(finest, target),
        rows: overMaps(inputs, imageRowDivergence),
        dice: overMaps(inputs, diceError),
      };
    },
  });
}
