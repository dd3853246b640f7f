/** ResNet-18 and ResNet-50 (v1.5: the 3×3 convolution carries the stride) with torchvision's names, without classifier. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { halvingMaxPool } from '../nn/convolution.ts';
import { batchNormParameters, convolutionParameters } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { scaledChannels } from '../config/catalog/model.ts';

export type ResnetName = 'resnet18' | 'resnet50';

interface Architecture {
  readonly block: 'basic' | 'bottleneck';
  /** Blocks per stage. */
  readonly blocks: readonly number[];
}

const architectures: Record<ResnetName, Architecture> = {
  resnet18: { block: 'basic', blocks: [2, 2, 2, 2] },
  resnet50: { block: 'bottleneck', blocks: [3, 4, 6, 3] },
};

const STEM_CHANNELS = 64;
/** A bottleneck widens its output by this factor. */
const EXPANSION = 4;

/** One residual block as the lists below need it. */
interface Block {
  readonly name: string;
  readonly kind: Architecture['block'];
  readonly in: number;
  readonly middle: number;
  readonly out: number;
  readonly stride: number;
  readonly projects: boolean;
}

function stagesOf(name: ResnetName, width: number): Block[][] {
  const { block: kind, blocks } = architectures[name];
  let channels = scaledChannels(STEM_CHANNELS, width);
  return blocks.map((count, stage) => {
    const middle = scaledChannels(STEM_CHANNELS << stage, width);
    const out = kind === 'bottleneck' ? EXPANSION * middle : middle;
    return Array.from({ length: count }, (_, index) => {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const block = { name: `layer${stage + 1}.${index}`, kind, in: channels, middle, out, stride, projects: stride > 1 || channels !== out };
      channels = out;
      return block;
    });
  });
}

function unitParameters(prefix: string, convolution: string, norm: string, shape: { in: number; out: number; kernel: number }): ParameterSpec[] {
  return [...convolutionParameters(`${prefix}.${convolution}`, shape, 'none', 'kaiming-normal-fan-out'), ...batchNormParameters(`${prefix}.${norm}`, shape.out)];
}

function blockParameters(prefix: string, block: Block): ParameterSpec[] {
  const name = `${prefix}.${block.name}`;
  const main =
    block.kind === 'basic'
      ? [unitParameters(name, 'conv1', 'bn1', { in: block.in, out: block.middle, kernel: 3 }), unitParameters(name, 'conv2', 'bn2', { in: block.middle, out: block.out, kernel: 3 })]
      : [
          unitParameters(name, 'conv1', 'bn1', { in: block.in, out: block.middle, kernel: 1 }),
          unitParameters(name, 'conv2', 'bn2', { in: block.middle, out: block.middle, kernel: 3 }),
          unitParameters(name, 'conv3', 'bn3', { in: block.middle, out: block.out, kernel: 1 }),
        ];
  const projection = block.projects ? unitParameters(name, 'downsample.0', 'downsample.1', { in: block.in, out: block.out, kernel: 1 }) : [];
  return [...main.flat(), ...projection];
}

/** In state-dict order, every name behind `prefix`. */
export function resnetParameters(prefix: string, name: ResnetName, width: number): ParameterSpec[] {
  return [
    ...unitParameters(prefix, 'conv1', 'bn1', { in: 3, out: scaledChannels(STEM_CHANNELS, width), kernel: 7 }),
    ...stagesOf(name, width).flat().flatMap((block) => blockParameters(prefix, block)),
  ];
}

/** Channels of the stem and the four stages (strides 2, 4, 8, 16, 32). */
export function resnetChannels(name: ResnetName, width: number): number[] {
  return [scaledChannels(STEM_CHANNELS, width), ...stagesOf(name, width).map((blocks) => blocks.at(-1)!.out)];
}

function residualBlock(layers: Layers, prefix: string, block: Block, input: Tensor4D): Tensor4D {
  const name = `${prefix}.${block.name}`;
  const names = (index: number) => ({ convolution: `${name}.conv${index}`, norm: `${name}.bn${index}` });
  const relu = { kind: 'relu' } as const;
  const residual = block.projects ? layers.unit(input, { convolution: `${name}.downsample.0`, norm: `${name}.downsample.1` }, { stride: block.stride }) : input;
  if (block.kind === 'basic') {
    const first = layers.unit(input, names(1), { stride: block.stride, activation: relu });
    return layers.unit(first, names(2), { activation: { kind: 'residual', residual } });
  }
  const narrowed = layers.unit(input, names(1), { activation: relu });
  const middle = layers.unit(narrowed, names(2), { stride: block.stride, activation: relu });
  return layers.unit(middle, names(3), { activation: { kind: 'residual', residual } });
}

/**
 * The five maps at strides 2, 4, 8, 16, 32; the first is taken after the stem's ReLU, before pooling.
 * @param image [B,H,W,3]
 */
export function resnetMaps(layers: Layers, prefix: string, name: ResnetName, width: number, image: Tensor4D): Tensor4D[] {
  const stem = layers.unit(image, { convolution: `${prefix}.conv1`, norm: `${prefix}.bn1` }, { stride: 2, activation: { kind: 'relu' } });
  const maps = [stem];
  let map = halvingMaxPool(stem);
  for (const blocks of stagesOf(name, width)) {
    for (const block of blocks) map = residualBlock(layers, prefix, block, map);
    maps.push(map);
  }
  return maps;
}
