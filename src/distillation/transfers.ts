/**
 * Which features and maps a method compares with which, and on which grid: for panels that show what is transferred. The same
 * choices as the losses make, told from the outside of the networks.
 */
import type { FeatureSize, Transfer } from '../config/description.ts';
import type { Grid } from '../nn/resize.ts';
import { inListOrder, teacherMapGrids } from './maps.ts';
import type { NetworkShape } from './method.ts';

/** Something that a network gives: `F.2`, `logit.1`. */
export type Named = Transfer['teacher'];

/** The decoder's features, finest first. */
export function namedFeatures({ features, grids }: NetworkShape): Named[] {
  return features.map(({ channels }, index) => ({ name: `F.${index + 1}`, ...sizeOf(grids[index]!, channels) }));
}

/** The student's logit maps, at its input size. */
export function namedStudentMaps({ heads, height, width }: NetworkShape): Named[] {
  return heads.map((_, head) => ({ name: `logit.${head + 1}`, height, width, channels: 1 }));
}

/** The teacher's logit maps. */
export function namedTeacherMaps(teacher: NetworkShape): Named[] {
  return teacherMapGrids(teacher).map((grid, head) => ({ name: `logit.${head + 1}`, ...sizeOf(grid, 1) }));
}

export function sizeOf([height, width]: Grid, channels: number): FeatureSize {
  return { height, width, channels };
}

/** A comparison on the teacher's grid, to which the student's side is resized. */
export function onTeachersGrid(term: string, student: Named, teacher: Named): Transfer {
  return { term, student, teacher, comparedOn: { height: teacher.height, width: teacher.width, channels: teacher.channels } };
}

/** Features of the stages that both have, as `comparedFeatures` pairs them. */
export function featureTransfers(term: string, student: NetworkShape, teacher: NetworkShape): Transfer[] {
  return paired(term, namedFeatures(student), namedFeatures(teacher));
}

/** Maps of the heads that both have, as `comparedMaps` pairs them. */
export function mapTransfers(term: string, student: NetworkShape, teacher: NetworkShape): Transfer[] {
  return paired(term, namedStudentMaps(student), namedTeacherMaps(teacher));
}

/** The feature of one number in the list that a method counts by. */
export function listedFeature(shape: NetworkShape, order: 'default' | 'official', index: number): Named {
  return inListOrder(namedFeatures(shape), order, shape)[index]!;
}

function paired(term: string, student: readonly Named[], teacher: readonly Named[]): Transfer[] {
  return student.slice(0, teacher.length).map((each, index) => onTeachersGrid(term, each, teacher[index]!));
}
