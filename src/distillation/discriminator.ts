/**
 * The discriminator of SKD and IFVD (Liu et al., 2019; Wang et al., 2020): tells the teacher's finest logit map from the student's,
 * trained as a Wasserstein critic with gradient penalty. Written in operations that can be differentiated twice.
 */
import { add, conv2d, div, grad, matMul, mean, mul, neg, reshape, rsqrt, slice, softmax, sqrt, square, step, sub, sum, transpose, type Rank, type Scalar, type Tensor, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { EPSILON } from '../nn/batch-norm.ts';
import { stopGradient } from '../nn/custom-gradient.ts';
import { batchNormParameters, convolutionParameters } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { comparedMaps } from './maps.ts';
import type { DistillationInputs, ExtraStep, Method } from './method.ts';

export type DiscriminatorForm = 'default' | 'official' | 'none';

const NAME = 'D_model';
/** Channels of the four halving convolutions. */
const WIDTHS = [64, 128, 256, 512];
/** Attention follows the third and the fourth. */
const ATTENTION: Readonly<Record<number, string>> = { 3: 'attn1', 4: 'attn2' };
const KERNEL = 4;
const LEAK = 0.1;
const SMALLEST_NORM = 1e-12;
/** Of the critic's loss (official code). */
const STEP_WEIGHT = 0.1;
const PENALTY_WEIGHT = 10;

/** The left singular vector that spectral normalisation carries from step to step. */
const vectorName = (layer: number): string => `${NAME}.l${layer}.0.module.weight_u`;

function attentionParameters(name: string, channels: number): ParameterSpec[] {
  const inner = { in: channels, out: channels / 8, kernel: 1 };
  return [
    ...convolutionParameters(`${name}.query_conv`, inner, 'plain', 'framework-default'),
    ...convolutionParameters(`${name}.key_conv`, inner, 'plain', 'framework-default'),
    ...convolutionParameters(`${name}.value_conv`, { ...inner, out: channels }, 'plain', 'framework-default'),
    { name: `${name}.gamma`, shape: [1], kind: 'trainable', initialiser: { kind: 'constant', value: 0 } },
  ];
}

function parameters(): ParameterSpec[] {
  const layers = WIDTHS.flatMap((out, index): ParameterSpec[] => {
    const layer = index + 1;
    const specs = convolutionParameters(`${NAME}.l${layer}.0.module`, { in: WIDTHS[index - 1] ?? 1, out, kernel: KERNEL }, 'plain', 'framework-default');
    const normalised = specs.map((spec) => (spec.name.endsWith('.weight') ? { ...spec, name: `${spec.name}_bar` } : spec));
    const attention = ATTENTION[layer];
    return [
      ...normalised,
      { name: vectorName(layer), shape: [out], kind: 'statistic', initialiser: { kind: 'normal', deviation: 1 / Math.sqrt(out) } },
      ...(attention === undefined ? [] : attentionParameters(`${NAME}.${attention}`, out)),
    ];
  });
  const specs = [
    // Always with the batch's statistics: there is nothing to run it with others for.
    ...batchNormParameters(`${NAME}.preprocess_additional`, 1).filter(({ kind }) => kind === 'trainable'),
    ...layers,
    ...convolutionParameters(`${NAME}.last.0`, { in: WIDTHS.at(-1)!, out: 1, kernel: KERNEL }, 'plain', 'framework-default'),
  ];
  return specs.map((spec) => ({ ...spec, trainingOnly: true }));
}

const unit = (vector: Tensor2D): Tensor2D => div(vector, add(sqrt(sum(square(vector))), SMALLEST_NORM));

/** W/σ with σ = uᵀWv after one power iteration, through which no gradient passes (Miyato et al., 2018); and the next u. */
function spectrallyNormalised(weight: Tensor4D, vector: Tensor): { readonly weight: Tensor4D; readonly vector: Tensor1D } {
  const rows = reshape<Rank.R2>(weight, [weight.shape[0], -1]);
  const fixed = stopGradient(rows);
  const right = unit(matMul(fixed, reshape<Rank.R2>(vector, [-1, 1]), true));
  const left = unit(matMul(fixed, right));
  const norm = sum(mul(left, matMul(rows, right)));
  return { weight: div(weight, norm), vector: reshape(left, [weight.shape[0]]) };
}

function selfAttention(layers: Layers, name: string, x: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const tokens = (part: string): Tensor3D => reshape<Rank.R3>(layers.convolution(x, `${name}.${part}_conv`), [batch, height * width, -1]);
  const attention = softmax(matMul(tokens('query'), tokens('key'), false, true));
  const mixed = reshape<Rank.R4>(matMul(attention, tokens('value')), [batch, height, width, channels]);
  return add(mul(mixed, layers.weight(`${name}.gamma`)), x);
}

function normalised(layers: Layers, x: Tensor4D): Tensor4D {
  const centred = sub<Tensor4D>(x, mean(x));
  const scale = mul(layers.weight(`${NAME}.preprocess_additional.weight`), rsqrt(add(mean(square(centred)), EPSILON)));
  return add(mul(centred, scale), layers.weight(`${NAME}.preprocess_additional.bias`));
}

/** max(x, 0.1·x); tfjs's own has no second derivative. */
const leaky = (x: Tensor4D): Tensor4D => mul(x, add(mul(step(x), 1 - LEAK), LEAK));

const filter = (weight: Tensor): Tensor4D => transpose(weight as Tensor4D, [2, 3, 1, 0]);

interface Discriminator {
  /** Scores of maps [B,h,w,1], [B,h′,w′,1]: larger is more like the teacher's. */
  readonly score: (maps: Tensor4D) => Tensor4D;
  /** The state of spectral normalisation after this step, by parameter names. */
  readonly next: Readonly<Record<string, Tensor1D>>;
}

function discriminator(layers: Layers): Discriminator {
  const convolutions = WIDTHS.map((_, index) => {
    const name = `${NAME}.l${index + 1}.0.module`;
    return { ...spectrallyNormalised(layers.weight(`${name}.weight_bar`) as Tensor4D, layers.weight(vectorName(index + 1))), bias: layers.weight(`${name}.bias`) };
  });
  return {
    score: (maps) => {
      let x = normalised(layers, maps);
      for (const [index, { weight, bias }] of convolutions.entries()) {
        x = leaky(add(conv2d(x, filter(weight), 2, 1, 'NHWC', 1, 'floor'), bias));
        const attention = ATTENTION[index + 1];
        if (attention !== undefined) x = selfAttention(layers, `${NAME}.${attention}`, x);
      }
      return add(conv2d(x, filter(layers.weight(`${NAME}.last.0.weight`)), 1, 'valid'), layers.weight(`${NAME}.last.0.bias`));
    },
    next: Object.fromEntries(convolutions.map(({ vector }, index) => [vectorName(index + 1), vector])),
  };
}

/** −mean D(ŝ¹): what the student lowers to look like the teacher. `official`: of the batch's first image alone, which is what the official code takes for the first of several outputs. */
function lackOfRealism(form: Exclude<DiscriminatorForm, 'none'>, scores: Tensor4D): Scalar {
  return neg(mean(form === 'official' ? slice(scores, 0, 1) : scores));
}

/** E(‖∇D(x̃)‖₂ − 1)² at points between the teacher's and the student's maps (Gulrajani et al., 2017). */
function gradientPenalty(score: Discriminator['score'], student: Tensor4D, teacher: Tensor4D, share: Tensor): Scalar {
  const between = add<Tensor4D>(mul(teacher, share), mul(student, sub(1, share)));
  const slope = grad((maps) => sum(score(maps as Tensor4D)))(between);
  const norm = sqrt(sum(square(slope), [1, 2, 3]));
  return mean(square(sub(norm, 1)));
}

/**
 * `default`: 0.1·[mean D(ŝ) − mean D(t)] + 0.1·10·penalty, on weights of its own optimizer state. `official`: the official code detaches
 * the scores and leaves D in the student's optimizer, so that D gets the penalty and the student's adversarial term alone.
 */
function discriminatorStep(form: Exclude<DiscriminatorForm, 'none'>): ExtraStep {
  return {
    parameters: parameters(),
    noise: (batchSize) => ({ interpolation: [batchSize, 1, 1, 1] }),
    terms: ['discriminator', 'gradientPenalty'],
    loss: ({ layers, student, teacher, studentShape: _, teacherShape, noise, weightOf }) => {
      const { student: fake, teacher: real } = comparedMaps({ student, teacher, teacherShape })[0]!;
      const { score, next } = discriminator(layers);
      const ofFake = score(fake);
      const separation = sub<Scalar>(mean(ofFake), mean(score(real)));
      const penalty = gradientPenalty(score, fake, real, noise['interpolation']!);
      const own: Scalar = form === 'default' ? mul(separation, STEP_WEIGHT) : mul(lackOfRealism(form, ofFake), weightOf('adversarial'));
      return {
        total: add(own, mul(penalty, STEP_WEIGHT * PENALTY_WEIGHT)),
        terms: { discriminator: separation, gradientPenalty: penalty },
        statistics: next,
      };
    },
  };
}

/** What a method with a discriminator adds to itself: the step, and its term. */
export function adversary(form: DiscriminatorForm): { readonly extraSteps: Method['extraSteps']; readonly term: (inputs: DistillationInputs) => Scalar } {
  return {
    extraSteps: form === 'none' ? undefined : [discriminatorStep(form)],
    term: (inputs) => {
      const map = comparedMaps(inputs)[0]!.student;
      return form === 'none' ? mul<Scalar>(mean(map), 0) : lackOfRealism(form, discriminator(inputs.layers).score(map));
    },
  };
}
