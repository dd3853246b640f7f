/**
 * TransXNet-tiny as the official SCRKD code builds it (model/TransXNet.py; Lou et al., 2023): four stages of blocks that mix tokens by
 * dynamic depthwise kernels and by attention to shortened keys, a feature pyramid, and one head over its maps.
 */
import { add, concat, mul, reshape, sigmoid, slice, split, squeeze, sub, transpose, type Rank, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { transxnet as catalog, type TransxnetOptions } from '../config/catalog/transxnet.ts';
import { scaledChannels } from '../config/catalog/model.ts';
import { gelu } from '../nn/activation.ts';
import { attention } from '../nn/attention.ts';
import { convolvePerImage, halves, imageMean } from '../nn/channel-operations.ts';
import { batchNormParameters, convolutionParameters, depthwise, layerNormParameters, truncatedNormal, type ConvolutionScheme, type ConvolutionShape } from '../nn/initialisers.ts';
import { imageNorm } from '../nn/layer-norm.ts';
import type { Layers, UnitOptions } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { adaptiveAveragePool, gridOf, resizeBilinear } from '../nn/resize.ts';
import { resizeTable } from '../nn/table.ts';
import { sidesFrom, widthOf, type Model, type TensorShapes } from './model.ts';

const SCHEME: ConvolutionScheme = 'truncated-normal';
/** Side of the dynamic kernels. */
const KERNEL = 7;
/** Candidate kernels that an image's own is mixed of. */
const CANDIDATES = 2;
const EXPANSION = 4;
/** Kernels of the feed-forward part, one for each quarter of its channels. */
const SCALES = [1, 3, 5, 7];
const PYRAMID = [1, 2, 3, 6];
const LAYER_SCALE = 1e-5;

interface Stage {
  /** Index within `network`, e.g. 0, 2, 4, 6. */
  readonly index: number;
  readonly in: number;
  readonly channels: number;
  readonly blocks: number;
  readonly heads: number;
  readonly reduction: number;
  readonly stride: number;
}

function stagesOf(width: number): Stage[] {
  const perHead = [24, 24, 28, 28].map((channels) => Math.max(4, Math.round((channels * width) / 4) * 4));
  const channels = perHead.map((each, index) => 2 * each * 2 ** index);
  return [3, 3, 9, 3].map((blocks, index) => ({
    index: 2 * index,
    in: index === 0 ? 3 : channels[index - 1]!,
    channels: channels[index]!,
    blocks,
    heads: 2 ** index,
    reduction: 8 >> index,
    stride: 2 << index,
  }));
}

const decoderChannels = (width: number): number => scaledChannels(256, width);
const embedding = ({ index }: Stage): string => (index === 0 ? 'patch_embed.proj' : `network.${index - 1}.proj`);
const bottleneck = (channels: number): number => Math.max(16, channels / 8);
/** Tokens of a stage for an image of this side, and those of its shortened keys. */
const tokensOf = ({ stride, reduction }: Stage, side: number): [number, number] => [Math.ceil(side / stride) ** 2, Math.ceil(Math.ceil(side / stride) / reduction) ** 2];

const named = (name: string, convolution: string, norm: string): { convolution: string; norm: string } => ({ convolution: `${name}.${convolution}`, norm: `${name}.${norm}` });
const inModule = (name: string) => named(name, 'conv', 'bn');
const inSequence = (name: string, first = 0) => named(name, String(first), String(first + 1));

function unitParameters({ convolution, norm }: { convolution: string; norm: string }, shape: ConvolutionShape, bias: 'none' | 'cancelled' = 'none'): ParameterSpec[] {
  return [...convolutionParameters(convolution, shape, bias, SCHEME), ...batchNormParameters(norm, shape.out)];
}

function layerScaleParameters(name: string, channels: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [channels, 1, 1, 1], kind: 'trainable', initialiser: { kind: 'constant', value: LAYER_SCALE } },
    { name: `${name}.bias`, shape: [channels], kind: 'trainable', initialiser: { kind: 'constant', value: 0 } },
  ];
}

function mixerParameters(name: string, { channels, reduction }: Stage): ParameterSpec[] {
  const half = channels / 2;
  const [local, whole] = [`${name}.local_unit`, `${name}.global_unit`];
  const narrow = bottleneck(channels);
  return [
    { name: `${local}.weight`, shape: [CANDIDATES, half, KERNEL, KERNEL], kind: 'trainable', initialiser: truncatedNormal },
    { name: `${local}.bias`, shape: [CANDIDATES, half], kind: 'trainable', initialiser: { kind: 'constant', value: 0 } },
    ...unitParameters(inModule(`${local}.proj.0`), { in: half, out: half / 4, kernel: 1 }),
    ...convolutionParameters(`${local}.proj.1`, { in: half / 4, out: CANDIDATES * half, kernel: 1 }, 'plain', SCHEME),
    ...convolutionParameters(`${whole}.q`, { in: half, out: half, kernel: 1 }, 'plain', SCHEME),
    ...convolutionParameters(`${whole}.kv`, { in: half, out: 2 * half, kernel: 1 }, 'plain', SCHEME),
    ...(reduction > 1 ? [...unitParameters(inModule(`${whole}.sr.0`), depthwise(half, reduction + 3)), ...unitParameters(inModule(`${whole}.sr.1`), depthwise(half, 1))] : []),
    ...convolutionParameters(`${whole}.local_conv`, depthwise(half, 3), 'plain', SCHEME),
    ...convolutionParameters(`${name}.proj.0`, depthwise(channels, 3), 'plain', SCHEME),
    ...batchNormParameters(`${name}.proj.2`, channels),
    ...convolutionParameters(`${name}.proj.3`, { in: channels, out: narrow, kernel: 1 }, 'plain', SCHEME),
    ...batchNormParameters(`${name}.proj.5`, narrow),
    ...unitParameters(inSequence(`${name}.proj`, 6), { in: narrow, out: channels, kernel: 1 }, 'cancelled'),
  ];
}

function blockParameters(name: string, stage: Stage): ParameterSpec[] {
  const { channels } = stage;
  const hidden = EXPANSION * channels;
  return [
    ...convolutionParameters(`${name}.pos_embed`, depthwise(channels, 7), 'plain', SCHEME),
    ...layerNormParameters(`${name}.norm1`, channels),
    ...mixerParameters(`${name}.token_mixer`, stage),
    ...layerNormParameters(`${name}.norm2`, channels),
    ...convolutionParameters(`${name}.mlp.fc1.0`, { in: channels, out: hidden, kernel: 1 }, 'none', SCHEME),
    ...batchNormParameters(`${name}.mlp.fc1.2`, hidden),
    ...SCALES.flatMap((kernel, part) => convolutionParameters(`${name}.mlp.dwconv.proj.${part}`, depthwise(hidden / SCALES.length, kernel), 'plain', SCHEME)),
    ...batchNormParameters(`${name}.mlp.norm`, hidden),
    ...unitParameters(inSequence(`${name}.mlp.fc2`), { in: hidden, out: channels, kernel: 1 }),
    ...layerScaleParameters(`${name}.layer_scale_1`, channels),
    ...layerScaleParameters(`${name}.layer_scale_2`, channels),
  ];
}

const blockNames = ({ index, blocks }: Stage): string[] => Array.from({ length: blocks }, (_, block) => `network.${index}.${block}`);

function parameters({ width, positions }: TransxnetOptions): ParameterSpec[] {
  const stages = stagesOf(width);
  const channels = decoderChannels(width);
  const deepest = stages.at(-1)!.channels;
  const [first, ...others] = stages as [Stage, ...Stage[]];
  const stem = (stage: Stage, kernel: number): ParameterSpec[] => unitParameters(inModule(embedding(stage)), { in: stage.in, out: stage.channels, kernel });
  const blocks = (stage: Stage): ParameterSpec[] => blockNames(stage).flatMap((name) => blockParameters(name, stage));
  return [
    ...stem(first, 7),
    ...stages.map((stage, index): ParameterSpec => ({ name: `relative_pos_enc.${index}`, shape: [1, stage.heads, ...tokensOf(stage, positions)], kind: 'trainable', initialiser: { kind: 'constant', value: 0 } })),
    ...blocks(first),
    ...others.flatMap((stage) => [...stem(stage, 3), ...blocks(stage)]),
    ...stages.flatMap((stage) => layerNormParameters(`norm${stage.index}`, stage.channels)),
    ...stages.flatMap((stage, index) => unitParameters(inSequence(`fpn.lateral_convs.${index}`), { in: stage.channels, out: channels, kernel: 1 })),
    ...stages.flatMap((_, index) => unitParameters(inSequence(`fpn.fpn_convs.${index}`), { in: channels, out: channels, kernel: 3 })),
    ...PYRAMID.flatMap((_, branch) => unitParameters(inSequence(`fpn.ppm.blocks.${branch}`, 1), { in: deepest, out: deepest, kernel: 1 })),
    ...convolutionParameters('fpn.ppm.conv', { in: (PYRAMID.length + 1) * deepest, out: deepest, kernel: 3 }, 'plain', SCHEME),
    ...unitParameters(inSequence('sod_head.fpn_bottleneck'), { in: stages.length * channels, out: channels, kernel: 3 }),
    ...unitParameters(inSequence('sod_head.cls_seg'), { in: channels, out: channels, kernel: 3 }),
    ...convolutionParameters('sod_head.cls_seg.3', { in: channels, out: 1, kernel: 1 }, 'plain', SCHEME),
  ];
}

/** Both candidates mixed by an image's own shares, a softmax over two: σ of their difference. */
function mixed(shares: Tensor4D, candidates: readonly [Tensor, Tensor]): Tensor4D {
  const [first, second] = split(shares, CANDIDATES, 3) as [Tensor4D, Tensor4D];
  const share = sigmoid(sub<Tensor4D>(first, second));
  return add(mul(share, candidates[0]), mul(sub(1, share), candidates[1]));
}

/** IDConv: a depthwise kernel and a bias for every image, mixed by what the image looks like. */
function dynamicConvolution(layers: Layers, name: string, map: Tensor4D): Tensor4D {
  const channels = map.shape[3];
  const shares = (pooled: Tensor4D): Tensor4D => layers.convolution(gelu(layers.unit(pooled, inModule(`${name}.proj.0`))), `${name}.proj.1`);
  const weight = layers.weight(`${name}.weight`) as Tensor4D;
  const bias = layers.weight(`${name}.bias`);
  const kernelOf = (candidate: number): Tensor => transpose(squeeze(slice<Rank.R4, Tensor4D>(weight, [candidate, 0, 0, 0], [1, -1, -1, -1]), [0]), [1, 2, 0]);
  const biasOf = (candidate: number): Tensor => reshape(slice(bias, [candidate, 0], [1, -1]), [channels]);
  const kernels = mixed(shares(adaptiveAveragePool(map, [KERNEL, KERNEL])), [kernelOf(0), kernelOf(1)]);
  return add(convolvePerImage(map, kernels), mixed(shares(imageMean(map)), [biasOf(0), biasOf(1)]));
}

/** OSRA: attention to keys of overlapping patches. */
function shortenedAttention(layers: Layers, name: string, { heads, reduction }: Stage, map: Tensor4D, bias: Tensor4D): Tensor4D {
  const isDepthwise = true;
  const shortened = (): Tensor4D => layers.unit(gelu(layers.unit(map, inModule(`${name}.sr.0`), { isDepthwise, stride: reduction })), inModule(`${name}.sr.1`), { isDepthwise });
  const source = reduction > 1 ? shortened() : map;
  const refined = add<Tensor4D>(source, layers.convolution(source, `${name}.local_conv`, { isDepthwise }));
  const [key, value] = halves(layers.convolution(refined, `${name}.kv`));
  const [, height, width] = map.shape;
  const [, keyHeight, keyWidth] = key.shape;
  return attention(layers.convolution(map, `${name}.q`), key, value, heads, resizeTable(bias, height * width, keyHeight * keyWidth));
}

/** D-Mixer: one half of the channels looks near, the other far; then both are brought together (STE). */
function tokenMixer(layers: Layers, name: string, stage: Stage, map: Tensor4D, bias: Tensor4D, seen: Record<string, Tensor4D>): Tensor4D {
  const [near, far] = halves(map);
  const local = dynamicConvolution(layers, `${name}.local_unit`, near);
  const whole = shortenedAttention(layers, `${name}.global_unit`, stage, far, bias);
  const both = concat([local, whole], 3);
  const spatial = layers.norm(gelu(layers.convolution(both, `${name}.proj.0`, { isDepthwise: true })), `${name}.proj.2`);
  const narrow = layers.norm(gelu(layers.convolution(spatial, `${name}.proj.3`)), `${name}.proj.5`);
  const result = add<Tensor4D>(layers.unit(narrow, inSequence(`${name}.proj`, 6)), both);
  Object.assign(seen, { idconv: local, osra: whole, token_mixer: result });
  return result;
}

/** MS-FFN: a quarter of the channels for every scale. */
function feedForward(layers: Layers, name: string, map: Tensor4D): Tensor4D {
  const hidden = layers.norm(gelu(layers.convolution(map, `${name}.fc1.0`)), `${name}.fc1.2`);
  const scales = split(hidden, SCALES.length, 3).map((part, index) => layers.convolution(part as Tensor4D, `${name}.dwconv.proj.${index}`, { isDepthwise: true }));
  const activated = gelu(add<Tensor4D>(concat(scales, 3), hidden));
  return layers.unit(layers.norm(activated, `${name}.norm`), inSequence(`${name}.fc2`));
}

function layerScale(layers: Layers, name: string, map: Tensor4D): Tensor4D {
  const weight = layers.weight(`${name}.weight`);
  return add(mul(map, reshape(weight, [weight.size])), layers.weight(`${name}.bias`));
}

function block(layers: Layers, name: string, stage: Stage, map: Tensor4D, bias: Tensor4D): { map: Tensor4D; seen: Record<string, Tensor4D> } {
  const seen: Record<string, Tensor4D> = {};
  const placed = add<Tensor4D>(map, layers.convolution(map, `${name}.pos_embed`, { isDepthwise: true }));
  const mixedTokens = tokenMixer(layers, `${name}.token_mixer`, stage, imageNorm(layers, placed, `${name}.norm1`), bias, seen);
  const attended = add<Tensor4D>(placed, layerScale(layers, `${name}.layer_scale_1`, mixedTokens));
  const fed = feedForward(layers, `${name}.mlp`, imageNorm(layers, attended, `${name}.norm2`));
  const result = add<Tensor4D>(attended, layerScale(layers, `${name}.layer_scale_2`, fed));
  return { map: result, seen: { after_pos: placed, ...seen, out: result } };
}

/** The four normalised maps, and for looking at them the values inside of the first block. */
function encoderMaps(layers: Layers, width: number, image: Tensor4D): { maps: Tensor4D[]; taps: Record<string, Tensor4D> } {
  const taps: Record<string, Tensor4D> = {};
  let map = image;
  const maps = stagesOf(width).map((stage, index) => {
    map = layers.unit(map, inModule(embedding(stage)), { stride: 2 });
    if (index === 0) taps.patch_embed = map;
    const bias = layers.weight(`relative_pos_enc.${index}`) as Tensor4D;
    for (const [position, name] of blockNames(stage).entries()) {
      const result = block(layers, name, stage, map, bias);
      map = result.map;
      if (index === 0 && position === 0) for (const [part, value] of Object.entries(result.seen)) taps[`block0.${part}`] = value;
    }
    const normed = imageNorm(layers, map, `norm${stage.index}`);
    taps[`stage${index + 1}_normed`] = normed;
    return normed;
  });
  return { maps, taps };
}

const relu: UnitOptions = { activation: { kind: 'relu' } };

function pyramidPooling(layers: Layers, map: Tensor4D): Tensor4D {
  const branches = PYRAMID.map((side, branch) => resizeBilinear(layers.unit(adaptiveAveragePool(map, [side, side]), inSequence(`fpn.ppm.blocks.${branch}`, 1), relu), gridOf(map)));
  return layers.convolution(concat([map, ...branches], 3), 'fpn.ppm.conv');
}

/** P1 … P4. */
function featurePyramid(layers: Layers, maps: readonly Tensor4D[]): Tensor4D[] {
  const sources = [...maps.slice(0, -1), pyramidPooling(layers, maps.at(-1)!)];
  const laterals = sources.map((map, index) => layers.unit(map, inSequence(`fpn.lateral_convs.${index}`), relu));
  for (let index = laterals.length - 1; index > 0; index--) {
    const finer = laterals[index - 1]!;
    laterals[index - 1] = add(finer, resizeBilinear(laterals[index]!, gridOf(finer)));
  }
  return laterals.map((map, index) => layers.unit(map, inSequence(`fpn.fpn_convs.${index}`), relu));
}

function headLogits(layers: Layers, features: readonly Tensor4D[], head: TransxnetOptions['head']): Tensor4D {
  const [finest, second, ...deeper] = features as [Tensor4D, Tensor4D, ...Tensor4D[]];
  const read = [head === 'official' ? second : finest, second, ...deeper]; // the official code overwrites P1 with P2
  const resized = read.map((map) => resizeBilinear(map, gridOf(finest)));
  const fused = layers.unit(concat(resized, 3), inSequence('sod_head.fpn_bottleneck'), relu);
  return layers.convolution(layers.unit(fused, inSequence('sod_head.cls_seg'), relu), 'sod_head.cls_seg.3');
}

/** Options that the tensors of a file speak for (not which maps its head reads); none where they are not of this model. */
export function recogniseTransxnet(tensors: TensorShapes): TransxnetOptions[] {
  const channels = tensors.get('sod_head.cls_seg.3.weight')?.shape[1];
  const tokens = tensors.get('relative_pos_enc.0')?.shape[2];
  if (channels === undefined || tokens === undefined) return [];
  return [{ ...catalog.defaults, width: widthOf([[256, channels]]) ?? 1, positions: 2 * Math.round(Math.sqrt(tokens)) }];
}

export function transxnet(options: TransxnetOptions): Model {
  const channels = decoderChannels(options.width);
  return {
    name: 'transxnet',
    parameters: () => parameters(options),
    features: stagesOf(options.width).map(({ stride }, index) => ({ name: `P${index + 1}`, stride, channels })),
    heads: [{ name: 'sod_head', stage: 0, lossWeight: 1 }],
    noise: [],
    encoder: { prefix: '', owns: (parameter) => /^(?:patch_embed|relative_pos_enc|network|norm\d)\b/.test(parameter), classifier: ['classifier.', 'head.'] },
    adapterSchemes: { branches: SCHEME, others: SCHEME },
    validSize: sidesFrom(16),
    decoderFeatures: (layers, image) => {
      const { maps, taps } = encoderMaps(layers, options.width, image);
      return { features: featurePyramid(layers, maps), taps };
    },
    logits: (layers, features) => [headLogits(layers, features, options.head)],
  };
}
