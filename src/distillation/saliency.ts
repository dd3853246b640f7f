import { sigmoid, type Tensor4D } from '@tensorflow/tfjs-core';
import { resizeBilinear } from '../nn/resize.ts';
import type { Observation } from './method.ts';

/** The network's answer: σ of head 1 at the input size, [B,H,W,1] in [0,1]. */
export function saliencyOf({ logits, inputGrid }: Pick<Observation, 'logits' | 'inputGrid'>): Tensor4D {
  return sigmoid(resizeBilinear(logits[0]!, inputGrid));
}
