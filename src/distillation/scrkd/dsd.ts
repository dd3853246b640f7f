/**
 * Decoupled saliency distillation (SCRKD, Eq. 13-14). Per pixel s = σ(logit) and the two channels [s, 1 − s] through a softmax, so
 * with u = (2s − 1)/τ: q₁ = σ(u), log q₁ = −softplus(−u), log q₂ = log q₁ − u.
 */
import { addN, div, mean, mul, neg, sigmoid, softplus, square, sub, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import { gridOf, resizeBilinear } from '../../nn/resize.ts';
import type { DsdRule } from './rule.ts';

const CHANNELS = 2;

/** q₁ minus q₂ before the softmax. */
function margin(logits: Tensor4D, temperature: Scalar | undefined): Tensor4D {
  const difference = sub<Tensor4D>(mul(sigmoid(logits), 2), 1);
  return temperature === undefined ? difference : div(difference, temperature);
}

/** KL(p ‖ q) summed over both channels, per pixel, from the margins. */
function divergence(p: Tensor4D, q: Tensor4D): Tensor4D {
  const logFirst = (u: Tensor4D): Tensor4D => neg(softplus(neg(u)));
  const second = sigmoid(neg(p));
  return sub(sub(logFirst(p), logFirst(q)), mul(second, sub(p, q)));
}

/**
 * One head; student and teacher logits of one size.
 * `teacher-to-student`: KL(T ‖ S), mean over batch, pixels and both channels (official code); `student-to-teacher`: KL(S ‖ T), mean over
 * batch and pixels, sum over channels (SCRKD, Eq. 14). Temperature `inside`: softmax(d/τ), times τ²; `outside`: the official code's form,
 * whose value is τ times that of τ = 1.
 */
export function headDsd(student: Tensor4D, teacher: Tensor4D, temperature: Scalar, rule: DsdRule): Scalar {
  const inner = rule.temperature === 'inside' ? temperature : undefined;
  const ofStudent = margin(student, inner);
  const ofTeacher = margin(teacher, inner);
  const raw: Scalar =
    rule.direction === 'teacher-to-student' ? mul(mean(divergence(ofTeacher, ofStudent)), 1 / CHANNELS) : mean(divergence(ofStudent, ofTeacher));
  return mul(raw, rule.temperature === 'inside' ? square(temperature) : temperature);
}

/** Sum over the heads, all with weight 1; the student's logits are resized to the teacher's. */
export function dsdLoss(student: readonly Tensor4D[], teacher: readonly Tensor4D[], temperature: Scalar, rule: DsdRule): Scalar {
  return addN(teacher.map((map, head) => headDsd(resizeBilinear(student[head]!, gridOf(map)), map, temperature, rule)));
}
