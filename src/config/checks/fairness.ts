/**
 * Whether arms that will be compared are comparable. Arms are the trained stages that teach nobody and have equal
 * networks and resolutions: their tables stand side by side.
 */
import * as l10n from '@vscode/l10n';
import type { Stage, TrainingConfig } from '../experiment.ts';
import { numberText } from '../number-text.ts';
import { canonical } from '../recipe.ts';
import { nodeAt, placeAt } from '../tree.ts';
import { stageNamed, type CheckContext } from './context.ts';
import { presetPlace, recipePlace } from './training.ts';

export function checkFairness(context: CheckContext): void {
  for (const arms of comparedArms(context.stages)) {
    checkRecipes(context, arms);
    checkTeachers(context, arms);
  }
  checkSelection(context);
}

/** Groups of stages that will be compared, of two or more. */
export function comparedArms(stages: readonly Stage[]): Stage[][] {
  const teachers = new Set(stages.map((stage) => stage.distill?.from));
  const arms = stages.filter((stage) => stage.given === undefined && !teachers.has(stage.name));
  return grouped(arms, (arm) => [arm.model, arm.resolution]).filter((group) => group.length > 1);
}

/** Stages with equal values of something, each group in their order. */
function grouped(stages: readonly Stage[], of: (stage: Stage) => unknown): Stage[][] {
  const groups = new Map<string, Stage[]>();
  for (const stage of stages) {
    const key = canonical(of(stage));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [stage]);
    else group.push(stage);
  }
  return [...groups.values()];
}

/** What may not differ. Seeds may: they are repetitions. */
const comparedFields: readonly { readonly name: string; readonly path: readonly string[]; readonly of: (training: TrainingConfig) => unknown }[] = [
  { name: 'epochs', path: ['epochs'], of: (training) => training.epochs },
  { name: 'batchSize', path: ['batchSize'], of: (training) => training.batchSize },
  { name: 'optimizer.learningRate', path: ['optimizer', 'learningRate'], of: (training) => training.optimizer.learningRate },
  { name: 'optimizer.weightDecay', path: ['optimizer', 'weightDecay'], of: (training) => training.optimizer.weightDecay },
  { name: 'optimizer', path: ['optimizer'], of: ({ optimizer: { beta1, beta2, epsilon } }) => [beta1, beta2, epsilon] },
  { name: 'schedule', path: ['schedule'], of: (training) => training.schedule },
  { name: 'augmentation', path: ['augmentation'], of: (training) => training.augmentation },
];

function checkRecipes(context: CheckContext, arms: readonly Stage[]): void {
  for (const { name, path, of } of comparedFields) reportDeparting(context, arms, name, path, (arm) => of(arm.training));
  reportDeparting(context, arms, 'init', undefined, (arm) => arm.init?.backbone ?? 'none');
}

/** Most arms agree; those that do not are pointed at. `path` is the field in the recipe, undefined for one of the stage itself. */
function reportDeparting(context: CheckContext, arms: readonly Stage[], name: string, path: readonly string[] | undefined, of: (arm: Stage) => unknown): void {
  const common = grouped(arms, of).reduce((most, group) => (group.length > most.length ? group : most));
  const reference = common[0];
  if (reference === undefined) return;
  const others = namesText(common);
  for (const arm of arms) {
    if (common.includes(arm)) continue;
    const ofStage = ['stages', arm.name, name];
    const at = path === undefined ? { place: placeAt(context.tree, ofStage), path: ofStage } : recipePlace(context, arm, path);
    context.report.add(
      'unequal-recipes',
      at.place,
      at.path,
      l10n.t("'{0}' is compared with {1} and differs in {2}: {3}, not {4}.", arm.name, others, name, valueText(of(arm)), valueText(of(reference))),
    );
  }
}

/** A message stays readable however many arms there are. */
function namesText(stages: readonly Stage[]): string {
  const shown = stages.slice(0, 4).map((stage) => `'${stage.name}'`);
  return stages.length === shown.length ? shown.join(', ') : l10n.t('{0} and {1} more', shown.join(', '), stages.length - shown.length);
}

function valueText(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'string' ? value : canonical(value);
}

/** Another stage for a teacher of the same kind is how the official comparison became unequal; another resolution is a study. */
function checkTeachers(context: CheckContext, arms: readonly Stage[]): void {
  const [first, ...others] = arms.filter((arm) => arm.distill !== undefined);
  if (first === undefined) return;
  const expected = teacherOf(context, first);
  for (const arm of others) {
    const found = teacherOf(context, arm);
    if (expected === undefined || found === undefined || expected.name === found.name) continue;
    if (canonical([expected.model, expected.resolution, expected.adapter]) !== canonical([found.model, found.resolution, found.adapter])) continue;
    const path = ['stages', arm.name, 'distill', 'from'];
    context.report.add(
      'unequal-teachers',
      placeAt(context.tree, path),
      path,
      l10n.t("'{0}' and '{1}' are compared and learn from different teachers of the same kind, '{2}' and '{3}'.", first.name, arm.name, expected.name, found.name),
    );
  }
}

function teacherOf(context: CheckContext, stage: Stage): Stage | undefined {
  return stage.distill === undefined ? undefined : stageNamed(context, stage.distill.from);
}

function checkSelection(context: CheckContext): void {
  if (!context.stages.some((stage) => stage.given === undefined && stage.selection.on === 'test')) return;
  const path = ['checkpoints', 'select'];
  const place = nodeAt(context.tree, path) === undefined ? presetPlace(context, path) : placeAt(context.tree, path);
  context.report.add('test-set-selection', place, path, l10n.t('The best epoch is chosen on the test set, as in the official code: the test figures are then too good.'));
}
