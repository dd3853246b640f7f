/**
 * SOLNet (model/SOLNet.py of the official code): a RepVGG encoder, a pair of attentions on its deepest map (DEAM), and a decoder that
 * adds the encoder's maps on the way up, with a head on each of its four sizes.
 */
import { add, addN, concat, max, mean, mul, pad, relu, reshape, sigmoid, slice, split, transpose, type Rank, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { solnet as catalog, type SolnetOptions } from '../config/catalog/solnet.ts';
import { scaledChannels } from '../config/catalog/model.ts';
import { convolve } from '../nn/convolution.ts';
import { batchNormParameters, convolutionParameters } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { gridOf, resizeBilinearHalfPixel } from '../nn/resize.ts';
import { encoderUnder, sidesFrom, widthOf, type FeatureSpec, type Model, type TensorShapes } from './model.ts';
import { repvggBlock, repvggBlocks, repvggParameters, type RepvggBlock } from './repvgg.ts';
import { binaryCrossEntropy, fMeasureLoss, unsmoothedIntersectionOverUnion } from './saliency-loss.ts';

const ENCODER = 'backbone';
/** Blocks, channels and stride of the encoder's stages. */
const STAGES = [
  { blocks: 1, channels: 32, stride: 1 },
  { blocks: 2, channels: 48, stride: 2 },
  { blocks: 4, channels: 96, stride: 2 },
  { blocks: 14, channels: 192, stride: 2 },
  { blocks: 1, channels: 512, stride: 2 },
];
/** The deepest grid is the image's divided by this and rounded up; the decoder doubles it. */
const DEEPEST_STRIDE = 16;
const SMALLEST_SIDE = 32;
const SHUFFLE_GROUPS = 4;
const F_WEIGHT = 4;
/** Share of a side map's channels that training leaves out. */
const DROPOUT = 0.1;

interface Widths {
  /** r[0], r[2], r[6], r[20], r[21]: the last block of every stage. */
  readonly encoder: readonly number[];
  /** Of the map that pixel shuffling makes. */
  readonly shuffled: number;
}

function widthsOf(width: number): Widths {
  const encoder = STAGES.map(({ channels }) => scaledChannels(channels, width));
  return { encoder, shuffled: encoder[4]! / 4 };
}

function blocksOf(width: number): RepvggBlock[] {
  return repvggBlocks(ENCODER, STAGES.map((stage) => ({ ...stage, channels: scaledChannels(stage.channels, width) })));
}

/** Conv2 … Conv5 and their channels, coarsest first; each has a side map. */
function decoderSteps({ encoder, shuffled }: Widths): { name: number; in: number; out: number }[] {
  const [stem, half, quarter, eighth] = encoder as [number, number, number, number];
  return [
    { name: 2, in: eighth + shuffled, out: quarter },
    { name: 3, in: quarter, out: half },
    { name: 4, in: half, out: stem },
    { name: 5, in: stem, out: stem },
  ];
}

function attentionParameters(channels: number): ParameterSpec[] {
  const half = channels / 2;
  const along = (name: string): ParameterSpec => ({ name, shape: [1, 1, 3], kind: 'trainable', initialiser: { kind: 'uniform', bound: 1 / Math.sqrt(3) } });
  const fan = 1 / Math.sqrt(channels * 9);
  const pointwise = (name: string, shape: { in: number; out: number }): ParameterSpec[] => convolutionParameters(name, { ...shape, kernel: 1 }, 'none', 'framework-default');
  return [
    along('QK.K.conv.weight'),
    { name: 'QK.K.conv.bias', shape: [1], kind: 'trainable', initialiser: { kind: 'uniform', bound: 1 / Math.sqrt(3) } },
    ...pointwise('QK.K.mlp.0', { in: half, out: half / 8 }),
    ...pointwise('QK.K.mlp.2', { in: half / 8, out: half }),
    { name: 'QK.enhance_conv.weight', shape: [1, channels, channels, 3, 3], kind: 'trainable', initialiser: { kind: 'uniform', bound: fan } },
    along('QK.enhance_conv.attention.conv1d_1.weight'),
    ...pointwise('QK.enhance_conv.attention.out_channel_conv2d', { in: channels, out: channels }),
    // The softmax over a single kernel is 1 whatever this says: its gradient is zero, as that of a bias in front of a norm.
    ...pointwise('QK.enhance_conv.attention.kernel_conv2d', { in: channels, out: 1 }).map((spec) => ({ ...spec, cancelledByNorm: true as const })),
    // In no computation, and so never changed.
    ...convolutionParameters('QK.conv', { in: channels, out: channels, kernel: 3 }, 'plain', 'framework-default'),
    ...batchNormParameters('QK.bn', channels),
  ];
}

function decoderParameters(widths: Widths): ParameterSpec[] {
  const unit = (index: number, shape: { in: number; out: number }): ParameterSpec[] => [
    ...convolutionParameters(`Conv${index}`, { ...shape, kernel: 3 }, 'cancelled', 'framework-default'),
    ...batchNormParameters(`bn${index}`, shape.out),
  ];
  return [
    ...unit(1, { in: widths.shuffled, out: widths.shuffled }),
    ...decoderSteps(widths).flatMap((step) => [...unit(step.name, step), ...convolutionParameters(`feature_${step.name - 1}`, { in: step.out, out: 1, kernel: 1 }, 'plain', 'framework-default')]),
  ];
}

/** A convolution of three taps, zero-padded, along the channels of [B,1,1,C]. */
function alongChannels(vector: Tensor4D, weight: Tensor): Tensor4D {
  const channels = vector.shape[3];
  const padded = pad(vector, [[0, 0], [0, 0], [0, 0], [1, 1]]);
  const taps = split(reshape<Rank.R1>(weight, [3]), 3);
  return addN(taps.map((tap, index) => mul<Tensor4D>(slice<Rank.R4, Tensor4D>(padded, [0, 0, 0, index], [-1, -1, -1, channels]), tap)));
}

function globalMean(map: Tensor4D): Tensor4D {
  return mean(map, [1, 2], true);
}

/** Channel c = g·(C/groups) + j goes to j·groups + g. */
function shuffleChannels(map: Tensor4D, groups: number): Tensor4D {
  const [batch, height, width, channels] = map.shape;
  return reshape(transpose(reshape<Rank.R5>(map, [batch, height, width, groups, channels / groups]), [0, 1, 2, 4, 3]), [batch, height, width, channels]);
}

/** LGA: one half of the channels weighted by its neighbours' means, the other by a small network over means and maxima. */
function localGlobalAttention(layers: Layers, map: Tensor4D): Tensor4D {
  const [local, global] = split(map, 2, 3) as [Tensor4D, Tensor4D];
  const gate = sigmoid(add(alongChannels(globalMean(local), layers.weight('QK.K.conv.weight')), layers.weight('QK.K.conv.bias')));
  const network = (vector: Tensor4D): Tensor4D => layers.convolution(relu(layers.convolution(vector, 'QK.K.mlp.0')), 'QK.K.mlp.2');
  const weights = sigmoid(add(network(max(global, [1, 2], true)), network(globalMean(global))));
  return shuffleChannels(concat([mul(local, gate), mul(global, weights)], 3), SHUFFLE_GROUPS);
}

/** EDE: a 3×3 convolution with gates on its input and output channels. */
function enhancement(layers: Layers, map: Tensor4D): Tensor4D {
  const name = 'QK.enhance_conv';
  const vector = alongChannels(globalMean(map), layers.weight(`${name}.attention.conv1d_1.weight`));
  const kernels = layers.weight(`${name}.weight`);
  const kernel = reshape<Rank.R4>(kernels, kernels.shape.slice(1) as [number, number, number, number]);
  const convolved = convolve({ kind: 'map', map: mul(map, sigmoid(vector)) }, kernel);
  return mul(convolved, sigmoid(layers.convolution(vector, `${name}.attention.out_channel_conv2d`)));
}

/** out[c, 2i+p, 2j+q] = in[4c+2p+q, i, j], as PyTorch shuffles (TensorFlow's depthToSpace has another order). */
function pixelShuffle(map: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = map.shape;
  const split6 = reshape<Rank.R6>(map, [batch, height, width, channels / 4, 2, 2]);
  return reshape(transpose(split6, [0, 1, 4, 2, 5, 3]), [batch, 2 * height, 2 * width, channels / 4]);
}

function encode(layers: Layers, width: number, image: Tensor4D): Record<string, Tensor4D> {
  const maps: Record<string, Tensor4D> = {};
  let map = image;
  for (const [index, block] of blocksOf(width).entries()) {
    map = repvggBlock(layers, block, map);
    maps[`r${index}`] = map;
  }
  return maps;
}

function doubled(map: Tensor4D): Tensor4D {
  const [height, width] = gridOf(map);
  return resizeBilinearHalfPixel(map, [2 * height, 2 * width]);
}

/** The decoder's four maps, finest first. */
function decode(layers: Layers, deepest: Tensor4D, [eighth, quarter, half, full]: readonly [Tensor4D, Tensor4D, Tensor4D, Tensor4D]): Tensor4D[] {
  const unit = (input: Tensor4D, index: number): Tensor4D => layers.unit(input, { convolution: `Conv${index}`, norm: `bn${index}` }, { activation: { kind: 'relu' } });
  const shuffled = unit(pixelShuffle(deepest), 1);
  const maps = [unit(concat([shuffled, resizeBilinearHalfPixel(eighth, gridOf(shuffled))], 3), 2)];
  for (const [index, skip] of [quarter, half, full].entries()) {
    const raised = doubled(maps[0]!);
    maps.unshift(unit(add(raised, resizeBilinearHalfPixel(skip, gridOf(raised))), index + 3));
  }
  return maps;
}

/** `feature_4` reads the finest stage. */
function headName(stage: number): string {
  return `feature_${4 - stage}`;
}

function featuresOf(width: number): FeatureSpec[] {
  const steps = decoderSteps(widthsOf(width)).toReversed();
  return steps.map(({ name, out }, index) => ({ name: `Conv${name}`, stride: 2 ** index, channels: out, alignment: DEEPEST_STRIDE }));
}

/** The options of a network with these tensors. */
export function recogniseSolnet(tensors: TensorShapes): SolnetOptions[] {
  const deepest = tensors.get('QK.conv.weight')?.shape[0];
  if (deepest === undefined) return [];
  return [{ ...catalog.defaults, width: widthOf([[512, deepest], [32, tensors.get('backbone.stage0.rbr_dense.conv.weight')?.shape[0]]]) ?? 1 }];
}

export function solnet(options: SolnetOptions): Model {
  const widths = widthsOf(options.width);
  return {
    name: 'solnet',
    parameters: () => [...blocksOf(options.width).flatMap(repvggParameters), ...attentionParameters(widths.encoder[4]!), ...decoderParameters(widths)],
    features: featuresOf(options.width),
    heads: featuresOf(options.width).map((_, stage) => ({ name: headName(stage), stage, lossWeight: 1 })),
    noise: featuresOf(options.width).map(({ channels }, stage) => ({ name: headName(stage), rate: DROPOUT, channels })),
    encoder: encoderUnder(`${ENCODER}.`, ['linear.']),
    adapterSchemes: { branches: 'framework-default', others: 'framework-default' },
    validSize: sidesFrom(SMALLEST_SIDE),
    decoderFeatures: (layers, image) => {
      const maps = encode(layers, options.width, image);
      const deepest = maps.r21!;
      const attended = layers.norm(add(enhancement(layers, deepest), localGlobalAttention(layers, deepest)), 'QK.bn', { kind: 'relu' });
      return { features: decode(layers, attended, [maps.r20!, maps.r6!, maps.r2!, maps.r0!]), taps: { ...maps, QK: attended } };
    },
    logits: (layers, features) => features.map((feature, stage) => layers.convolution(layers.drop(feature, headName(stage), DROPOUT), headName(stage))),
    supervisedLoss: (logits, mask) => {
      const resized = logits.map((map) => resizeBilinearHalfPixel(map, gridOf(mask)));
      const ofEveryMap = addN(resized.map((map) => add<Tensor>(binaryCrossEntropy(map, mask), unsmoothedIntersectionOverUnion(map, mask))));
      return add(ofEveryMap, mul(fMeasureLoss(resized[0]!, mask), F_WEIGHT));
    },
  };
}
