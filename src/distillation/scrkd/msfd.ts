/** Multi-scale feature distillation (SCRKD, Sec. III-D, Eq. 8-12). */
import { addN, concat, div, expandDims, maximum, mean, mul, reshape, slice, softmax, sqrt, square, stack, sum, transpose, type Rank, type Scalar, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, type Tensor5D } from '@tensorflow/tfjs-core';
import type { ScrkdOptions } from '../../config/catalog/scrkd.ts';
import { convolve } from '../../nn/convolution.ts';
import { convolutionNormPreluParameters, convolutionParameters } from '../../nn/initialisers.ts';
import type { Layers } from '../../nn/layers.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { adaptiveAveragePool, gridOf, resizeBilinear, type Grid } from '../../nn/resize.ts';
import type { NetworkShape } from '../method.ts';
import { pyramidError } from '../pyramid.ts';
import type { MsfdRule } from './rule.ts';

const SMALLEST_NORM = 1e-8;

/** Used by the loss alone: per level one convolution, batch norm and PReLU; with the paper's weighting one convolution and τ₁. */
export function msfdParameters({ features, adapterSchemes }: NetworkShape, options: ScrkdOptions): ParameterSpec[] {
  const scheme = adapterSchemes?.others ?? 'kaiming-normal-fan-in';
  const specs = features.flatMap(({ channels }, index): ParameterSpec[] => {
    const name = `adaptive${index + 1}`;
    if (options.msfdWeighting === 'default') return convolutionNormPreluParameters(name, { in: channels, out: channels, kernel: 3 }, scheme);
    return [
      ...convolutionParameters(`${name}.0`, { in: features.length * channels, out: channels, kernel: 3 }, 'none', scheme),
      { name: `${name}.temperature`, shape: [1], kind: 'trainable', initialiser: { kind: 'constant', value: 1 } },
    ];
  });
  return specs.map((spec) => ({ ...spec, trainingOnly: true }));
}

/** Cosine of every map [n,B,H,W,C] with the target [B,H,W,C], over all values of an image: [n,B]. */
export function similarities(maps: Tensor5D, target: Tensor4D): Tensor2D {
  const perMap = [2, 3, 4];
  const targetNorm: Tensor1D = maximum(sqrt(sum(square(target), [1, 2, 3])), SMALLEST_NORM);
  const mapNorm: Tensor2D = maximum(sqrt(sum(square(maps), perMap)), SMALLEST_NORM);
  return div(sum(mul(maps, target), perMap), mul(mapNorm, targetNorm));
}

/** λ: softmax over the n maps, per image; without temperature. [n,B] → [n,B]. */
export function stageWeights(scores: Tensor2D): Tensor2D {
  return transpose(softmax(transpose(scores)));
}

/** Σᵢ λᵢ·Xᵢ: [n,B,H,W,C] and [n,B] → [B,H,W,C]. */
export function weightedSum(maps: Tensor5D, weights: Tensor2D): Tensor4D {
  return sum(mul(maps, reshape(weights, [...weights.shape, 1, 1, 1])), 0);
}

/** The official code: refine every aligned map with the level's shared convolution, weight the refined maps by their cosine with the target. */
function cosineFusion(layers: Layers, level: number, maps: readonly Tensor4D[], target: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = target.shape;
  const name = `adaptive${level}`;
  const input = { kind: 'resized-stack', maps, grid: [height, width] } as const;
  const refined = layers.unit(input, { convolution: `${name}.0`, norm: `${name}.1` }, { activation: { kind: 'prelu', name: `${name}.2.weight` } });
  const byStage = reshape<Rank.R5>(refined, [maps.length, batch, height, width, channels]);
  return weightedSum(byStage, stageWeights(similarities(byStage, target)));
}

/**
 * The paper's form: f_com is one convolution of the concatenated aligned maps, the affinity its inner product with the target over
 * a learned τ₁. The convolution is a sum over the stages, and so is the inner product: the weights are the softmax of the stages'
 * shares in it (the paper leaves open how one affinity becomes n weights; the mean is taken instead of the sum, so that τ₁ = 1 is a
 * usable start). The aligned maps themselves are fused.
 */
function affinityFusion(layers: Layers, level: number, maps: readonly Tensor4D[], target: Tensor4D): Tensor4D {
  const grid = gridOf(target);
  const channels = target.shape[3];
  const weight = layers.weight(`adaptive${level}.0.weight`);
  const shares = maps.map((map, index) => {
    const ofStage = slice<Rank, Tensor>(weight, [0, index * channels, 0, 0], [-1, channels, -1, -1]);
    const response = convolve({ kind: 'resized-stack', maps: [map], grid }, ofStage);
    return mean<Tensor1D>(mul(response, target), [1, 2, 3]);
  });
  const scores = div<Tensor2D>(stack(shares), layers.weight(`adaptive${level}.temperature`));
  const aligned = concat(maps.map((map) => expandDims<Tensor5D>(resizeBilinear(map, grid), 0)), 0);
  return weightedSum(aligned, stageWeights(scores));
}

/**
 * The teacher's next coarser stage (the last stays) on the student's grid, which it has already with twice the student's resolution; or
 * its stage of the same number.
 */
export function msfdTarget(teacher: readonly Tensor4D[], level: number, grid: Grid, rule: MsfdRule): Tensor4D {
  const feature = rule.pairing === 'same-stage' ? teacher[level - 1]! : teacher[Math.min(level, teacher.length - 1)]!;
  return rule.target === 'bilinear' ? resizeBilinear(feature, grid) : adaptiveAveragePool(feature, grid);
}

/**
 * @param student branch 3 of every stage, finest first.
 * @param targetOf the teacher's side of a level, see `msfdTarget`.
 */
export function msfdLoss(layers: Layers, student: readonly Tensor4D[], targetOf: (level: number) => Tensor4D, rule: MsfdRule): Scalar {
  const fuse = rule.weighting === 'cosine' ? cosineFusion : affinityFusion;
  return addN(
    student.map((_, index) => {
      const level = index + 1;
      const target = targetOf(level);
      return pyramidError(fuse(layers, level, student, target), target, rule.pyramid);
    }),
  );
}
