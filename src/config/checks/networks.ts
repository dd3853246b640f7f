/** What models and methods need: sizes, and a teacher that fits its student. */
import * as l10n from '@vscode/l10n';
import { unreachable } from '../../base/errors.ts';
import { channelProblem, type SizePair } from '../catalog/method.ts';
import { methods } from '../catalog/methods.ts';
import { models, type ModelChoice } from '../catalog/models.ts';
import type { Resolution, Stage } from '../experiment.ts';
import { keyAt, placeAt } from '../tree.ts';
import { stageNamed, type CheckContext } from './context.ts';

export function checkNetworks(context: CheckContext): void {
  checkModelOptions(context);
  for (const stage of context.stages) {
    checkSides(context, stage);
    const teacher = stage.distill === undefined ? undefined : stageNamed(context, stage.distill.from);
    if (teacher !== undefined) checkPair(context, stage, teacher);
  }
}

/** What is written for another model than the stage's. */
function checkModelOptions({ tree, report, config }: CheckContext): void {
  for (const [stage, { model }] of Object.entries(config.stages)) {
    if (model === undefined || typeof model === 'string') continue;
    const { name, ...options } = model;
    const { title, options: own } = models[name];
    for (const option of Object.keys(options)) {
      if (option in own.shape) continue;
      const path = ['stages', stage, 'model', option];
      report.add('model-option', keyAt(tree, path) ?? placeAt(tree, path), path, l10n.t("{0} has no option '{1}'; it has {2}.", title, option, Object.keys(own.shape).join(', ')));
    }
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
  if (student.distill === undefined) return;
  const method = methods[student.distill.method];
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
  checkFeatures({ tree, report }, student, teacher);
  const problem = method.sizeProblem?.(sizesOf(student.resolution, teacher), student.distill.options);
  if (problem !== undefined) {
    const at = ['stages', student.name, 'distill', 'method'];
    report.add('method-sizes', placeAt(tree, at), at, l10n.t("{0} cannot distil '{1}' ({2}) from '{3}' ({4}): {5}.", method.title, student.name, sizeText(student.resolution), teacher.name, sizeText(teacher.resolution), problem));
  }
}

/** The sizes of a student of this resolution and of its teacher. */
export function sizesOf(student: Resolution, { model, resolution, adapter }: Pick<Stage, 'model' | 'resolution' | 'adapter'>): SizePair {
  const sideOf = (pixels: number): number => (adapter === undefined ? models[model.name].teacherMapSide(pixels) : pixels);
  return { student, teacher: resolution, teacherMap: { height: sideOf(resolution.height), width: sideOf(resolution.width) } };
}

function checkFeatures({ tree, report }: Pick<CheckContext, 'tree' | 'report'>, student: Stage, teacher: Stage): void {
  const path = ['stages', student.name, 'model'];
  const problem = featureProblem(student, teacher);
  if (problem !== undefined) report.add('teacher-features', placeAt(tree, path), path, problem);
}

/** Why a student's method cannot compare these stages' features, in a sentence: without a projection between them they must have as many channels. */
export function featureProblem(student: Stage, teacher: Stage): string | undefined {
  if (student.distill === undefined) return undefined;
  const method = methods[student.distill.method];
  const problem = channelProblem(method, decoderChannels(student.model), decoderChannels(teacher.model));
  switch (problem) {
    case undefined:
      return undefined;
    case 'mixed-stages':
      return l10n.t("{0} brings all stages together, which need the same number of channels: '{1}' has {2}.", method.title, student.name, decoderChannels(student.model).join(', '));
    case 'unequal-pair':
      return l10n.t("The decoder features of '{0}' ({1}) and of its teacher '{2}' ({3}) differ and cannot be compared.", student.name, featureText(student), teacher.name, featureText(teacher));
    default:
      return unreachable(problem);
  }
}

/** Channels of each stage of the decoder, finest first. */
export function decoderChannels({ name, options }: ModelChoice): readonly number[] {
  return models[name].channels(options);
}

function featureText({ model }: Stage): string {
  const all = decoderChannels(model);
  const [first, ...others] = all;
  return others.every((channels) => channels === first) ? l10n.t('{0} stages of {1} channels', all.length, first!) : l10n.t('stages of {0} channels', all.join(', '));
}

export function sizeText({ height, width }: Resolution): string {
  return height === width ? String(height) : `${String(height)}x${String(width)}`;
}
