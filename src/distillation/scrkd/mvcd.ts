/** Multi-view correlation distillation (SCRKD, Eq. 7; mean absolute difference as in the official code). */
import { abs, addN, mean, sub, tidy, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import { adaptiveAveragePool, resizeBilinear, type Grid } from '../../nn/resize.ts';
import { correlations, type Correlations } from './correlation.ts';
import type { MvcdRule } from './rule.ts';

/** The teacher's side of one stage. @param grid of the student's feature */
export function teacherCorrelations(teacher: Tensor4D, grid: Grid, at: MvcdRule['at']): Correlations {
  return tidy(() => ({ ...correlations(at === 'student' ? adaptiveAveragePool(teacher, grid) : teacher) }));
}

/** The three views' terms of one stage: mean |K_S − K_T| over the batch and all entries. */
export function stageMvcd(student: Tensor4D, ofTeacher: Correlations, at: MvcdRule['at']): { channel: Scalar; height: Scalar; width: Scalar } {
  const teacherGrid: Grid = [ofTeacher.height.shape[1], ofTeacher.width.shape[1]];
  const ofStudent = correlations(at === 'teacher' ? resizeBilinear(student, teacherGrid) : student);
  const distance = (view: keyof typeof ofStudent): Scalar => mean(abs(sub(ofStudent[view], ofTeacher[view])));
  return { channel: distance('channel'), height: distance('height'), width: distance('width') };
}

/**
 * @param student branch 2 of every stage, finest first.
 * @param teacher the correlations of a stage.
 */
export function mvcdLoss(student: readonly Tensor4D[], teacher: (stage: number) => Correlations, rule: MvcdRule): Scalar {
  return addN(rule.stages.flatMap((stage) => Object.values(stageMvcd(student[stage - 1]!, teacher(stage), rule.at))));
}
