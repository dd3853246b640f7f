/**
 * Convolutions with PyTorch weights [out, in, kernel height, kernel width] on maps [B,H,W,C], zero-padded symmetrically by half
 * the kernel unless said otherwise, also at stride 2 (where TensorFlow's `same` padding would be one-sided).
 */
import { add, concat, conv2d, depthwiseConv2d, expandDims, matMul, maxPool, reshape, slice, transpose, type Rank, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { constant, tapMatrix } from './matrix.ts';
import { channelsLast, gridOf, resizeBilinear, type Grid } from './resize.ts';

/** `concat[skip, deep resized to the skip's grid]` along channels. */
export interface SkipConnection {
  readonly kind: 'skip-connection';
  readonly skip: Tensor4D;
  readonly deep: Tensor4D;
}

/** All maps resized to one grid and stacked along the batch in their order, which must be finest first. */
export interface ResizedStack {
  readonly kind: 'resized-stack';
  readonly maps: readonly Tensor4D[];
  readonly grid: Grid;
}

export interface PlainMap {
  readonly kind: 'map';
  readonly map: Tensor4D;
}

export type ConvolutionInput = PlainMap | SkipConnection | ResizedStack;

export interface ConvolutionGeometry {
  /** Default: 1. */
  readonly stride?: number;
  /** Zeros on every side; default: half the kernel. */
  readonly padding?: number;
  /** One filter a channel; weights are [C, 1, k, k]. */
  readonly isDepthwise?: boolean;
}

function convolveMap(map: Tensor4D, weight: Tensor4D, { stride = 1, padding, isDepthwise = false }: ConvolutionGeometry = {}): Tensor4D {
  const kernel = weight.shape[2];
  const zeros = padding ?? kernel >> 1;
  const pad = zeros === 0 ? 'valid' : stride === 1 && kernel === 2 * zeros + 1 ? 'same' : zeros;
  const rounding = typeof pad === 'number' ? 'floor' : undefined;
  if (isDepthwise) return depthwiseConv2d(map, transpose(weight, [2, 3, 0, 1]), stride, pad, 'NHWC', 1, rounding);
  return conv2d(map, transpose(weight, [2, 3, 1, 0]), stride, pad, 'NHWC', 1, rounding);
}

/**
 * A 3×3 convolution of a bilinearly resized map, without making the resized map: nine 1×1 convolutions at the small size, then
 * the two resizing products with rows shifted by the tap. Exact; of an enlarged map it takes fewer operations.
 */
function convolveResized(map: Tensor4D, weight: Tensor4D, grid: Grid): Tensor4D {
  const [batch, height, width] = map.shape;
  const [out, channels] = weight.shape;
  const taps = reshape<Rank.R4>(transpose(weight, [1, 0, 2, 3]), [1, 1, channels, out * 9]);
  const responses = reshape(conv2d(map, taps, 1, 'valid'), [batch, height, width, out, 3, 3]);
  const rows = reshape<Rank.R2>(transpose(responses, [0, 3, 4, 1, 5, 2]), [batch * out * 3 * height, 3 * width]);
  const widened = reshape<Rank.R3>(matMul(rows, constant(tapMatrix(width, grid[1])), false, true), [batch * out, 3 * height, grid[1]]);
  const resized = matMul(expandDims(constant(tapMatrix(height, grid[0])), 0), widened);
  return channelsLast(reshape(resized, [batch, out, grid[0], grid[1]]));
}

function area([height, width]: Grid): number {
  return height * width;
}

function convolveSkipConnection({ skip, deep }: SkipConnection, weight: Tensor4D): Tensor4D {
  const grid = gridOf(skip);
  if (area(gridOf(deep)) >= area(grid)) return convolveMap(concat([skip, resizeBilinear(deep, grid)], 3), weight);
  const channels = skip.shape[3];
  const ofSkip = slice<Rank.R4, Tensor4D>(weight, [0, 0, 0, 0], [-1, channels, -1, -1]);
  const ofDeep = slice<Rank.R4, Tensor4D>(weight, [0, channels, 0, 0], [-1, -1, -1, -1]);
  return add(convolveMap(skip, ofSkip), convolveResized(deep, ofDeep, grid));
}

function convolveStack({ maps, grid }: ResizedStack, weight: Tensor4D): Tensor4D {
  const coarser = maps.filter((map) => area(gridOf(map)) < area(grid));
  const others = maps.slice(0, maps.length - coarser.length).map((map) => resizeBilinear(map, grid));
  const parts = coarser.map((map) => convolveResized(map, weight, grid));
  if (others.length > 0) parts.unshift(convolveMap(concat(others, 0), weight));
  return concat(parts, 0);
}

/**
 * The convolution without its bias. Skip connections and stacks take plain 3×3 kernels at stride 1 only.
 * @param weight [out, in, k, k], or a linear layer's [out, in].
 * @returns [B, h, w, out] with h = ⌊(H + 2·padding − k)/stride⌋ + 1; for odd kernels and the default padding ⌈H/stride⌉.
 */
export function convolve(input: ConvolutionInput, weight: Tensor, geometry?: ConvolutionGeometry): Tensor4D {
  switch (input.kind) {
    case 'map':
      return convolveMap(input.map, weight.rank === 2 ? reshape<Rank.R4>(weight, [weight.shape[0], weight.shape[1]!, 1, 1]) : (weight as Tensor4D), geometry);
    case 'skip-connection':
      return convolveSkipConnection(input, weight as Tensor4D);
    case 'resized-stack':
      return convolveStack(input, weight as Tensor4D);
  }
}

/** 3×3 at stride 2, padded by 1 with −∞: [B,H,W,C] → [B,⌈H/2⌉,⌈W/2⌉,C]. */
export function halvingMaxPool(map: Tensor4D): Tensor4D {
  return maxPool(map, 3, 2, 1, 'floor');
}
