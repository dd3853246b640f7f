/** Multi-view correlation distillation (SCRKD, Eq. 7; mean absolute difference as in the official code). */
import { abs, addN, mean, sub, tidy, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import { adaptiveAveragePool, gridOf, resizeBilinear } from '../../nn/resize.ts';
import { correlations } from './correlation.ts';
import type { MvcdRule } from './rule.ts';

/** The three views' terms of one stage: mean |K_S − K_T| over the batch and all entries. */
export function stageMvcd(student: Tensor4D, teacher: Tensor4D, at: MvcdRule['at']): { channel: Scalar; height: Scalar; width: Scalar } {
  const ofStudent = correlations(at === 'teacher' ? resizeBilinear(student, gridOf(teacher)) : student);
  const ofTeacher = tidy(() => ({ ...correlations(at === 'student' ? adaptiveAveragePool(teacher, gridOf(student)) : teacher) }));
  const distance = (view: keyof typeof ofStudent): Scalar => mean(abs(sub(ofStudent[view], ofTeacher[view])));
  return { channel: distance('channel'), height: distance('height'), width: distance('width') };
}

/**
 * @param student branch 2 of every stage, finest first.
 * @param teacher decoder features of the same stages.
 */
export function mvcdLoss(student: readonly Tensor4D[], teacher: readonly Tensor4D[], rule: MvcdRule): Scalar {
  return addN(rule.stages.flatMap((stage) => Object.values(stageMvcd(student[stage - 1]!, teacher[stage - 1]!, rule.at))));
}
