/** Fixes of recipes and of unfair comparisons. */
import * as l10n from '@vscode/l10n';
import { coefficientsOf } from '../../catalog/methods.ts';
import { models } from '../../catalog/models.ts';
import { comparedArms } from '../../checks/fairness.ts';
import type { Diagnostic, DiagnosticCode } from '../../diagnostic.ts';
import type { Stage } from '../../experiment.ts';
import { canonical } from '../../recipe.ts';
import type { Path } from '../../report.ts';
import { yamlText } from '../documentation.ts';
import type { TextChange } from '../document.ts';
import { removeField, setField } from '../edit-fields.ts';
import { effectiveValue } from '../effective.ts';
import type { Fix, FixContext, MakeFixes } from '../fixes.ts';
import { entryAt } from '../outline.ts';
import { fixOf, removeFix, setFix } from './edits.ts';

const enoughForRandomWeights = 1e-3;

const singleImage: MakeFixes = ({ document, resolved }, { path }) => {
  const smallest = Math.max(...(resolved.draft?.stages ?? []).map(({ model }) => models[model.name].smallestTrainingBatch), 2);
  const field = path.at(-1) === 'batchSize' ? path : ['training', 'batchSize'];
  return setFix(document, l10n.t('Set the batch to {0} images', smallest), field, smallest, true);
};

const needsPretrained: MakeFixes = ({ document, resolved }, { path }) => {
  const field = path.at(-1) === 'learningRate' ? path : ['training', 'optimizer', 'learningRate'];
  const without = (resolved.draft?.stages ?? []).filter(({ init, given }) => init === undefined && given === undefined).map(({ name }) => name);
  const affected = path[0] === 'stages' && path.length > 1 ? without.filter((name) => name === path[1]) : without;
  return [
    ...setFix(document, l10n.t('Set the learning rate to {0}', yamlText(enoughForRandomWeights)), field, enoughForRandomWeights, true),
    ...fixOf(document, l10n.t('Start from pre-trained weights'), affected.map((name) => setField(document, ['stages', name, 'init'], `{ backbone: weights/${encoderOf(resolved, name)}-imagenet.safetensors }`))),
  ];
};

/** `resnet50`, or the model's own name. */
function encoderOf({ draft }: FixContext['resolved'], name: string): string {
  const model = draft?.stages.find((stage) => stage.name === name)?.model;
  if (model === undefined) return 'encoder';
  return 'backbone' in model.options ? model.options.backbone : model.name;
}

const usualWeight: MakeFixes = ({ document, resolved }, { path }) => {
  const stage = stageOf(resolved, path);
  const weights: Readonly<Record<string, number>> = stage?.distill === undefined ? {} : coefficientsOf(stage.distill.method, models[stage.model.name].family);
  const usual = weights[String(path.at(-1))];
  return usual === undefined ? [] : setFix(document, l10n.t("Set it to the paper's {0}", usual), path, usual, true);
};

/** A diagnostic at a stage's field, or at the shared one, or at the stage itself when a preset decides. */
const alignRecipes: MakeFixes = (context, diagnostic) => {
  const { draft } = context.resolved;
  const arm = stageOf(context.resolved, diagnostic.path);
  const arms = arm === undefined || draft === undefined ? undefined : comparedArms(draft.stages).find((group) => group.includes(arm));
  if (arm === undefined || arms === undefined) return [];
  if (diagnostic.path[2] === 'init') return alignInit(context, arm, arms);
  const field = diagnostic.path.slice(3);
  return field.length === 0 ? alignPresetRates(context, arms) : alignField(context, arm, arms, field);
};

function alignField(context: FixContext, arm: Stage, arms: readonly Stage[], field: Path): Fix[] {
  const name = field.join('.');
  const valueOf = (stage: Stage) => effectiveValue(context.resolved, ['stages', stage.name, 'training', ...field])?.value;
  const others = arms.filter((other) => other !== arm && canonical(valueOf(other)) !== canonical(valueOf(arm)));
  const common = others[0] === undefined ? undefined : valueOf(others[0]);
  const own = valueOf(arm);
  if (common === undefined || own === undefined) return [];
  return [
    ...fixOf(context.document, l10n.t('Set {0} to {1} as in the other arms', name, yamlText(common)), [setOrInherit(context, arm, field, common)], true),
    ...fixOf(context.document, l10n.t('Set {0} to {1} in all arms', name, yamlText(own)), others.map((other) => setField(context.document, ['stages', other.name, 'training', ...field], yamlText(own)))),
  ];
}

/** Without its own value a stage takes the shared one: where that is the wanted value, nothing has to be written. */
function setOrInherit({ document, resolved }: FixContext, stage: Stage, field: Path, value: unknown): TextChange | undefined {
  const path = ['stages', stage.name, 'training', ...field];
  const shared = effectiveValue(resolved, ['training', ...field])?.value;
  const isWritten = entryAt(document.outline.root, path) !== undefined;
  return isWritten && canonical(shared) === canonical(value) ? removeField(document, path) : setField(document, path, yamlText(value));
}

/** Rates that a preset makes unequal are made equal by writing one. */
function alignPresetRates({ document }: FixContext, arms: readonly Stage[]): Fix[] {
  const rate = Math.max(...arms.map(({ training }) => training.optimizer.learningRate));
  return setFix(document, l10n.t('Set the learning rate of all stages to {0}', yamlText(rate)), ['training', 'optimizer', 'learningRate'], rate, true);
}

function alignInit({ document }: FixContext, arm: Stage, arms: readonly Stage[]): Fix[] {
  const path = ['stages', arm.name, 'init'];
  const other = arms.find((each) => each !== arm && each.init?.backbone !== arm.init?.backbone);
  const written = other?.init === undefined ? undefined : entryAt(document.outline.root, ['stages', other.name, 'init'])?.value;
  if (other === undefined) return [];
  if (other.init === undefined) return fixOf(document, l10n.t("Start from random weights as '{0}' does", other.name), [removeField(document, path)], true);
  if (written === undefined) return [];
  const text = written.anchor === undefined ? document.text.slice(written.start, written.end) : `*${written.anchor.name}`;
  return fixOf(document, l10n.t("Start from the same weights as '{0}'", other.name), [setField(document, path, text)], true);
}

const sameTeacher: MakeFixes = ({ document, resolved }, { path }) => {
  const { draft } = resolved;
  const arm = stageOf(resolved, path);
  const arms = arm === undefined || draft === undefined ? undefined : comparedArms(draft.stages).find((group) => group.includes(arm));
  const first = arms?.find(({ distill }) => distill !== undefined)?.distill?.from;
  return first === undefined ? [] : setFix(document, l10n.t("Learn from '{0}' as well", first), path, first, true);
};

const withoutBug: MakeFixes = ({ document }, { path }) => {
  const isStage = path[0] === 'stages' && path.length === 2;
  const field = isStage ? [...path, 'training', 'augmentation'] : path;
  return setFix(document, l10n.t("Set '{0}' to 'default'", String(field.at(-1))), field, 'default');
};

/** Not the one that most people mean: a weight of 0 is how an ablation is written. */
const weightAbove0: MakeFixes = (context, diagnostic) => usualWeight(context, diagnostic).map(({ title, edits }) => ({ title, edits }));

/** Where the recipe says the batch. */
const fewerImages: MakeFixes = (context, { path }) => {
  const { draft } = context.resolved;
  const field = path.at(-1) === 'batchSize' ? path : ['training', 'batchSize'];
  const stage = stageOf(context.resolved, path) ?? draft?.stages.find(({ given }) => given === undefined);
  if (stage === undefined) return [];
  const smallest = Math.max(...(draft?.stages ?? []).map(({ model }) => models[model.name].smallestTrainingBatch), 1);
  const batch = Math.floor(stage.training.batchSize / 2);
  return batch < smallest ? [] : setFix(context.document, l10n.t('Halve the batch: {0} images', batch), field, batch, true);
};

/** A step's memory grows with its batch; other stages may keep theirs. */
const lessMemory: MakeFixes = (context, diagnostic) => fewerImages(context, { ...diagnostic, path: ['stages', diagnostic.path[1] ?? '', 'training', 'batchSize'] });

const withoutField: MakeFixes = ({ document }, { path }) => removeFix(document, l10n.t("Remove '{0}'", String(path.at(-1))), path);

function stageOf({ draft }: FixContext['resolved'], path: Diagnostic['path']): Stage | undefined {
  return path[0] === 'stages' ? draft?.stages.find(({ name }) => name === path[1]) : undefined;
}

export const trainingFixes: Readonly<Partial<Record<DiagnosticCode, MakeFixes>>> = {
  'single-image-batch': singleImage,
  'rate-needs-pretrained': needsPretrained,
  'unusual-weight': usualWeight,
  'zero-weight': weightAbove0,
  'too-few-images': fewerImages,
  'memory-exceeded': lessMemory,
  'unequal-recipes': alignRecipes,
  'unequal-teachers': sameTeacher,
  'official-bug': withoutBug,
  'test-set-selection': withoutBug,
  'method-field': withoutField,
  'model-option': withoutField,
};
