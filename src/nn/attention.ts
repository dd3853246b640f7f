/** Scaled dot-product attention between maps (Vaswani et al., 2017). */
import { add, matMul, mul, reshape, softmax, transpose, type Rank, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';

/** [B,H,W,C] → [B,heads,H·W,C/heads], heads contiguous along the channels. */
function toHeads(map: Tensor4D, heads: number): Tensor4D {
  const [batch, height, width, channels] = map.shape;
  return transpose(reshape<Rank.R4>(map, [batch, height * width, heads, channels / heads]), [0, 2, 1, 3]);
}

/**
 * softmax(q·kᵀ/√d + bias)·v per head, d = C/heads. The last product is written transposed, so that its result lies channels first.
 * @param q [B,H,W,C]
 * @param k [B,h,w,C]
 * @param v [B,h,w,C]
 * @param bias added to the scores, [1,heads,H·W,h·w]
 */
export function attention(q: Tensor4D, k: Tensor4D, v: Tensor4D, heads: number, bias?: Tensor): Tensor4D {
  const [batch, height, width, channels] = q.shape;
  const scale = (channels / heads) ** -0.5;
  const scores = matMul<Tensor4D>(toHeads(mul(q, scale), heads), toHeads(k, heads), false, true);
  const weights = softmax(bias === undefined ? scores : add<Tensor4D>(scores, bias));
  const attended = matMul<Tensor4D>(toHeads(v, heads), weights, true, true);
  return reshape(transpose(attended, [0, 3, 1, 2]), [batch, height, width, channels]);
}
