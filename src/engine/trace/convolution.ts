/** Convolutions and their two gradients. onnxruntime has no gradient operators: they are written with its forward ones. */
import { backend_util } from '@tensorflow/tfjs-core';
import { sizeOf } from '../host-tensor.ts';
import { storedProduct } from './contraction.ts';
import { type Graph, type Value, reshapeValue } from './graph.ts';
import { type RecordingTable, type Unary, cannotRecord } from './kernel.ts';
import { type Symbolic, dense, inOrder, rowMajor } from './symbolic.ts';
import { type Conv2DInfo, type WindowGeometry, fromNchw, geometryOf, nchw, reachOf, tapsOf, windowAttributes } from './window.ts';

/** Filters are HWIO in a step and stored OIHW, which is PyTorch's layout: its weights need no transpose. */
const oihw = [3, 2, 0, 1];

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: string;
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4 = [number, number, number, number];

function convolutionInfo(inputShape: readonly number[], filterShape: readonly number[], a: ConvolutionAttributes, depthwise = false): Conv2DInfo {
  if (a.dataFormat !== undefined && a.dataFormat !== 'NHWC') throw cannotRecord('conv2d', `dataFormat ${a.dataFormat}`);
  return backend_util.computeConv2DInfo([...inputShape] as Shape4, [...filterShape] as Shape4, a.strides, a.dilations ?? 1, a.pad, a.dimRoundingMode, depthwise);
}

/** x [N, H, W, I] convolved with a stored filter [O, I / group, kh, kw]. */
function convolution(graph: Graph, x: Symbolic, filter: Value, info: Conv2DInfo, group = 1): Symbolic {
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  return fromNchw(graph.node('Conv', [dense(graph, x, nchw), filter], { ...windowAttributes(geometryOf(info)), group }, shape));
}

/** The gradient with respect to the input, from that of the output and a stored filter. */
export function inputGradient(graph: Graph, dy: Symbolic, filter: Value, info: Conv2DInfo, group = 1): Symbolic {
  const geometry = geometryOf(info);
  const { kernel, strides, pads, input, output } = geometry;
  const value = dense(graph, dy, nchw);
  const shape = [info.batchSize, info.inChannels, ...input];
  const reach = [reachOf(geometry, 0), reachOf(geometry, 1)] as const;
  if (group === 1 && strides[0] === 1 && strides[1] === 1) {
    // a convolution with the flipped kernel beats ConvTranspose
    const flippedPads = pads.map((before, side) => reach[side % 2]! - 1 - before);
    const attributes = { ...windowAttributes(geometry), pads: flippedPads, group };
    return fromNchw(graph.node('Conv', [value, flipped(graph, filter, kernel)], attributes, shape));
  }
  const outputPadding = ([0, 1] as const).map((axis) => input[axis] - ((output[axis] - 1) * strides[axis] + reach[axis] - pads[axis] - pads[axis + 2]!));
  return fromNchw(graph.node('ConvTranspose', [value, filter], { ...windowAttributes(geometry), group, output_padding: outputPadding }, shape));
}

/** A filter [O, I, kh, kw] turned by half a turn, as [I, O, kh, kw]. The turn is a product with a permutation matrix. */
function flipped(graph: Graph, filter: Value, [height, width]: WindowGeometry['kernel']): Value {
  const [outputs, inputs] = filter.shape as Shape4;
  const taps = height * width;
  let rows = reshapeValue(graph, filter, [outputs * inputs, taps]);
  if (taps > 1) {
    const backwards = new Float32Array(taps * taps);
    for (let tap = 0; tap < taps; tap++) backwards[tap * taps + taps - 1 - tap] = 1;
    rows = graph.node('MatMul', [rows, graph.constant(backwards, [taps, taps], 'float32')], {}, [outputs * inputs, taps]);
  }
  const swapped = inOrder(graph, rowMajor(reshapeValue(graph, rows, [outputs, inputs, taps])), [1, 0, 2]);
  return reshapeValue(graph, swapped, [inputs, outputs, height, width]);
}

/** From this many output pixels on, a wide layer's filter gradient takes one product per tap instead of a column buffer. */
const perTapPixels = 400;
const perTapChannels = 32;
/** From this many pixels on, a 1x1 filter's gradient is one product per image, summed. */
const perImagePixels = 784;

/** The gradient with respect to the filter: slices of the input, one per tap, times the output's gradient. */
function filterGradient(graph: Graph, x: Symbolic, dy: Symbolic, info: Conv2DInfo): Symbolic {
  const geometry = geometryOf(info);
  const { batchSize: images, inChannels: inputs, outChannels: outputs } = info;
  const pixels = info.outHeight * info.outWidth;
  const taps = info.filterHeight * info.filterWidth;
  const input = dense(graph, x, nchw);
  const gradient = dense(graph, dy, nchw);
  const asFilter = (value: Value): Symbolic => ({
    value: reshapeValue(graph, value, [outputs, inputs, info.filterHeight, info.filterWidth]),
    order: oihw,
    shape: [info.filterHeight, info.filterWidth, inputs, outputs],
  });

  if (taps === 1 && pixels >= perImagePixels) {
    const rows = reshapeValue(graph, gradient, [images, outputs, pixels]);
    const columns = reshapeValue(graph, tapsOf(graph, input, geometry)[0]!, [images, inputs, pixels]);
    const products = storedProduct(graph, rows, columns, false, true);
    return asFilter(images === 1 ? products : graph.node('ReduceSum', [products, graph.indices([0])], { keepdims: 0 }, [outputs, inputs]));
  }

  // the batch becomes part of the inner dimension of one product
  const channelsFirst = (value: Value): Value => inOrder(graph, rowMajor(value), [1, 0, 2, 3]);
  const inner = images * pixels;
  const rows = reshapeValue(graph, channelsFirst(gradient), [outputs, inner]);
  const views = tapsOf(graph, channelsFirst(input), geometry);
  if (taps > 1 && pixels >= perTapPixels && inputs >= perTapChannels) {
    const products = views.map((view) => reshapeValue(graph, storedProduct(graph, rows, reshapeValue(graph, view, [inputs, inner]), false, true), [1, outputs, inputs]));
    const stacked = graph.node('Concat', products, { axis: 0 }, [taps, outputs, inputs]);
    return asFilter(inOrder(graph, rowMajor(stacked), [1, 2, 0]));
  }
  const stacked = views.map((view) => reshapeValue(graph, view, [inputs, 1, inner]));
  const columns = taps === 1 ? stacked[0]! : graph.node('Concat', stacked, { axis: 1 }, [inputs, taps, inner]);
  return asFilter(storedProduct(graph, rows, reshapeValue(graph, columns, [inputs * taps, inner]), false, true));
}

/** A depthwise filter is [kh, kw, C, M] in a step and stored [C, M, kh, kw]. */
const depthwiseOrder = [2, 3, 0, 1];

function depthwiseFilter(graph: Graph, filter: Symbolic): Value {
  const [height, width, channels, multiplier] = filter.shape as Shape4;
  return reshapeValue(graph, dense(graph, filter, depthwiseOrder), [channels * multiplier, 1, height, width]);
}

/**
 * One convolution, too: each image's channel with its output's gradient as the kernel, steps and dilations changing places. Without a
 * buffer of one shifted input per tap, which for 7x7 filters is 49 times the input.
 */
function depthwiseFilterGradient(graph: Graph, x: Symbolic, dy: Symbolic, info: Conv2DInfo): Symbolic {
  const { batchSize: images, inChannels: channels, filterHeight, filterWidth } = info;
  const { kernel, strides, pads, dilations, input, output } = geometryOf(info);
  const multiplier = info.outChannels / channels;
  const planes = images * channels;
  const value = reshapeValue(graph, dense(graph, x, nchw), [1, planes, ...input]);
  const filters = reshapeValue(graph, dense(graph, dy, nchw), [planes * multiplier, 1, ...output]);
  // What a last step of the window leaves over at the bottom and at the right makes no tap.
  const fitted = pads.map((pad, side) => (side < 2 ? pad : (kernel[side - 2]! - 1) * dilations[side - 2]! + (output[side - 2]! - 1) * strides[side - 2]! + 1 - input[side - 2]! - pads[side - 2]!));
  const attributes = { kernel_shape: output, strides: dilations, dilations: strides, pads: fitted.map((pad) => Math.max(0, pad)), group: planes };
  const sizes = [0, 1].map((axis) => Math.floor((input[axis]! + pads[axis]! + Math.max(0, fitted[axis + 2]!) - (output[axis]! - 1) * strides[axis]! - 1) / dilations[axis]!) + 1);
  const products = graph.node('Conv', [value, filters], attributes, [1, planes * multiplier, ...sizes]);
  const isFitted = sizes[0] === filterHeight && sizes[1] === filterWidth;
  const taps = isFitted ? products : graph.node('Slice', [products, graph.indices([0, 0]), graph.indices([filterHeight, filterWidth]), graph.indices([2, 3])], {}, [1, planes * multiplier, filterHeight, filterWidth]);
  const perImage = reshapeValue(graph, taps, [images, channels * multiplier * filterHeight * filterWidth]);
  const sum = graph.node('ReduceSum', [perImage, graph.indices([0])], { keepdims: 0 }, [channels * multiplier * filterHeight * filterWidth]);
  return { value: reshapeValue(graph, sum, [channels, multiplier, filterHeight, filterWidth]), order: depthwiseOrder, shape: [filterHeight, filterWidth, channels, multiplier] };
}

/** The multiply-accumulates of a convolution with this stored filter: of a Conv's output, or a ConvTranspose's input. */
export function convolutionCost(pixels: Value, filter: Value): number {
  return sizeOf(pixels.shape) * sizeOf(filter.shape.slice(1));
}

type Filtered = Unary & { readonly filter: Symbolic };
interface Gradient { readonly dy: Symbolic }
type InputGradientAttributes = ConvolutionAttributes & { readonly inputShape: number[] };
type FilterGradientAttributes = ConvolutionAttributes & { readonly filterShape: number[] };

export const convolutionRecordings: RecordingTable = {
  Conv2D: (graph, { x, filter }: Filtered, a: ConvolutionAttributes) => convolution(graph, x, dense(graph, filter, oihw), convolutionInfo(x.shape, filter.shape, a)),
  Conv2DBackpropInput: (graph, { dy, filter }: Gradient & { filter: Symbolic }, a: InputGradientAttributes) => inputGradient(graph, dy, dense(graph, filter, oihw), convolutionInfo(a.inputShape, filter.shape, a)),
  Conv2DBackpropFilter: (graph, { x, dy }: Unary & Gradient, a: FilterGradientAttributes) => filterGradient(graph, x, dy, convolutionInfo(x.shape, a.filterShape, a)),
  DepthwiseConv2dNative: (graph, { x, filter }: Filtered, a: ConvolutionAttributes) => convolution(graph, x, depthwiseFilter(graph, filter), convolutionInfo(x.shape, filter.shape, a, true), x.shape[3]),
  DepthwiseConv2dNativeBackpropInput: (graph, { dy, filter }: Gradient & { filter: Symbolic }, a: InputGradientAttributes) => inputGradient(graph, dy, depthwiseFilter(graph, filter), convolutionInfo(a.inputShape, filter.shape, a, true), filter.shape[2]),
  DepthwiseConv2dNativeBackpropFilter: (graph, { x, dy }: Unary & Gradient, a: FilterGradientAttributes) => depthwiseFilterGradient(graph, x, dy, convolutionInfo(x.shape, a.filterShape, a, true)),
};
