/** Multi-view correlations of a feature map: cosine similarities between its channels, its rows and its columns (SCRKD, Eq. 6). */
import { add, div, expandDims, matMul, maximum, mul, reshape, sqrt, sum, transpose, type Rank, type Tensor2D, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { withGradient } from '../../nn/custom-gradient.ts';
import { constant, identityMatrix } from '../../nn/matrix.ts';
import { channelsFirst } from '../../nn/resize.ts';

/** One matrix an image each, entries in [−1, 1]. */
export interface Correlations {
  /** [B,C,C] */
  readonly channel: Tensor3D;
  /** [B,H,H] */
  readonly height: Tensor3D;
  /** [B,W,W] */
  readonly width: Tensor3D;
}

const SMALLEST_NORM = 1e-8;

/**
 * X·Xᵀ of the last two axes (`of: 'rows'`) or Xᵀ·X (`'columns'`). Its gradient is one product with G + Gᵀ instead of the two that
 * the gradient of a general product would take.
 */
function gram<T extends Tensor3D | Tensor4D>(x: T, of: 'rows' | 'columns'): T {
  const isRows = of === 'rows';
  return withGradient<T>(
    [x],
    ([input]) => ({ value: matMul<T>(input!, input!, !isRows, isRows), saved: [input!] }),
    (dy, [input]) => {
      const axes = dy.shape.map((_, axis) => axis);
      const [row, column] = axes.splice(-2) as [number, number];
      const symmetric = add(dy, transpose(dy, [...axes, column, row]));
      return [isRows ? matMul(symmetric, input!) : matMul(input!, symmetric)];
    },
  );
}

/** Inner products to cosines: row norms are the roots of the diagonal. */
function toCosines(products: Tensor3D): Tensor3D {
  const diagonal: Tensor2D = sum(mul(products, constant(identityMatrix(products.shape[1]))), 2);
  const inverseNorm = div(1, maximum(sqrt(diagonal), SMALLEST_NORM));
  return mul(mul(products, expandDims(inverseNorm, 2)), expandDims(inverseNorm, 1));
}

/** @param feature [B,H,W,C] */
export function correlations(feature: Tensor4D): Correlations {
  const [batch, height, width, channels] = feature.shape;
  const planes = channelsFirst(feature);
  const byChannel = gram(reshape<Rank.R3>(planes, [batch, channels, height * width]), 'rows');
  return {
    channel: toCosines(byChannel),
    height: toCosines(sum(gram(planes, 'rows'), 1)),
    width: toCosines(sum(gram(planes, 'columns'), 1)),
  };
}
