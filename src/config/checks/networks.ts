/** What models and methods need: sizes, and a teacher that fits its student. */
import * as l10n from '@vscode/l10n';
import { methods } from '../catalog/methods.ts';
import { models } from '../catalog/models.ts';
import type { Resolution, Stage } from '../experiment.ts';
import { canonical } from '../recipe.ts';
import { placeAt } from '../tree.ts';
import { stageNamed, type CheckContext } from './context.ts';

export function checkNetworks(context: CheckContext): void {
  for (const stage of context.stages) {
    checkSides(context, stage);
    const teacher = stage.distill === undefined ? undefined : stageNamed(context, stage.distill.from);
    if (teacher !== undefined) checkPair(context, stage, teacher);
  }
}

function checkSides({ tree, report }: CheckContext, { name, model, resolution }: Stage): void {
  const { title, sides } = models[model.name];
  const isUsable = [resolution.height, resolution.width].every((side) => side >= sides.minimum && side <= sides.maximum);
  if (isUsable) return;
  const path = ['stages', name, 'resolution'];
  report.add(
    'unusable-resolution',
    placeAt(tree, path),
    path,
    l10n.t('{0} takes sides from {1} to {2} pixels, found {3}.', title, sides.minimum, sides.maximum, sizeText(resolution)),
  );
}

function checkPair({ tree, report }: CheckContext, student: Stage, teacher: Stage): void {
  const method = methods[student.distill?.method ?? 'scrkd'];
  const path = ['stages', student.name, 'resolution'];
  const place = placeAt(tree, path);
  const ratio = { height: teacher.resolution.height / student.resolution.height, width: teacher.resolution.width / student.resolution.width };
  if (method.needsLargerTeacher && (ratio.height <= 1 || ratio.width <= 1)) {
    report.add(
      'teacher-resolution',
      place,
      path,
      l10n.t(
        "{0} needs a teacher of a higher resolution: '{1}' has {2}, this stage {3}.",
        method.title,
        teacher.name,
        sizeText(teacher.resolution),
        sizeText(student.resolution),
      ),
    );
  } else if (!Number.isInteger(ratio.height) || ratio.height !== ratio.width) {
    report.add(
      'resolution-ratio',
      place,
      path,
      l10n.t(
        "The resolution of the teacher '{0}' ({1}) is not a whole multiple of {2}: features are compared between grids that do not line up.",
        teacher.name,
        sizeText(teacher.resolution),
        sizeText(student.resolution),
      ),
    );
  }
  if (method.needsEqualFeatures) checkFeatures({ tree, report }, student, teacher);
}

/** Features are compared without a projection between them, so their channels must be as many. */
function checkFeatures({ tree, report }: Pick<CheckContext, 'tree' | 'report'>, student: Stage, teacher: Stage): void {
  if (canonical(featuresOf(student)) === canonical(featuresOf(teacher))) return;
  const path = ['stages', student.name, 'model'];
  report.add(
    'teacher-features',
    placeAt(tree, path),
    path,
    l10n.t(
      "The decoder features of '{0}' ({1}) and of its teacher '{2}' ({3}) differ and cannot be compared.",
      student.name,
      featureText(student),
      teacher.name,
      featureText(teacher),
    ),
  );
}

function featuresOf({ model }: Stage) {
  return models[model.name].features(model.options);
}

function featureText(stage: Stage): string {
  const { stages, width } = featuresOf(stage);
  return l10n.t('{0} stages, width {1}', stages, width);
}

export function sizeText({ height, width }: Resolution): string {
  return height === width ? String(height) : `${String(height)}x${String(width)}`;
}
