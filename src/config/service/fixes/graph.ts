/** Fixes of the stage graph and of resolutions. */
import * as l10n from '@vscode/l10n';
import { methods } from '../../catalog/methods.ts';
import { models } from '../../catalog/models.ts';
import type { DiagnosticCode } from '../../diagnostic.ts';
import type { Resolution, Stage } from '../../experiment.ts';
import { featureProblem, sizesOf, sizeText } from '../../checks/networks.ts';
import { outlineAt } from '../outline.ts';
import { stageNamesOf } from '../stages.ts';
import type { Fix, FixContext, MakeFixes } from '../fixes.ts';
import { applyRemedy, removeFix, setFix } from './edits.ts';
import { replaceBySuggestion } from './fields.ts';

const unknownTeacher: MakeFixes = (context, diagnostic) => {
  const fixes = replaceBySuggestion(context, diagnostic);
  return fixes.length > 0 ? fixes : otherTeachers(context, diagnostic);
};

/** The stages before this one, which cannot learn from it. */
const otherTeachers: MakeFixes = ({ document, resolved }, { path }) => {
  const self = path[1];
  const current = outlineAt(document.outline.root, path);
  const names = stageNamesOf(document, resolved.tree);
  const possible = names.filter((name) => name !== self && (current?.kind !== 'scalar' || name !== current.text) && !learnsFrom(document, name, String(self)));
  return possible.slice(0, 3).flatMap((name, index) => setFix(document, l10n.t("Learn from '{0}'", name), path, name, index === 0));
};

function learnsFrom({ outline }: FixContext['document'], name: string, teacher: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined && !seen.has(at); ) {
    if (at === teacher) return true;
    seen.add(at);
    const from = outlineAt(outline.root, ['stages', at, 'distill', 'from']);
    at = from?.kind === 'scalar' ? from.text : undefined;
  }
  return false;
}

/** The student smaller, or the teacher larger. */
const teacherResolution: MakeFixes = (context, { path }) => {
  const pair = pairOf(context, path);
  if (pair === undefined) return [];
  const { student, teacher } = pair;
  const halved = scaled(teacher.resolution, 1 / 2);
  const doubled = scaled(student.resolution, 2);
  return [
    ...(isUsable(student, halved) ? setResolution(context, student, halved, true) : []),
    ...(teacher.given === undefined && isUsable(teacher, doubled) ? setResolution(context, teacher, doubled, false) : []),
  ];
};

/** A student whose sides divide the teacher's: the largest one that is not above what is written, else the smallest above it. */
const resolutionRatio: MakeFixes = (context, { path }) => {
  const pair = pairOf(context, path);
  if (pair === undefined) return [];
  const { student, teacher } = pair;
  const sides = [2, 4, 8].map((factor) => scaled(teacher.resolution, 1 / factor)).filter((size) => isUsable(student, size) && isWhole(size));
  const distance = ({ height, width }: Resolution) => Math.abs(height - student.resolution.height) + Math.abs(width - student.resolution.width);
  const [nearest] = sides.sort((a, b) => distance(a) - distance(b));
  return nearest === undefined ? [] : setResolution(context, student, nearest, true);
};

const unusableResolution: MakeFixes = (context, { path }) => {
  const stage = stageOf(context, path);
  if (stage === undefined) return [];
  const { minimum, maximum } = models[stage.model.name].sides;
  const clamp = (side: number) => Math.min(Math.max(side, minimum), maximum);
  return setResolution(context, stage, { height: clamp(stage.resolution.height), width: clamp(stage.resolution.width) }, true);
};

/** Models are compared feature by feature: the student takes its teacher's, where that helps. */
const teacherFeatures: MakeFixes = (context, { path }) => {
  const pair = pairOf(context, path);
  if (pair === undefined) return [];
  const { model } = pair.teacher;
  if (featureProblem({ ...pair.student, model }, pair.teacher) !== undefined) return [];
  return setFix(context.document, l10n.t("Take the model of '{0}'", pair.teacher.name), path, { name: model.name, ...model.options }, true);
};

function setResolution({ document }: FixContext, stage: Stage, size: Resolution, isPreferred: boolean): Fix[] {
  const value = size.height === size.width ? size.height : [size.height, size.width];
  return setFix(document, l10n.t("Set the resolution of '{0}' to {1}", stage.name, sizeText(size)), ['stages', stage.name, 'resolution'], value, isPreferred);
}

function scaled({ height, width }: Resolution, factor: number): Resolution {
  return { height: Math.round(height * factor), width: Math.round(width * factor) };
}

function isWhole({ height, width }: Resolution): boolean {
  return Number.isInteger(height) && Number.isInteger(width);
}

function isUsable({ model }: Stage, { height, width }: Resolution): boolean {
  const { minimum, maximum } = models[model.name].sides;
  return [height, width].every((side) => side >= minimum && side <= maximum);
}

function stageOf({ resolved }: FixContext, path: readonly (string | number)[]): Stage | undefined {
  return resolved.draft?.stages.find(({ name }) => name === path[1]);
}

function pairOf(context: FixContext, path: readonly (string | number)[]): { student: Stage; teacher: Stage } | undefined {
  const student = stageOf(context, path);
  const teacher = context.resolved.draft?.stages.find(({ name }) => name === student?.distill?.from);
  return student === undefined || teacher === undefined ? undefined : { student, teacher };
}

/** Another size of the student, or the method without what needs the size. */
const methodSizes: MakeFixes = (context, { path }) => {
  const pair = pairOf(context, path);
  if (pair?.student.distill === undefined) return [];
  const { student, teacher } = pair;
  const { method, options } = pair.student.distill;
  const entry = methods[method];
  const fits = (size: Resolution, chosen: typeof options): boolean => entry.sizeProblem?.(sizesOf(size, teacher), chosen) === undefined;
  const sizes = [1, 2, 4, 8].map((factor) => scaled(teacher.resolution, 1 / factor)).filter((size) => isWhole(size) && isUsable(student, size) && fits(size, options));
  const apart = ({ height }: Resolution): number => Math.abs(height - student.resolution.height);
  const [nearest] = sizes.filter((size) => apart(size) > 0).sort((a, b) => apart(a) - apart(b));
  const without: typeof options = { ...options, discriminator: 'none' };
  return [
    ...('discriminator' in options && fits(student.resolution, without) ? setFix(context.document, l10n.t('Go without the discriminator'), ['stages', student.name, 'distill', 'options', 'discriminator'], 'none', true) : []),
    ...(nearest === undefined ? [] : setResolution(context, student, nearest, true)),
  ];
};

const removeIt: MakeFixes = ({ document }, { path }) => removeFix(document, l10n.t("Remove '{0}'", path.slice(path[0] === 'stages' ? 2 : 0).join('.')), path, true);

const removeStage: MakeFixes = ({ document }, { path }) => removeFix(document, l10n.t("Remove the stage '{0}'", String(path[1])), path, true);

export const graphFixes: Readonly<Partial<Record<DiagnosticCode, MakeFixes>>> = {
  'unknown-teacher': unknownTeacher,
  'self-teacher': otherTeachers,
  'stage-cycle': otherTeachers,
  'teacher-resolution': teacherResolution,
  'resolution-ratio': resolutionRatio,
  'unusable-resolution': unusableResolution,
  'teacher-features': teacherFeatures,
  'method-sizes': methodSizes,
  'dataset-missing': applyRemedy,
  'file-missing': applyRemedy,
  'checkpoint-mismatch': applyRemedy,
  'checkpoint-resolution': applyRemedy,
  'given-stage-field': removeIt,
  'given-stage-conflict': removeIt,
  'unused-given-stage': removeStage,
  'unused-setting': removeIt,
};
