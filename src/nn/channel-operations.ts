/** Operations that mix channels with places, or run along the channels. */
import { conv2d, depthwiseConv2d, mean, reshape, split, transpose, type Rank, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';

/** The mean over an image, [B,H,W,C] → [B,1,1,C]. */
export function imageMean(map: Tensor4D): Tensor4D {
  return mean(map, [1, 2], true);
}

/** PyTorch's: out[c, 2i+p, 2j+q] = in[4c+2p+q, i, j]; [B,H,W,4C] → [B,2H,2W,C]. */
export function pixelShuffle(map: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = map.shape;
  const parts = reshape<Rank.R6>(map, [batch, height, width, channels / 4, 2, 2]);
  return reshape(transpose(parts, [0, 1, 4, 2, 5, 3]), [batch, 2 * height, 2 * width, channels / 4]);
}

/** Channel j·groups + g of the result is channel g·(C/groups) + j of the map (ShuffleNet). */
export function channelShuffle(map: Tensor4D, groups: number): Tensor4D {
  const [batch, height, width, channels] = map.shape;
  const grouped = reshape<Rank.R5>(map, [batch, height, width, groups, channels / groups]);
  return reshape(transpose(grouped, [0, 1, 2, 4, 3]), [batch, height, width, channels]);
}

/** A filter of three taps along the channels of [B,1,1,C], zero-padded. @param weight [1,1,3] */
export function alongChannels(vector: Tensor4D, weight: Tensor): Tensor4D {
  const [batch, , , channels] = vector.shape;
  const column = reshape<Rank.R4>(vector, [batch, channels, 1, 1]);
  return reshape(conv2d(column, reshape<Rank.R4>(weight, [3, 1, 1, 1]), 1, 'same'), [batch, 1, 1, channels]);
}

/**
 * A depthwise convolution with a kernel of its own for every image: the images become channels of one.
 * @param map [B,H,W,C]
 * @param kernels [B,k,k,C], k odd
 */
export function convolvePerImage(map: Tensor4D, kernels: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = map.shape;
  const [, kernel] = kernels.shape;
  const together = reshape<Rank.R4>(transpose(map, [1, 2, 0, 3]), [1, height, width, batch * channels]);
  const filter = reshape<Rank.R4>(transpose(kernels, [1, 2, 0, 3]), [kernel, kernel, batch * channels, 1]);
  const result = reshape<Rank.R4>(depthwiseConv2d(together, filter, 1, 'same'), [height, width, batch, channels]);
  return transpose(result, [2, 0, 1, 3]);
}

/** Both halves of the channels. */
export function halves(map: Tensor4D): [Tensor4D, Tensor4D] {
  return split(map, 2, 3) as [Tensor4D, Tensor4D];
}
