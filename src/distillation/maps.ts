/** The saliency maps and features that methods compare. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { gridOf, resizeBilinear, type Grid } from '../nn/resize.ts';
import type { DistillationInputs, NetworkShape, Observation, TeacherObservation } from './method.ts';

/** The student's logit maps as its own class gives them: [B,h,w,1] at its input size, finest head first. */
export function studentMaps({ logits, inputGrid }: Pick<Observation, 'logits' | 'inputGrid'>): Tensor4D[] {
  return logits.map((map) => resizeBilinear(map, inputGrid));
}

/**
 * The sizes of a teacher's logit maps, finest head first. A plain teacher with several heads gives them at stage size; one that was itself
 * distilled, as in the official cascade, and one with a single head give them at their input size.
 */
export function teacherMapGrids({ isAdapted, heads, grids, height, width }: NetworkShape): Grid[] {
  return heads.map(({ stage }) => (isAdapted || heads.length === 1 ? [height, width] : grids[stage]!));
}

/** The teacher's logit maps at those sizes. */
export function teacherMaps({ logits }: TeacherObservation, shape: NetworkShape): readonly Tensor4D[] {
  const grids = teacherMapGrids(shape);
  return logits.map((map, head) => resizeBilinear(map, grids[head]!));
}

/** For losses that compare nothing but logits. */
export function logitsAlone({ logits, inputGrid }: TeacherObservation): TeacherObservation {
  return { features: [], logits, inputGrid };
}

/** The student's and the teacher's value of one thing, of one size. */
export interface Compared {
  readonly student: Tensor4D;
  readonly teacher: Tensor4D;
}

/** The logit maps of the heads that both have, the student's resized to the teacher's. */
export function comparedMaps({ student, teacher, teacherShape }: Pick<DistillationInputs, 'teacher' | 'teacherShape'> & { readonly student: Pick<Observation, 'logits' | 'inputGrid'> }): Compared[] {
  const taught = teacherMaps(teacher, teacherShape);
  return studentMaps(student)
    .slice(0, taught.length)
    .map((map, head) => ({ student: resizeBilinear(map, gridOf(taught[head]!)), teacher: taught[head]! }));
}

/** The features of the stages that both have, finest first, the student's resized to the teacher's. */
export function comparedFeatures({ student, teacher }: DistillationInputs): Compared[] {
  return student.features
    .slice(0, teacher.features.length)
    .map((feature, stage) => ({ student: resizeBilinear(feature, gridOf(teacher.features[stage]!)), teacher: teacher.features[stage]! }));
}

/**
 * The same list in the order in which a method counts stages: finest first, or (`official`) as the official code lists them: where
 * all stages have one grid, as in SegFormer, deepest first.
 */
export function inListOrder<T>(stages: readonly T[], order: 'default' | 'official', { features }: NetworkShape): readonly T[] {
  const isFlat = features.every(({ stride }) => stride === features[0]?.stride);
  return order === 'official' && isFlat && features.length > 1 ? stages.toReversed() : stages;
}
