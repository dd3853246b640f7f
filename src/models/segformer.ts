/**
 * SegFormer-b1 as the official SCRKD code builds it (model/segformer.py): MiT-b1 with a first stride of 2 and otherwise MiT's names
 * (Xie et al., 2021), four linear layers to one width at the finest grid, and one head.
 */
import { concat, split, add, type Tensor4D } from '@tensorflow/tfjs-core';
import { segformer as catalog, type SegformerOptions } from '../config/catalog/segformer.ts';
import { scaledChannels } from '../config/catalog/model.ts';
import { gelu } from '../nn/activation.ts';
import { attention } from '../nn/attention.ts';
import { batchNormParameters, convolutionParameters, depthwise, layerNormParameters, linearParameters, type ConvolutionScheme } from '../nn/initialisers.ts';
import { layerNorm } from '../nn/layer-norm.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { gridOf, resizeBilinearHalfPixel } from '../nn/resize.ts';
import { sidesFrom, widthOf, type Model, type ModelUse, type NoiseSpec, type TensorShapes } from './model.ts';

const SCHEME: ConvolutionScheme = 'kaiming-normal-fan-out';
/** Of the norms of patches and of shortened keys; those of the blocks have ε = 1e-6. */
const PATCH_EPSILON = 1e-5;
const BLOCK_EPSILON = 1e-6;
const BLOCKS = 2;
const EXPANSION = 4;

interface Stage {
  /** From 1. */
  readonly number: number;
  readonly in: number;
  readonly channels: number;
  readonly heads: number;
  /** Keys and values are taken from patches of so many tokens a side. */
  readonly reduction: number;
  readonly kernel: number;
}

function stagesOf(width: number): Stage[] {
  const perHead = scaledChannels(64, width);
  const heads = [1, 2, 5, 8];
  return [8, 4, 2, 1].map((reduction, index) => ({
    number: index + 1,
    in: index === 0 ? 3 : heads[index - 1]! * perHead,
    channels: heads[index]! * perHead,
    heads: heads[index]!,
    reduction,
    kernel: index === 0 ? 7 : 3,
  }));
}

const blockNames = ({ number }: Stage): string[] => Array.from({ length: BLOCKS }, (_, index) => `block${number}.${index}`);

function blockParameters(name: string, { channels, reduction }: Stage): ParameterSpec[] {
  const shortened = [...convolutionParameters(`${name}.attn.sr`, { in: channels, out: channels, kernel: reduction }, 'plain', SCHEME), ...layerNormParameters(`${name}.attn.norm`, channels)];
  return [
    ...layerNormParameters(`${name}.norm1`, channels),
    ...linearParameters(`${name}.attn.q`, channels, channels),
    ...linearParameters(`${name}.attn.kv`, channels, 2 * channels),
    ...linearParameters(`${name}.attn.proj`, channels, channels),
    ...(reduction > 1 ? shortened : []),
    ...layerNormParameters(`${name}.norm2`, channels),
    ...linearParameters(`${name}.mlp.fc1`, channels, EXPANSION * channels),
    ...convolutionParameters(`${name}.mlp.dwconv.dwconv`, depthwise(EXPANSION * channels, 3), 'plain', SCHEME),
    ...linearParameters(`${name}.mlp.fc2`, EXPANSION * channels, channels),
  ];
}

const decoderChannels = (width: number): number => scaledChannels(256, width);

function parameters({ width }: SegformerOptions, head: string): ParameterSpec[] {
  const stages = stagesOf(width);
  const channels = decoderChannels(width);
  return [
    ...stages.flatMap((stage) => [
      ...convolutionParameters(`patch_embed${stage.number}.proj`, { in: stage.in, out: stage.channels, kernel: stage.kernel }, 'plain', SCHEME),
      ...layerNormParameters(`patch_embed${stage.number}.norm`, stage.channels),
    ]),
    ...stages.flatMap((stage) => [...blockNames(stage).flatMap((name) => blockParameters(name, stage)), ...layerNormParameters(`norm${stage.number}`, stage.channels)]),
    ...stages.toReversed().flatMap((stage) => linearParameters(`linear_c${stage.number}.proj`, stage.channels, channels)),
    ...convolutionParameters('linear_fuse.0', { in: stages.length * channels, out: channels, kernel: 1 }, 'cancelled', SCHEME),
    ...batchNormParameters('linear_fuse.1', channels),
    ...convolutionParameters(head, { in: channels, out: 1, kernel: 1 }, 'plain', SCHEME),
  ];
}

/** Stochastic depth: the rate grows evenly from 0 at the first block to `dropPath` at the last; both branches of a block are drawn. */
function noiseOf({ width, dropPath }: SegformerOptions): NoiseSpec[] {
  const names = stagesOf(width).flatMap(blockNames);
  return names.flatMap((name, index) => {
    const rate = (dropPath * index) / (names.length - 1);
    return rate === 0 ? [] : [{ name: `${name}.attn`, rate }, { name: `${name}.mlp`, rate }];
  });
}

function selfAttention(layers: Layers, name: string, { heads, reduction }: Stage, map: Tensor4D): Tensor4D {
  const patches = (): Tensor4D => layerNorm(layers, layers.convolution(map, `${name}.sr`, { stride: reduction, padding: 0 }), `${name}.norm`, PATCH_EPSILON);
  const source = reduction > 1 ? patches() : map;
  const [key, value] = split(layers.convolution(source, `${name}.kv`), 2, 3) as [Tensor4D, Tensor4D];
  return layers.convolution(attention(layers.convolution(map, `${name}.q`), key, value, heads), `${name}.proj`);
}

function feedForward(layers: Layers, name: string, map: Tensor4D): Tensor4D {
  const hidden = layers.convolution(layers.convolution(map, `${name}.fc1`), `${name}.dwconv.dwconv`, { isDepthwise: true });
  return layers.convolution(gelu(hidden), `${name}.fc2`);
}

function block(layers: Layers, name: string, stage: Stage, drop: (map: Tensor4D, branch: string) => Tensor4D, map: Tensor4D): Tensor4D {
  const attended = add<Tensor4D>(map, drop(selfAttention(layers, `${name}.attn`, stage, layerNorm(layers, map, `${name}.norm1`, BLOCK_EPSILON)), `${name}.attn`));
  return add(attended, drop(feedForward(layers, `${name}.mlp`, layerNorm(layers, attended, `${name}.norm2`, BLOCK_EPSILON)), `${name}.mlp`));
}

/** c1 … c4, at strides 2, 4, 8, 16. */
function encoderMaps(layers: Layers, options: SegformerOptions, image: Tensor4D): Tensor4D[] {
  const rates = new Map(noiseOf(options).map(({ name, rate }) => [name, rate]));
  const drop = (map: Tensor4D, branch: string): Tensor4D => (rates.has(branch) ? layers.drop(map, branch, rates.get(branch)!) : map);
  let map = image;
  return stagesOf(options.width).map((stage) => {
    map = layerNorm(layers, layers.convolution(map, `patch_embed${stage.number}.proj`, { stride: 2 }), `patch_embed${stage.number}.norm`, PATCH_EPSILON);
    for (const name of blockNames(stage)) map = block(layers, name, stage, drop, map);
    map = layerNorm(layers, map, `norm${stage.number}`, BLOCK_EPSILON);
    return map;
  });
}

/** Options that the tensors of a file speak for; none where they are not of this model. */
export function recogniseSegformer(tensors: TensorShapes): SegformerOptions[] {
  const channels = tensors.get('linear_c1.proj.weight')?.shape[0];
  if (channels === undefined) return [];
  return [{ ...catalog.defaults, width: widthOf([[256, channels], [64, tensors.get('patch_embed1.proj.weight')?.shape[0]]]) ?? 1 }];
}

export function segformer(options: SegformerOptions, { isAdapted }: ModelUse): Model {
  const channels = decoderChannels(options.width);
  const head = isAdapted ? 'linear_pred1' : 'linear_pred';
  return {
    name: 'segformer',
    parameters: () => parameters(options, head),
    features: [1, 2, 3, 4].map((stage) => ({ name: `c${stage}prime`, stride: 2, channels })),
    heads: [{ name: head, stage: 0, lossWeight: 1 }],
    noise: noiseOf(options),
    encoder: { prefix: '', owns: (parameter) => /^(?:patch_embed|block|norm)\d/.test(parameter), classifier: ['head.'] },
    adapterSchemes: { branches: SCHEME, others: SCHEME },
    validSize: sidesFrom(16),
    decoderFeatures: (layers, image) => {
      const maps = encoderMaps(layers, options, image);
      const features = maps.map((map, index) => resizeBilinearHalfPixel(layers.convolution(map, `linear_c${index + 1}.proj`), gridOf(maps[0]!)));
      return { features, taps: Object.fromEntries(maps.map((map, index) => [`c${index + 1}`, map])) };
    },
    logits: (layers, features) => {
      const fused = layers.unit(concat([...features].reverse(), 3), { convolution: 'linear_fuse.0', norm: 'linear_fuse.1' }, { activation: { kind: 'relu' } });
      return [layers.convolution(fused, head)];
    },
  };
}
