import * as l10n from '@vscode/l10n';
import { unreachable } from '../base/errors.ts';
import { channelProblem } from '../config/catalog/method.ts';
import { methods, type MethodName } from '../config/catalog/methods.ts';
import { teacherMapGrids } from './maps.ts';
import type { NetworkShape } from './method.ts';

/** Why a method cannot distil between these networks, in a sentence; nothing where it can. The config's checks say the same earlier. */
export function whyMismatched(name: MethodName, options: object, student: NetworkShape, teacher: NetworkShape): string | undefined {
  const method = methods[name];
  const { title } = method;
  const [height, width] = teacherMapGrids(teacher)[0]!;
  const ofSizes = method.sizeProblem?.({ student, teacher, teacherMap: { height, width } }, options as never);
  if (ofSizes !== undefined) return l10n.t('{0}: {1}.', title, ofSizes);
  const channels = ({ features }: NetworkShape): number[] => features.map((feature) => feature.channels);
  const problem = channelProblem(method, channels(student), channels(teacher));
  switch (problem) {
    case undefined:
      return undefined;
    case 'mixed-stages':
      return l10n.t('{0} brings all stages together, which need the same number of channels: the student has {1}.', title, channels(student).join(', '));
    case 'unequal-pair':
      return l10n.t('{0} needs decoder features of equal channels: the teacher has {1}, the student {2}.', title, channels(teacher).join(', '), channels(student).join(', '));
    default:
      return unreachable(problem);
  }
}
