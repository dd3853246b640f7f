/** Divergences of probabilities over positions, always KL(teacher ‖ student), of the softmax of logits. */
import { div, exp, logSoftmax, mul, reshape, sub, sum, type Rank, type Scalar, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { channelsFirst } from '../nn/resize.ts';

/** Σ over rows and columns of pᵀ·(log pᵀ − log pˢ), softmax along each row [n,m]. */
function rowDivergence(student: Tensor2D, teacher: Tensor2D): Scalar {
  const ofStudent = logSoftmax(student);
  const ofTeacher = logSoftmax(teacher);
  return sum(mul(exp(ofTeacher), sub(ofTeacher, ofStudent)));
}

function images(maps: Tensor4D): Tensor2D {
  return reshape<Rank.R2>(maps, [maps.shape[0], -1]);
}

/** Of the pixels of maps [B,h,w,1] at a temperature, mean over the images; without the factor T². */
export function pixelDivergence(student: Tensor4D, teacher: Tensor4D, temperature: Scalar): Scalar {
  return div(rowDivergence(div(images(student), temperature), div(images(teacher), temperature)), student.shape[0]);
}

/** Of the pixels of every channel [B,h,w,C] at a temperature, mean over images and channels; without the factor T². */
export function channelDivergence(student: Tensor4D, teacher: Tensor4D, temperature: Scalar): Scalar {
  const [batch, height, width, channels] = student.shape;
  const planes = (maps: Tensor4D): Tensor2D => div(reshape<Rank.R2>(channelsFirst(maps), [batch * channels, height * width]), temperature);
  return div(rowDivergence(planes(student), planes(teacher)), batch * channels);
}

/** Of the pixels of each row of maps [B,h,w,1], mean over all rows. */
export function imageRowDivergence(student: Tensor4D, teacher: Tensor4D): Scalar {
  const [batch, height, width] = student.shape;
  const rows = (maps: Tensor4D): Tensor2D => reshape<Rank.R2>(maps, [batch * height, width]);
  return div(rowDivergence(rows(student), rows(teacher)), batch * height);
}
