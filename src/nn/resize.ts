/**
 * Resizing of maps [B,H,W,C]. All kinds are linear in each axis, so each is two products with constant matrices, and its
 * gradient the two transposed products (tfjs's own gradients of resizing are wrong for some conventions and slow).
 */
import { expandDims, matMul, reshape, transpose, type Rank, type Tensor4D } from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.ts';
import { averageMatrix, bicubicMatrix, bilinearMatrix, constant, halfPixelMatrix, kroneckerProduct, nearestMatrix, type Matrix } from './matrix.ts';

/** [height, width]. */
export type Grid = readonly [number, number];

export function gridOf(map: Tensor4D): Grid {
  return [map.shape[1], map.shape[2]];
}

export function sameGrid(a: Grid, b: Grid): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** [B,H,W,C] → [B,C,H,W]. */
export function channelsFirst(map: Tensor4D): Tensor4D {
  return transpose(map, [0, 3, 1, 2]);
}

/** [B,C,H,W] → [B,H,W,C]. */
export function channelsLast(planes: Tensor4D): Tensor4D {
  return transpose(planes, [0, 2, 3, 1]);
}

/** Up to so many entries one product with the Kronecker matrix is cheaper than two products. */
const LARGEST_KRONECKER = 20_000;

/** M_h · X · M_wᵀ for every plane X of the map; with `transposed` M_hᵀ · X · M_w. */
function multiplyPlanes(map: Tensor4D, vertical: Matrix, horizontal: Matrix, transposed: boolean): Tensor4D {
  const [batch, height, width, channels] = map.shape;
  const outHeight = transposed ? vertical.columns : vertical.rows;
  const outWidth = transposed ? horizontal.columns : horizontal.rows;
  const planes = channelsFirst(map);
  if (height * width * outHeight * outWidth <= LARGEST_KRONECKER) {
    const rows = reshape<Rank.R2>(planes, [batch * channels, height * width]);
    const product = matMul(rows, constant(kroneckerProduct(vertical, horizontal)), false, !transposed);
    return channelsLast(reshape<Rank.R4>(product, [batch, channels, outHeight, outWidth]));
  }
  const alongWidth = (x: Tensor4D): Tensor4D => {
    const rows = x.shape[2];
    const product = matMul(reshape<Rank.R2>(x, [batch * channels * rows, width]), constant(horizontal), false, !transposed);
    return reshape(product, [batch, channels, rows, outWidth]);
  };
  const alongHeight = (x: Tensor4D): Tensor4D => {
    const columns = x.shape[3];
    const stack = reshape<Rank.R3>(x, [batch * channels, height, columns]);
    return reshape(matMul(expandDims(constant(vertical), 0), stack, transposed, false), [batch, channels, outHeight, columns]);
  };
  const enlarges = outHeight * outWidth > height * width;
  return channelsLast(enlarges ? alongHeight(alongWidth(planes)) : alongWidth(alongHeight(planes)));
}

function applyPlanes(map: Tensor4D, vertical: Matrix, horizontal: Matrix): Tensor4D {
  return withGradient<Tensor4D>(
    [map],
    ([x]) => ({ value: multiplyPlanes(x as Tensor4D, vertical, horizontal, false), saved: [] }),
    (dy) => [multiplyPlanes(dy, vertical, horizontal, true)],
  );
}

/** Bilinear resizing with aligned corners, [B,H,W,C] → [B,h,w,C]. */
export function resizeBilinear(map: Tensor4D, grid: Grid): Tensor4D {
  const [height, width] = gridOf(map);
  return sameGrid([height, width], grid) ? map : applyPlanes(map, bilinearMatrix(height, grid[0]), bilinearMatrix(width, grid[1]));
}

/** Bilinear resizing with half-pixel centres (PyTorch's `align_corners=False`), [B,H,W,C] → [B,h,w,C]. */
export function resizeBilinearHalfPixel(map: Tensor4D, grid: Grid): Tensor4D {
  const [height, width] = gridOf(map);
  return sameGrid([height, width], grid) ? map : applyPlanes(map, halfPixelMatrix(height, grid[0]), halfPixelMatrix(width, grid[1]));
}

/** Adaptive average pooling, [B,H,W,C] → [B,h,w,C]; h > H and w > W are allowed (bins then repeat). */
export function adaptiveAveragePool(map: Tensor4D, grid: Grid): Tensor4D {
  const [height, width] = gridOf(map);
  return sameGrid([height, width], grid) ? map : applyPlanes(map, averageMatrix(height, grid[0]), averageMatrix(width, grid[1]));
}

/** Nearest neighbour, [B,H,W,C] → [B,h,w,C]; position i reads at ⌊i·H/h⌋. */
export function resizeNearest(map: Tensor4D, grid: Grid): Tensor4D {
  const [height, width] = gridOf(map);
  return sameGrid([height, width], grid) ? map : applyPlanes(map, nearestMatrix(height, grid[0]), nearestMatrix(width, grid[1]));
}

/** Bicubic resizing (a = −0.75) with aligned corners, [B,H,W,C] → [B,h,w,C]. */
export function resizeBicubic(map: Tensor4D, grid: Grid): Tensor4D {
  const [height, width] = gridOf(map);
  return sameGrid([height, width], grid) ? map : applyPlanes(map, bicubicMatrix(height, grid[0]), bicubicMatrix(width, grid[1]));
}
