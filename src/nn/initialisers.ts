/** PyTorch's initialisers and the parameter lists of the common layers. Fan-in is in/groups·kh·kw, fan-out out/groups·kh·kw. */
import type { Initialiser, ParameterSpec } from './parameters.ts';

export interface ConvolutionShape {
  readonly in: number;
  readonly out: number;
  readonly kernel: number;
  /** Default: 1. As many as channels make a depthwise convolution. */
  readonly groups?: number;
}

/** A filter of its own for each of the channels. */
export function depthwise(channels: number, kernel: number): ConvolutionShape {
  return { in: channels, out: channels, kernel, groups: channels };
}

/** How a convolution's weight and bias are drawn. */
export type ConvolutionScheme =
  /** N(0, 2/fan-in), bias 0. */
  | 'kaiming-normal-fan-in'
  /** N(0, 2/fan-out), bias 0: torchvision's ResNet. */
  | 'kaiming-normal-fan-out'
  /** PyTorch's default (Kaiming-uniform with a = √5): weight and bias U(±1/√fan-in). */
  | 'framework-default'
  /** Kaiming-uniform with a = 1: weight U(±√(3/fan-in)), bias 0. */
  | 'kaiming-uniform-fan-in'
  /** N(0, 0.02²), bias 0: vision transformers. PyTorch cuts it off at ±2, a hundred deviations away. */
  | 'truncated-normal';

const zero: Initialiser = { kind: 'constant', value: 0 };
const one: Initialiser = { kind: 'constant', value: 1 };
/** See the scheme of that name. */
export const truncatedNormal: Initialiser = { kind: 'normal', deviation: 0.02 };

function convolutionInitialisers(shape: ConvolutionShape, scheme: ConvolutionScheme): { weight: Initialiser; bias: Initialiser } {
  const area = (shape.kernel * shape.kernel) / (shape.groups ?? 1);
  switch (scheme) {
    case 'kaiming-normal-fan-in':
      return { weight: { kind: 'normal', deviation: Math.sqrt(2 / (shape.in * area)) }, bias: zero };
    case 'kaiming-normal-fan-out':
      return { weight: { kind: 'normal', deviation: Math.sqrt(2 / (shape.out * area)) }, bias: zero };
    case 'kaiming-uniform-fan-in':
      return { weight: { kind: 'uniform', bound: Math.sqrt(3 / (shape.in * area)) }, bias: zero };
    case 'framework-default': {
      const uniform: Initialiser = { kind: 'uniform', bound: 1 / Math.sqrt(shape.in * area) };
      return { weight: uniform, bias: uniform };
    }
    case 'truncated-normal':
      return { weight: truncatedNormal, bias: zero };
  }
}

/** @param bias `cancelled` is a bias in front of a batch norm. */
export function convolutionParameters(name: string, shape: ConvolutionShape, bias: 'none' | 'plain' | 'cancelled', scheme: ConvolutionScheme): ParameterSpec[] {
  const initialisers = convolutionInitialisers(shape, scheme);
  const weight: ParameterSpec = { name: `${name}.weight`, shape: [shape.out, shape.in / (shape.groups ?? 1), shape.kernel, shape.kernel], kind: 'trainable', initialiser: initialisers.weight };
  if (bias === 'none') return [weight];
  const plain: ParameterSpec = { name: `${name}.bias`, shape: [shape.out], kind: 'trainable', initialiser: initialisers.bias };
  return [weight, bias === 'plain' ? plain : { ...plain, cancelledByNorm: true }];
}

/** Weight [out, in] as `truncated-normal`, bias 0; or, as PyTorch leaves it, both U(±1/√in). */
export function linearParameters(name: string, inputs: number, outputs: number, scheme: 'truncated-normal' | 'framework-default' = 'truncated-normal'): ParameterSpec[] {
  const { weight, bias } = convolutionInitialisers({ in: inputs, out: outputs, kernel: 1 }, scheme);
  return [
    { name: `${name}.weight`, shape: [outputs, inputs], kind: 'trainable', initialiser: weight },
    { name: `${name}.bias`, shape: [outputs], kind: 'trainable', initialiser: bias },
  ];
}

/** γ = 1, β = 0; of a layer or group norm. */
export function layerNormParameters(name: string, channels: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [channels], kind: 'trainable', initialiser: one },
    { name: `${name}.bias`, shape: [channels], kind: 'trainable', initialiser: zero },
  ];
}

/** γ = 1, β = 0, running mean 0, running variance 1. */
export function batchNormParameters(name: string, channels: number): ParameterSpec[] {
  const shape = [channels];
  return [
    { name: `${name}.weight`, shape, kind: 'trainable', initialiser: one },
    { name: `${name}.bias`, shape, kind: 'trainable', initialiser: zero },
    { name: `${name}.running_mean`, shape, kind: 'statistic', initialiser: zero },
    { name: `${name}.running_var`, shape, kind: 'statistic', initialiser: one },
  ];
}

/** One shared slope, 0.25. */
export function preluParameters(name: string): ParameterSpec[] {
  return [{ name: `${name}.weight`, shape: [1], kind: 'trainable', initialiser: { kind: 'constant', value: 0.25 } }];
}

/** A `Sequential` of convolution with bias, batch norm and PReLU, whose members are numbered from `first`. */
export function convolutionNormPreluParameters(name: string, shape: ConvolutionShape, scheme: ConvolutionScheme, first = 0): ParameterSpec[] {
  return [
    ...convolutionParameters(`${name}.${first}`, shape, 'cancelled', scheme),
    ...batchNormParameters(`${name}.${first + 1}`, shape.out),
    ...preluParameters(`${name}.${first + 2}`),
  ];
}
