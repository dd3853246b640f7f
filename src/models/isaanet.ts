/**
 * ISAANet (model/ISAANet.py of the official code): a MobileNetV3 encoder and three pyramids of fusions; what the first and the second
 * find salient, and its edges, guide the features of the next.
 */
import { add, addN, cast, concat, greaterEqual, maximum, maxPool, mul, relu, rsqrt, sigmoid, softmax, split, sub, sum, zerosLike, type Tensor4D } from '@tensorflow/tfjs-core';
import { isaanet as catalog, type IsaanetOptions } from '../config/catalog/isaanet.ts';
import { scaledChannels } from '../config/catalog/model.ts';
import { withGradient } from '../nn/custom-gradient.ts';
import { batchNormParameters, convolutionParameters, linearParameters } from '../nn/initialisers.ts';
import type { Layers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { gridOf, resizeBilinear, resizeBilinearHalfPixel } from '../nn/resize.ts';
import { mobilenetChannels, mobilenetMaps, mobilenetParameters } from './mobilenet.ts';
import { encoderUnder, sidesFrom, widthOf, type Model, type TensorShapes } from './model.ts';
import { binaryCrossEntropy, unsmoothedIntersectionOverUnion } from './saliency-loss.ts';

const ENCODER = 'backbone';
/** The pyramids' prefixes in order: each is followed by a head. */
const PYRAMIDS = ['k', 'kk', 'kkk'];
const HEADS = ['sal1', 'sal2', 'sal3'];
/** Above this saliency a pixel guides. The original means to learn it and does not. */
const GUIDANCE_THRESHOLD = 0.2;
const IOU_WEIGHT = 3;
/** Keeps the cosine with an empty channel defined. */
const TINY = 1e-16;
const SMALLEST_SIDE = 32;

/** Four fusions, finest first, for the strides 2, 4, 8 and 16. */
const LEVELS = [1, 2, 3, 4];

function unitParameters(name: string, shape: { in: number; out: number; kernel: number }): ParameterSpec[] {
  return [...convolutionParameters(`${name}.0`, shape, 'cancelled', 'framework-default'), ...batchNormParameters(`${name}.1`, shape.out)];
}

function unit(layers: Layers, input: Tensor4D, name: string): Tensor4D {
  return layers.unit(input, { convolution: `${name}.0`, norm: `${name}.1` }, { activation: { kind: 'relu' } });
}

function fusionParameters(name: string, channels: number): ParameterSpec[] {
  const half = channels / 2;
  return [
    ...linearParameters(`${name}.mlp.0`, half, half / 4, 'framework-default'),
    ...linearParameters(`${name}.mlp.2`, half / 4, 1, 'framework-default'),
    ...unitParameters(`${name}.conv`, { in: half, out: channels, kernel: 3 }),
    ...unitParameters(`${name}.conv1`, { in: channels, out: half, kernel: 3 }),
    ...unitParameters(`${name}.conv2`, { in: channels, out: half, kernel: 3 }),
    ...convolutionParameters(`${name}.conv3.0`, { in: channels, out: half, kernel: 1 }, 'plain', 'framework-default'),
  ];
}

function guidanceParameters(name: string, channels: number): ParameterSpec[] {
  return [...unitParameters(`${name}.conv1`, { in: channels, out: channels, kernel: 1 }), ...unitParameters(`${name}.conv2`, { in: channels, out: channels, kernel: 3 })];
}

function headParameters(name: string, channels: number): ParameterSpec[] {
  return [...unitParameters(name, { in: channels, out: channels, kernel: 3 }), ...convolutionParameters(`${name}.3`, { in: channels, out: 1, kernel: 1 }, 'plain', 'framework-default')];
}

function parameters(width: number): ParameterSpec[] {
  const channels = decoderChannels(width);
  const guides = (suffix: string): string[] => [1, 2, 3].map((index) => `sal_sgr${index}${suffix}`).concat([1, 2].map((index) => `edge_sgr${index}${suffix}`));
  return [
    ...mobilenetParameters(ENCODER, width),
    ...mobilenetChannels(width).flatMap((encoder, index) => unitParameters(`n${index + 1}`, { in: encoder, out: channels, kernel: 3 })),
    ...PYRAMIDS.flatMap((prefix) => LEVELS.flatMap((level) => fusionParameters(`${prefix}${level}`, channels))),
    ...['', 'a'].flatMap((suffix) => guides(suffix).flatMap((name) => guidanceParameters(name, channels))),
    ...HEADS.flatMap((name) => headParameters(name, channels)),
  ];
}

/** cos over [H,W] per channel, [B,1,1,C]. */
function channelCosine(a: Tensor4D, b: Tensor4D): Tensor4D {
  const product = (x: Tensor4D, y: Tensor4D): Tensor4D => sum(mul(x, y), [1, 2], true);
  return mul(product(a, b), rsqrt(maximum(mul(product(a, a), product(b, b)), TINY)));
}

/** Two maps become one: what both halves agree on weighs them. */
function fusion(layers: Layers, name: string, x: Tensor4D, y: Tensor4D): Tensor4D {
  const [x1, x2] = split(x, 2, 3) as [Tensor4D, Tensor4D];
  const [y1, y2] = split(y, 2, 3) as [Tensor4D, Tensor4D];
  const u = unit(layers, concat([x1, y1], 3), `${name}.conv1`);
  const v = unit(layers, concat([x2, y2], 3), `${name}.conv2`);
  const larger = maximum<Tensor4D>(u, v);
  const score = (map: Tensor4D): Tensor4D => sigmoid(layers.convolution(relu(layers.convolution(channelCosine(map, larger), `${name}.mlp.0`)), `${name}.mlp.2`));
  const [w1, w2] = split(softmax(concat([score(u), score(v)], 3)), 2, 3) as [Tensor4D, Tensor4D];
  return unit(layers, layers.convolution(concat([mul(u, w1), mul(v, w2)], 3), `${name}.conv3.0`), `${name}.conv`);
}

/** The fusions of one pyramid, finest first. */
function pyramid(layers: Layers, prefix: string, maps: readonly Tensor4D[]): Tensor4D[] {
  const fused: Tensor4D[] = [];
  let deep = maps.at(-1)!;
  for (const level of LEVELS.toReversed()) {
    const map = maps[level - 1]!;
    deep = fusion(layers, `${prefix}${level}`, map, resizeBilinear(deep, gridOf(map)));
    fused.unshift(deep);
  }
  return fused;
}

function headLogits(layers: Layers, name: string, map: Tensor4D): Tensor4D {
  return layers.convolution(unit(layers, map, name), `${name}.3`);
}

/** Grows by a pixel: the maximum of 3×3 pixels without padding, enlarged to the size before. */
function dilated(map: Tensor4D): Tensor4D {
  return resizeBilinearHalfPixel(maxPool(map, 3, 1, 'valid'), gridOf(map));
}

/** 1 where a head finds an object, else 0; without a gradient. */
function salientPixels(logits: Tensor4D): Tensor4D {
  return withGradient<Tensor4D>(
    [logits],
    ([map]) => ({ value: cast(greaterEqual(sigmoid(map!), GUIDANCE_THRESHOLD), 'float32'), saved: [] }),
    (dy) => [zerosLike(dy)],
  );
}

/** Where to look, from the logits of a head: objects grown by a pixel, and their rims. */
function guidance(logits: Tensor4D): { objects: Tensor4D; edges: Tensor4D } {
  const salient = salientPixels(logits);
  const objects = dilated(salient);
  return { objects, edges: dilated(sub(objects, salient)) };
}

function guided(layers: Layers, name: string, map: Tensor4D, guide: Tensor4D): Tensor4D {
  const emphasised = add<Tensor4D>(mul(map, resizeBilinear(guide, gridOf(map))), map);
  return unit(layers, unit(layers, emphasised, `${name}.conv1`), `${name}.conv2`);
}

/** The two finest maps are guided by edges, the others by objects. */
function refine(layers: Layers, suffix: string, maps: readonly Tensor4D[], logits: Tensor4D): Tensor4D[] {
  const { objects, edges } = guidance(logits);
  return maps.map((map, index) => (index < 2 ? guided(layers, `edge_sgr${index + 1}${suffix}`, map, edges) : guided(layers, `sal_sgr${index - 1}${suffix}`, map, objects)));
}

function decoderChannels(width: number): number {
  return scaledChannels(32, width);
}

/** The options of a network with these tensors. */
export function recogniseIsaanet(tensors: TensorShapes): IsaanetOptions[] {
  const reduced = tensors.get('n5.0.weight')?.shape;
  if (reduced === undefined) return [];
  return [{ ...catalog.defaults, width: widthOf([[960, reduced[1]], [32, reduced[0]]]) ?? 1 }];
}

export function isaanet({ width }: IsaanetOptions): Model {
  return {
    name: 'isaanet',
    parameters: () => parameters(width),
    features: LEVELS.map((level) => ({ name: `kkk${level}`, stride: 2 ** level, channels: decoderChannels(width) })),
    heads: HEADS.toReversed().map((name) => ({ name, stage: 0, lossWeight: 1 })),
    noise: [],
    encoder: encoderUnder(`${ENCODER}.`, ['conv_head.', 'classifier.']),
    adapterSchemes: { branches: 'framework-default', others: 'framework-default' },
    validSize: sidesFrom(SMALLEST_SIDE),
    decoderFeatures: (layers, image) => {
      const taps = mobilenetMaps(layers, ENCODER, width, image);
      const reduced = taps.map((map, index) => unit(layers, map, `n${index + 1}`));
      const first = pyramid(layers, 'k', reduced);
      const firstLogits = headLogits(layers, 'sal1', first[0]!);
      const refined = refine(layers, '', reduced, firstLogits);
      const secondLogits = headLogits(layers, 'sal2', pyramid(layers, 'kk', refined)[0]!);
      const features = pyramid(layers, 'kkk', refine(layers, 'a', refined, secondLogits));
      return { features, taps: { ...Object.fromEntries(taps.map((map, index) => [`f${index + 1}`, map])), fusion_k4: first[3]! }, logits: [secondLogits, firstLogits] };
    },
    logits: (layers, features) => [headLogits(layers, 'sal3', features[0]!)],
    supervisedLoss: (logits, mask) =>
      addN(
        logits.map((map) => {
          const resized = resizeBilinear(map, gridOf(mask));
          return add(binaryCrossEntropy(resized, mask), mul(unsmoothedIntersectionOverUnion(resized, mask), IOU_WEIGHT));
        }),
      ),
  };
}
