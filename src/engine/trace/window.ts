/** What convolutions and pools share: the geometry of a window sliding over [N, C, H, W], and its taps. */
import type { backend_util } from '@tensorflow/tfjs-core';
import { sameShape } from '../host-tensor.ts';
import { type Attributes, type Graph, type Value } from './graph.ts';
import type { Symbolic } from './symbolic.ts';

export type Conv2DInfo = backend_util.Conv2DInfo;

/** Activations are NHWC in a step and stored NCHW. */
export const nchw: readonly number[] = [0, 3, 1, 2];

export interface WindowGeometry {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** Zeros at the top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
}

export function geometryOf(info: Conv2DInfo): WindowGeometry {
  const { top, left, bottom, right } = info.padInfo;
  return {
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
    dilations: [info.dilationHeight, info.dilationWidth],
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
  };
}

/** The extent of a dilated kernel. */
export function reachOf({ kernel, dilations }: WindowGeometry, axis: 0 | 1): number {
  return dilations[axis] * (kernel[axis] - 1) + 1;
}

export function windowAttributes({ kernel, strides, pads, dilations }: WindowGeometry): Attributes {
  return { kernel_shape: kernel, strides, pads, dilations };
}

/** A stored [N, C, H, W] value as the NHWC tensor it is in the step. */
export function fromNchw(value: Value): Symbolic {
  const [n, c, h, w] = value.shape as [number, number, number, number];
  return { value, order: nchw, shape: [n, h, w, c] };
}

/** Shifted, strided views of the padded input, one per kernel tap, row by row: each [.., .., outH, outW]. */
export function tapsOf(graph: Graph, value: Value, geometry: WindowGeometry, padding = 0): Value[] {
  const { kernel, strides, pads, dilations, output } = geometry;
  const leading = value.shape.slice(0, 2);
  const padded = paddedInput(graph, value, pads, padding);
  const taps: Value[] = [];
  for (let row = 0; row < kernel[0]; row++) {
    for (let column = 0; column < kernel[1]; column++) {
      const start = [row * dilations[0], column * dilations[1]] as const;
      const end = [start[0] + (output[0] - 1) * strides[0] + 1, start[1] + (output[1] - 1) * strides[1] + 1] as const;
      const isWhole = sameShape([...start, ...end, ...strides], [0, 0, padded.shape[2]!, padded.shape[3]!, 1, 1]);
      taps.push(isWhole ? padded : graph.node('Slice', [padded, graph.indices(start), graph.indices(end), graph.indices([2, 3]), graph.indices(strides)], {}, [...leading, ...output]));
    }
  }
  return taps;
}

function paddedInput(graph: Graph, value: Value, [top, left, bottom, right]: WindowGeometry['pads'], padding: number): Value {
  if (top === 0 && left === 0 && bottom === 0 && right === 0) return value;
  const [n, c, h, w] = value.shape as [number, number, number, number];
  const inputs = [value, graph.indices([0, 0, top, left, 0, 0, bottom, right])];
  if (padding !== 0) inputs.push(graph.scalar(padding));
  return graph.node('Pad', inputs, {}, [n, c, top + h + bottom, left + w + right]);
}
