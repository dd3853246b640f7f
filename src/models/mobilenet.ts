/** MobileNetV3-Large without classifier (Howard et al., 2019), with timm's names: blocks 0 to 6 and taps at five strides. */
import { add, mean, mul, relu, type Tensor4D } from '@tensorflow/tfjs-core';
import { hardSigmoid, hardSwish } from '../nn/activation.ts';
import { batchNormParameters, convolutionParameters, depthwise, type ConvolutionShape } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { scaledChannels } from '../config/catalog/model.ts';

type ActivationName = 'relu' | 'hard-swish';

/** Expanded channels, kernel, stride, out channels, squeeze-and-excitation, activation. */
type Row = readonly [expanded: number, kernel: number, stride: number, out: number, squeezes: boolean, activation: ActivationName];

/** Inverted residuals by stage; stage 0 and stage 6 are of other kinds. */
const STAGES: readonly (readonly Row[])[] = [
  [
    [64, 3, 2, 24, false, 'relu'],
    [72, 3, 1, 24, false, 'relu'],
  ],
  [
    [72, 5, 2, 40, true, 'relu'],
    [120, 5, 1, 40, true, 'relu'],
    [120, 5, 1, 40, true, 'relu'],
  ],
  [
    [240, 3, 2, 80, false, 'hard-swish'],
    [200, 3, 1, 80, false, 'hard-swish'],
    [184, 3, 1, 80, false, 'hard-swish'],
    [184, 3, 1, 80, false, 'hard-swish'],
  ],
  [
    [480, 3, 1, 112, true, 'hard-swish'],
    [672, 3, 1, 112, true, 'hard-swish'],
  ],
  [
    [672, 5, 2, 160, true, 'hard-swish'],
    [960, 5, 1, 160, true, 'hard-swish'],
    [960, 5, 1, 160, true, 'hard-swish'],
  ],
];
const STEM_CHANNELS = 16;
const LAST_CHANNELS = 960;
/** The stages, counted from 0, whose results are taps: strides 2, 4, 8, 16 and 32. */
const TAPPED = [0, 1, 2, 4, 6];

interface InvertedResidual {
  readonly name: string;
  readonly in: number;
  readonly expanded: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  /** Channels inside the squeeze-and-excitation, 0 without. */
  readonly squeezed: number;
  readonly activation: ActivationName;
}

/** A quarter of the channels as timm rounds it: to a multiple of 8 that is not below nine tenths. */
function squeezedChannels(expanded: number): number {
  const quarter = expanded / 4;
  const rounded = Math.max(8, Math.floor((quarter + 4) / 8) * 8);
  return rounded < 0.9 * quarter ? rounded + 8 : rounded;
}

function invertedResiduals(prefix: string, width: number): InvertedResidual[][] {
  let channels = scaledChannels(STEM_CHANNELS, width);
  return STAGES.map((rows, stage) =>
    rows.map(([wide, kernel, stride, narrow, squeezes, activation], index) => {
      const expanded = scaledChannels(wide, width);
      const out = scaledChannels(narrow, width);
      const block = { name: `${prefix}.blocks.${stage + 1}.${index}`, in: channels, expanded, out, kernel, stride, squeezed: squeezes ? squeezedChannels(expanded) : 0, activation };
      channels = out;
      return block;
    }),
  );
}

/** Channels of the five taps. */
export function mobilenetChannels(width: number): number[] {
  const [second, third, , fifth] = STAGES.map((rows) => scaledChannels(rows.at(-1)![3], width));
  return [scaledChannels(STEM_CHANNELS, width), second!, third!, fifth!, scaledChannels(LAST_CHANNELS, width)];
}

function unitParameters(convolution: string, norm: string, shape: ConvolutionShape): ParameterSpec[] {
  return [...convolutionParameters(convolution, shape, 'none', 'kaiming-normal-fan-out'), ...batchNormParameters(norm, shape.out)];
}

function residualParameters(block: InvertedResidual): ParameterSpec[] {
  const { name, expanded, squeezed } = block;
  const pointwise = (member: string, from: number, to: number): ParameterSpec[] => convolutionParameters(`${name}.se.${member}`, { in: from, out: to, kernel: 1 }, 'plain', 'kaiming-normal-fan-out');
  return [
    ...unitParameters(`${name}.conv_pw`, `${name}.bn1`, { in: block.in, out: expanded, kernel: 1 }),
    ...unitParameters(`${name}.conv_dw`, `${name}.bn2`, depthwise(expanded, block.kernel)),
    ...(squeezed > 0 ? [...pointwise('conv_reduce', expanded, squeezed), ...pointwise('conv_expand', squeezed, expanded)] : []),
    ...unitParameters(`${name}.conv_pwl`, `${name}.bn3`, { in: expanded, out: block.out, kernel: 1 }),
  ];
}

/** In state-dict order, every name behind `prefix`. */
export function mobilenetParameters(prefix: string, width: number): ParameterSpec[] {
  const stem = scaledChannels(STEM_CHANNELS, width);
  const blocks = invertedResiduals(prefix, width);
  const first = `${prefix}.blocks.0.0`;
  return [
    ...unitParameters(`${prefix}.conv_stem`, `${prefix}.bn1`, { in: 3, out: stem, kernel: 3 }),
    ...unitParameters(`${first}.conv_dw`, `${first}.bn1`, depthwise(stem, 3)),
    ...unitParameters(`${first}.conv_pw`, `${first}.bn2`, { in: stem, out: stem, kernel: 1 }),
    ...blocks.flat().flatMap(residualParameters),
    ...unitParameters(`${prefix}.blocks.6.0.conv`, `${prefix}.blocks.6.0.bn1`, { in: blocks.at(-1)!.at(-1)!.out, out: scaledChannels(LAST_CHANNELS, width), kernel: 1 }),
  ];
}

function activated(map: Tensor4D, activation: ActivationName): Tensor4D {
  return activation === 'relu' ? relu(map) : hardSwish(map);
}

function excited(layers: Layers, map: Tensor4D, name: string): Tensor4D {
  const squeezed = relu(layers.convolution(mean(map, [1, 2], true), `${name}.conv_reduce`));
  return mul(map, hardSigmoid(layers.convolution(squeezed, `${name}.conv_expand`)));
}

function invertedResidual(layers: Layers, block: InvertedResidual, input: Tensor4D): Tensor4D {
  const { name, stride, activation } = block;
  const wide = activated(layers.unit(input, { convolution: `${name}.conv_pw`, norm: `${name}.bn1` }), activation);
  const filtered = activated(layers.unit(wide, { convolution: `${name}.conv_dw`, norm: `${name}.bn2` }, { stride, isDepthwise: true }), activation);
  const weighted = block.squeezed > 0 ? excited(layers, filtered, `${name}.se`) : filtered;
  const narrow = layers.unit(weighted, { convolution: `${name}.conv_pwl`, norm: `${name}.bn3` });
  return stride === 1 && block.in === block.out ? add(narrow, input) : narrow;
}

/**
 * The five maps at strides 2, 4, 8, 16 and 32.
 * @param image [B,H,W,3]
 */
export function mobilenetMaps(layers: Layers, prefix: string, width: number, image: Tensor4D): Tensor4D[] {
  const stem = hardSwish(layers.unit(image, { convolution: `${prefix}.conv_stem`, norm: `${prefix}.bn1` }, { stride: 2 }));
  const first = `${prefix}.blocks.0.0`;
  const filtered = layers.unit(stem, { convolution: `${first}.conv_dw`, norm: `${first}.bn1` }, { isDepthwise: true, activation: { kind: 'relu' } });
  const stages = [add<Tensor4D>(layers.unit(filtered, { convolution: `${first}.conv_pw`, norm: `${first}.bn2` }), stem)];
  for (const blocks of invertedResiduals(prefix, width)) stages.push(blocks.reduce((map, block) => invertedResidual(layers, block, map), stages.at(-1)!));
  stages.push(hardSwish(layers.unit(stages.at(-1)!, { convolution: `${prefix}.blocks.6.0.conv`, norm: `${prefix}.blocks.6.0.bn1` })));
  return TAPPED.map((stage) => stages[stage]!);
}
