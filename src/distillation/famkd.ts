/**
 * FAMKD (Pham et al., 2024) in a practical form of ours: every frequency of every channel has one complex weight of its own (the original
 * mixes all channels: 2.2 GB of weights at these sizes), on grids of at most 14×14, with the two-dimensional transform both ways.
 */
import { add, addN, concat, matMul, mul, pad, relu, reshape, slice, softmax, stack, sub, sum, type Rank, type Scalar, type Tensor, type Tensor2D, type Tensor4D, type Tensor5D } from '@tensorflow/tfjs-core';
import type { FamkdOptions } from '../config/catalog/famkd.ts';
import type { Transfer } from '../config/description.ts';
import { batchNormTraining } from '../nn/batch-norm.ts';
import { batchNormParameters, convolutionParameters } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import { constant, fourierMatrices, type Matrix } from '../nn/matrix.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { adaptiveAveragePool, channelsFirst, channelsLast, gridOf, resizeBilinear, resizeNearest, sameGrid, type Grid } from '../nn/resize.ts';
import { meanSquaredError } from './fitnet.ts';
import type { Method, NetworkShape } from './method.ts';
import { rivalMethod } from './rival.ts';
import { featureTransfers, sizeOf } from './transfers.ts';

const LARGEST_SIDE = 14;
const KERNEL = 3;

const nameOf = (stage: number): string => `famkd.stage${stage + 1}`;
const workingGrid = ([height, width]: Grid): Grid => [Math.min(height, LARGEST_SIDE), Math.min(width, LARGEST_SIDE)];
const isReduced = (grid: Grid): boolean => !sameGrid(workingGrid(grid), grid);

function stageParameters(stage: number, channels: number, grid: Grid, isFused: boolean): ParameterSpec[] {
  const name = nameOf(stage);
  const square = { in: channels, out: channels, kernel: 1 };
  const spectrum = (part: string): ParameterSpec => ({ name: `${name}.spectrum.${part}`, shape: [channels, grid[0] * grid[1]], kind: 'trainable', initialiser: { kind: 'uniform', bound: 1 / Math.sqrt(grid[0] * grid[1]) } });
  const offset = (part: string, of: number): ParameterSpec => ({ name: `${name}.attention.${part}`, shape: [of, KERNEL], kind: 'trainable', initialiser: { kind: 'normal', deviation: 1 } });
  const half: ParameterSpec['initialiser'] = { kind: 'constant', value: 0.5 };
  return [
    ...(isFused ? (['query', 'key', 'value'] as const).flatMap((part) => convolutionParameters(`${name}.attention.${part}`, square, 'none', 'kaiming-normal-fan-out')) : []),
    ...(isFused ? [offset('rows', channels >> 1), offset('columns', channels - (channels >> 1))] : []),
    spectrum('real'),
    spectrum('imaginary'),
    ...convolutionParameters(`${name}.local`, square, 'plain', 'framework-default'),
    { name: `${name}.globalRate`, shape: [1], kind: 'trainable', initialiser: half },
    { name: `${name}.localRate`, shape: [1], kind: 'trainable', initialiser: half },
    ...batchNormParameters(`${name}.norm`, channels).filter(({ kind }) => kind === 'trainable'),
  ];
}

function parameters({ features, grids }: NetworkShape): ParameterSpec[] {
  return features.flatMap(({ channels }, stage) => stageParameters(stage, channels, workingGrid(grids[stage]!), stage < features.length - 1));
}

/** The nine neighbours of every position, zero beyond the border: [B,h,w,C] each, row by row. */
function neighbours(map: Tensor4D): Tensor4D[] {
  const [batch, height, width, channels] = map.shape;
  const padded = pad<Tensor4D>(map, [[0, 0], [1, 1], [1, 1], [0, 0]]);
  return Array.from({ length: KERNEL ** 2 }, (_, tap) => slice(padded, [0, Math.floor(tap / KERNEL), tap % KERNEL, 0], [batch, height, width, channels]));
}

/** Stand-alone attention over 3×3 positions, channel by channel: the coarser feature asks, the finer one answers. */
function localAttention(layers: Layers, stage: number, feature: Tensor4D, coarser: Tensor4D): Tensor4D {
  const name = `${nameOf(stage)}.attention`;
  const channels = feature.shape[3];
  const half = channels >> 1;
  const query = layers.convolution(coarser, `${name}.query`);
  const keys = neighbours(layers.convolution(feature, `${name}.key`));
  const values = neighbours(layers.convolution(feature, `${name}.value`));
  const offsets = (part: string, tap: number, of: number): Tensor => reshape(slice(layers.weight(`${name}.${part}`) as Tensor2D, [0, tap], [of, 1]), [of]);
  const scores = keys.map((key, tap) => {
    const ofRows = add(slice<Rank.R4, Tensor4D>(key, [0, 0, 0, 0], [-1, -1, -1, half]), offsets('rows', Math.floor(tap / KERNEL), half));
    const ofColumns = add(slice<Rank.R4, Tensor4D>(key, [0, 0, 0, half], [-1, -1, -1, -1]), offsets('columns', tap % KERNEL, channels - half));
    return mul<Tensor4D>(query, concat([ofRows as Tensor4D, ofColumns as Tensor4D], 3));
  });
  const shares = softmax(stack(scores, 4) as Tensor5D);
  return sum(mul(shares, stack(values, 4)), 4);
}

/** Re of the inverse transform of W ⊙ the transform, both orthonormal and two-dimensional, per channel. */
function frequencyAttention(layers: Layers, stage: number, feature: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = feature.shape;
  const { real, imaginary } = fourierMatrices(height, width);
  const rows = reshape<Rank.R2>(channelsFirst(feature), [batch * channels, height * width]);
  const times = (x: Tensor2D, matrix: Matrix): Tensor2D => matMul(x, constant(matrix));
  const perChannel = (x: Tensor2D): Tensor => reshape(x, [batch, channels, height * width]);
  const [cosines, sines] = [perChannel(times(rows, real)), perChannel(times(rows, imaginary))];
  const [a, b] = [layers.weight(`${nameOf(stage)}.spectrum.real`), layers.weight(`${nameOf(stage)}.spectrum.imaginary`)];
  const flat = (x: Tensor): Tensor2D => reshape<Rank.R2>(x, [batch * channels, height * width]);
  const weightedReal = flat(sub(mul(cosines, a), mul(sines, b)));
  const weightedImaginary = flat(add(mul(cosines, b), mul(sines, a)));
  // The inverse has the conjugate matrix, which is symmetric: Re((x + iy)(R − iI)) = xR + yI.
  const back = add<Tensor2D>(times(weightedReal, real), times(weightedImaginary, imaginary));
  return channelsLast(reshape<Rank.R4>(back, [batch, channels, height, width]));
}

function attended(layers: Layers, stage: number, feature: Tensor4D): Tensor4D {
  const name = nameOf(stage);
  const whole = mul(frequencyAttention(layers, stage, feature), layers.weight(`${name}.globalRate`));
  const local = mul(layers.convolution(feature, `${name}.local`), layers.weight(`${name}.localRate`));
  const ignore = (): undefined => undefined;
  return relu(batchNormTraining(add<Tensor4D>(whole, local), layers.weight(`${name}.norm.weight`), layers.weight(`${name}.norm.bias`), { kind: 'none' }, ignore));
}

/** Of a stage that is reduced for the transform the teacher's feature is reduced as well. */
function transfers(student: NetworkShape, teacher: NetworkShape): Transfer[] {
  return featureTransfers('frequency', student, teacher).map((transfer, stage): Transfer => {
    const grid = workingGrid(student.grids[stage]!);
    return sameGrid(grid, student.grids[stage]!) ? transfer : { ...transfer, comparedOn: sizeOf(grid, transfer.teacher.channels) };
  });
}

export function famkd(options: FamkdOptions): Method {
  return rivalMethod('famkd', options, {
    transfers,
    parameters,
    // Of a stage that is reduced the teacher's feature is reduced as well.
    condense: (teacher, student) => ({ ...teacher, features: teacher.features.slice(0, student.features.length).map((feature, stage) => (isReduced(student.grids[stage]!) ? adaptiveAveragePool(feature, workingGrid(student.grids[stage]!)) : feature)) }),
    loss: ({ layers, student, teacher }) => {
      let coarser: Tensor4D | undefined;
      const errors: Scalar[] = [];
      for (let stage = student.features.length - 1; stage >= 0; stage--) {
        const grid = workingGrid(gridOf(student.features[stage]!));
        const feature = adaptiveAveragePool(student.features[stage]!, grid);
        const mixed = coarser === undefined ? feature : localAttention(layers, stage, feature, resizeNearest(coarser, grid));
        coarser = mixed;
        const target = teacher.features[stage];
        if (target === undefined) continue;
        const result = attended(layers, stage, mixed);
        errors.push(isReduced(gridOf(student.features[stage]!)) ? meanSquaredError(result, adaptiveAveragePool(target, grid)) : meanSquaredError(resizeBilinear(result, gridOf(target)), target));
      }
      return { frequency: addN(errors) };
    },
  });
}
