import { backend_util } from '@tensorflow/tfjs-core';
import { inputGradient } from './convolution.ts';
import { type Graph, type Value, reshapeValue } from './graph.ts';
import type { RecordingTable, Unary } from './kernel.ts';
import { multiply } from './arithmetic.ts';
import { type Symbolic, dense, rowMajor } from './symbolic.ts';
import { type Conv2DInfo, fromNchw, geometryOf, nchw, tapsOf } from './window.ts';

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function poolInfo(shape: readonly number[], a: PoolAttributes): Conv2DInfo {
  return backend_util.computePool2DInfo([...shape] as [number, number, number, number], a.filterSize, a.strides, 1, a.pad, a.dimRoundingMode);
}

function pooledShape(info: Conv2DInfo): number[] {
  return [info.batchSize, info.inChannels, info.outHeight, info.outWidth];
}

/** Padding takes no part: as −∞ in a maximum, and not counted in a mean. */
function pool(graph: Graph, operation: 'MaxPool' | 'AveragePool', x: Symbolic, info: Conv2DInfo): Value {
  const { kernel, strides, pads } = geometryOf(info);
  return graph.node(operation, [dense(graph, x, nchw)], { kernel_shape: kernel, strides, pads }, pooledShape(info));
}

/** The lowest padding a tap of a maximum may see. */
const belowAll = -3e38;

/**
 * The first tap of a window that equals the maximum takes the gradient, without an index tensor (WebGPU has none).
 * The strided scatter back is a transposed convolution with a one-hot kernel.
 */
function maxPoolGradient(graph: Graph, x: Symbolic, dy: Symbolic, info: Conv2DInfo): Symbolic {
  const shape = pooledShape(info);
  const taps = info.filterHeight * info.filterWidth;
  const planes = info.batchSize * info.inChannels;
  const maximum = pool(graph, 'MaxPool', x, info);
  const gradient = dense(graph, dy, nchw);
  const zero = graph.scalar(0);

  let undecided: Value | undefined; // where no earlier tap was the maximum
  const shares = tapsOf(graph, dense(graph, x, nchw), geometryOf(info), belowAll).map((tap) => {
    const isMaximum = graph.node('Equal', [tap, maximum], {}, shape, 'bool');
    const isFirst = undecided ? graph.node('And', [isMaximum, undecided], {}, shape, 'bool') : isMaximum;
    const isOther = graph.node('Not', [isMaximum], {}, shape, 'bool');
    undecided = undecided ? graph.node('And', [undecided, isOther], {}, shape, 'bool') : isOther;
    return reshapeValue(graph, graph.node('Where', [isFirst, gradient, zero], {}, shape), [planes, 1, info.outHeight, info.outWidth]);
  });

  const stacked = graph.node('Concat', shares, { axis: 1 }, [planes, taps, info.outHeight, info.outWidth]);
  const oneHot = new Float32Array(taps * taps);
  for (let tap = 0; tap < taps; tap++) oneHot[tap * taps + tap] = 1;
  const kernel = graph.constant(oneHot, [taps, 1, info.filterHeight, info.filterWidth], 'float32');
  const perPlane: Conv2DInfo = { ...info, batchSize: planes, inChannels: 1, outChannels: taps };
  const { value } = inputGradient(graph, fromNchw(stacked), kernel, perPlane);
  return fromNchw(reshapeValue(graph, value, [info.batchSize, info.inChannels, info.inHeight, info.inWidth]));
}

/** Each window spreads its gradient evenly over the pixels it counted. */
function avgPoolGradient(graph: Graph, dy: Symbolic, info: Conv2DInfo): Symbolic {
  const share = rowMajor(graph.constant(Float32Array.from(windowCounts(info), (count) => 1 / count), [1, info.outHeight, info.outWidth, 1], 'float32'));
  const taps = info.filterHeight * info.filterWidth;
  const ones = graph.constant(new Float32Array(info.inChannels * taps).fill(1), [info.inChannels, 1, info.filterHeight, info.filterWidth], 'float32');
  return inputGradient(graph, multiply(graph, dy, share), ones, info, info.inChannels);
}

/** How many pixels of the input, padding apart, each window covers. */
function windowCounts(info: Conv2DInfo): number[] {
  const { kernel, strides, pads, input, output } = geometryOf(info);
  const covered = (axis: 0 | 1, position: number): number => {
    const start = position * strides[axis] - pads[axis];
    return Math.min(start + kernel[axis], input[axis]) - Math.max(start, 0);
  };
  const counts: number[] = [];
  for (let row = 0; row < output[0]; row++) {
    for (let column = 0; column < output[1]; column++) counts.push(covered(0, row) * covered(1, column));
  }
  return counts;
}

interface GradientInputs { readonly dy: Symbolic; readonly input: Symbolic }

export const poolingRecordings: RecordingTable = {
  MaxPool: (graph, { x }: Unary, a: PoolAttributes) => fromNchw(pool(graph, 'MaxPool', x, poolInfo(x.shape, a))),
  MaxPoolGrad: (graph, { dy, input }: GradientInputs, a: PoolAttributes) => maxPoolGradient(graph, input, dy, poolInfo(input.shape, a)),
  AvgPool: (graph, { x }: Unary, a: PoolAttributes) => fromNchw(pool(graph, 'AveragePool', x, poolInfo(x.shape, a))),
  AvgPoolGrad: (graph, { dy, input }: GradientInputs, a: PoolAttributes) => avgPoolGradient(graph, dy, poolInfo(input.shape, a)),
};
