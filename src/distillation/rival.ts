/** What the methods that leave the student's network as it is have in common. */
import { methods, type MethodName } from '../config/catalog/methods.ts';
import type { TeacherModeOption } from '../config/catalog/method.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { Method, NetworkShape } from './method.ts';
import { whyMismatched } from './mismatch.ts';

/** A method by what is its own: its loss, and the layers that only the loss uses. */
export type Rival = Pick<Method, 'loss' | 'transfers' | 'extraSteps' | 'condense'> & { readonly parameters?: (student: NetworkShape, teacher: NetworkShape) => readonly ParameterSpec[] };

/** A method without an adapter: everything but `rival` follows from the catalog. */
export function rivalMethod(name: MethodName, options: TeacherModeOption & object, { loss, transfers, parameters, extraSteps, condense }: Rival): Method {
  const entry = methods[name];
  return {
    name,
    roles: ['teacher'],
    terms: Object.keys(entry.terms),
    operands: [],
    teacherStatistics: options.teacherMode === 'official' ? 'batch' : 'running',
    parameters: (student, teacher) => (teacher === undefined ? [] : (parameters?.(student, teacher) ?? [])).map((spec) => ({ ...spec, trainingOnly: true })),
    mismatch: (student, teacher) => whyMismatched(name, options, student, teacher),
    headWeights: ({ heads }) => heads.map(({ lossWeight }) => lossWeight),
    loss,
    transfers,
    ...(condense !== undefined && { condense }),
    ...(extraSteps !== undefined && { extraSteps }),
  };
}
