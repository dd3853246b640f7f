import * as l10n from '@vscode/l10n';
import { unreachable } from '../base/errors.ts';
import { methods, type MethodName } from '../config/catalog/methods.ts';
import { teacherMapGrids } from './maps.ts';
import type { NetworkShape } from './method.ts';

/** Why a method cannot distil between these networks, in a sentence; nothing where it can. The config's checks say the same earlier. */
export function whyMismatched(name: MethodName, options: object, student: NetworkShape, teacher: NetworkShape): string | undefined {
  const method = methods[name];
  const { title, features } = method;
  const channels = (shape: NetworkShape, stages = shape.features.length): string =>
    shape.features.slice(0, stages).map((feature) => feature.channels).join(', ');
  const [height, width] = teacherMapGrids(teacher)[0]!;
  const problem = method.sizeProblem?.({ student, teacher, teacherMap: { height, width } }, options as never);
  if (problem !== undefined) return l10n.t('{0}: {1}.', title, problem);
  if (method.mixesStages === true && new Set(student.features.map((feature) => feature.channels)).size > 1) {
    return l10n.t('{0} brings all stages together, which need the same number of channels: the student has {1}.', title, channels(student));
  }
  switch (features) {
    case 'none':
    case 'any-channels':
      return undefined;
    case 'equal-channels': {
      const common = Math.min(student.features.length, teacher.features.length);
      return channels(student, common) === channels(teacher, common) ? undefined : unequal(title, channels(teacher, common), channels(student, common));
    }
    case 'equal-stages':
      return channels(student) === channels(teacher) ? undefined : unequal(title, channels(teacher), channels(student));
    default:
      return unreachable(features);
  }
}

function unequal(title: string, teacher: string, student: string): string {
  return l10n.t('{0} needs decoder features of equal channels: the teacher has {1}, the student {2}.', title, teacher, student);
}
