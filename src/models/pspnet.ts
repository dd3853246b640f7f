/**
 * PSPNet as the official SCRKD code builds it (model/pspnet.py): a ResNet encoder with five taps, pyramid pooling without the
 * unpooled map, a five-stage top-down decoder, and an affine head per stage.
 */
import { concat, type Tensor4D } from '@tensorflow/tfjs-core';
import type { PspnetOptions } from '../config/catalog/pspnet.ts';
import { scaledChannels } from '../config/catalog/model.ts';
import { batchNormParameters, convolutionNormPreluParameters, convolutionParameters, type ConvolutionScheme } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { adaptiveAveragePool, gridOf, resizeBilinear } from '../nn/resize.ts';
import { encoderUnder, sidesFrom, widthOf, type Model, type TensorShapes } from './model.ts';
import { resnetChannels, resnetMaps, resnetParameters } from './resnet.ts';

const ENCODER = 'bkbone';
const STRIDES = [2, 4, 8, 16, 32];
/** Sides of the pyramid's pooled grids. */
const PYRAMID = [1, 2, 3, 6];
/** Of the heads in L_SOD, finest first (official code). */
const HEAD_WEIGHTS = [1, 1, 1 / 2, 1 / 4, 1 / 8];
const SMALLEST_SIDE = 32;
/** The decoder's initialiser in the official code; the encoder has torchvision's. */
const SCHEME: ConvolutionScheme = 'kaiming-normal-fan-in';

const decoderChannels = (width: number): number => scaledChannels(256, width);

function pyramidParameters(deepest: number, channels: number): ParameterSpec[] {
  return [
    ...convolutionNormPreluParameters('ppm.down_conv', { in: deepest, out: channels, kernel: 3 }, SCHEME),
    ...PYRAMID.flatMap((_, branch) => convolutionNormPreluParameters(`ppm.conv${branch + 1}`, { in: channels, out: channels, kernel: 1 }, SCHEME, 1)),
    ...convolutionNormPreluParameters('ppm.fuse', { in: PYRAMID.length * channels, out: channels, kernel: 1 }, SCHEME),
  ];
}

function fusionParameters(stage: number, skip: number, channels: number): ParameterSpec[] {
  return [
    ...convolutionParameters(`fuse${stage}.fuse`, { in: skip + channels, out: channels, kernel: 3 }, 'cancelled', SCHEME),
    ...batchNormParameters(`fuse${stage}.bn1`, channels),
  ];
}

function headParameters(stage: number, width: number): ParameterSpec[] {
  const name = `SOD_head${stage}.process`;
  const [wide, narrow] = [scaledChannels(128, width), scaledChannels(64, width)];
  return [
    ...convolutionParameters(`${name}.0`, { in: decoderChannels(width), out: wide, kernel: 3 }, 'cancelled', SCHEME),
    ...batchNormParameters(`${name}.1`, wide),
    ...convolutionParameters(`${name}.2`, { in: wide, out: narrow, kernel: 3 }, 'cancelled', SCHEME),
    ...batchNormParameters(`${name}.3`, narrow),
    ...convolutionParameters(`${name}.4`, { in: narrow, out: 1, kernel: 3 }, 'plain', SCHEME),
  ];
}

function parameters({ backbone, width }: PspnetOptions): ParameterSpec[] {
  const encoder = resnetChannels(backbone, width);
  const channels = decoderChannels(width);
  const stages = encoder.map((_, index) => index + 1);
  return [
    ...resnetParameters(ENCODER, backbone, width),
    ...pyramidParameters(encoder.at(-1)!, channels),
    ...stages.toReversed().flatMap((stage) => fusionParameters(stage, encoder[stage - 1]!, channels)),
    ...stages.flatMap((stage) => headParameters(stage, width)),
  ];
}

function pyramidPooling(layers: Layers, map: Tensor4D): Tensor4D {
  const unit = (input: Tensor4D, name: string, first = 0): Tensor4D =>
    layers.unit(input, { convolution: `${name}.${first}`, norm: `${name}.${first + 1}` }, { activation: { kind: 'prelu', name: `${name}.${first + 2}.weight` } });
  const narrowed = unit(map, 'ppm.down_conv');
  const branches = PYRAMID.map((side, branch) => {
    const pooled = adaptiveAveragePool(narrowed, [side, side]);
    return resizeBilinear(unit(pooled, `ppm.conv${branch + 1}`, 1), gridOf(narrowed));
  });
  return unit(concat(branches, 3), 'ppm.fuse');
}

function topDown(layers: Layers, maps: readonly Tensor4D[], deepest: Tensor4D): Tensor4D[] {
  const features: Tensor4D[] = [];
  let deep = deepest;
  for (let stage = maps.length; stage >= 1; stage--) {
    const names = { convolution: `fuse${stage}.fuse`, norm: `fuse${stage}.bn1` };
    deep = layers.unit({ kind: 'skip-connection', skip: maps[stage - 1]!, deep }, names, { activation: { kind: 'relu' } });
    features.unshift(deep);
  }
  return features;
}

function headLogits(layers: Layers, stage: number, feature: Tensor4D): Tensor4D {
  const name = `SOD_head${stage}.process`;
  const wide = layers.unit(feature, { convolution: `${name}.0`, norm: `${name}.1` });
  const narrow = layers.unit(wide, { convolution: `${name}.2`, norm: `${name}.3` });
  return layers.convolution(narrow, `${name}.4`);
}

/** Options that the tensors of a file speak for; none where they are not of this model. */
export function recognisePspnet(tensors: TensorShapes): PspnetOptions[] {
  const channels = tensors.get('fuse1.fuse.weight')?.shape[0];
  if (channels === undefined) return [];
  const width = widthOf([[256, channels], [64, tensors.get(`${ENCODER}.conv1.weight`)?.shape[0]]]);
  return [{ backbone: tensors.has(`${ENCODER}.layer1.0.conv3.weight`) ? 'resnet50' : 'resnet18', width: width ?? 1 }];
}

export const pspnetEncoders: readonly PspnetOptions[] = (['resnet50', 'resnet18'] as const).map((backbone) => ({ backbone, width: 1 }));

export function pspnet(options: PspnetOptions): Model {
  const { backbone, width } = options;
  return {
    name: 'pspnet',
    parameters: () => parameters(options),
    features: STRIDES.map((stride, index) => ({ name: `out${index + 1}`, stride, channels: decoderChannels(width) })),
    heads: HEAD_WEIGHTS.map((lossWeight, stage) => ({ name: `SOD_head${stage + 1}`, stage, lossWeight })),
    noise: [],
    encoder: encoderUnder(`${ENCODER}.`, ['fc.']),
    adapterSchemes: { branches: 'framework-default', others: SCHEME }, // the official initialiser passes over the branches
    validSize: sidesFrom(SMALLEST_SIDE),
    decoderFeatures: (layers, image) => {
      const maps = resnetMaps(layers, ENCODER, backbone, width, image);
      const pooled = pyramidPooling(layers, maps.at(-1)!);
      const taps = Object.fromEntries([...maps, pooled].map((map, index) => [`s${index + 1}`, map]));
      return { features: topDown(layers, maps, pooled), taps };
    },
    logits: (layers, features) => features.map((feature, index) => headLogits(layers, index + 1, feature)),
  };
}
