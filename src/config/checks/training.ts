/** Recipes that cannot work, or do not do what they seem to. */
import * as l10n from '@vscode/l10n';
import { methodFields, methodsWith } from '../catalog/method-fields.ts';
import { methods } from '../catalog/methods.ts';
import { models } from '../catalog/models.ts';
import type { Stage } from '../experiment.ts';
import type { Place } from '../source.ts';
import { keyAt, nodeAt, placeAt } from '../tree.ts';
import { numberText } from '../number-text.ts';
import type { Path } from '../report.ts';
import type { CheckContext } from './context.ts';

/** At or below this rate a random encoder hardly moves in the usual number of epochs. */
const lowRate = 1e-4;
/** The weights that are studied in SCRKD, Fig. 9 lie well inside of this. */
const unusualFactor = 10;

export function checkTraining(context: CheckContext): void {
  for (const stage of context.stages) {
    if (stage.given !== undefined) continue;
    checkBatch(context, stage);
    checkTerms(context, stage);
    checkOfficialBugs(context, stage);
  }
  checkMethodFields(context);
  checkRates(context);
}

function checkBatch(context: CheckContext, stage: Stage): void {
  const smallest = models[stage.model.name].smallestTrainingBatch;
  if (stage.training.batchSize >= smallest) return;
  const { place, path } = recipePlace(context, stage, ['batchSize']);
  context.report.add(
    'single-image-batch',
    place,
    path,
    l10n.t('{0} normalises a 1x1 grid over the batch, which needs at least {1} images; found a batch of {2}.', models[stage.model.name].title, smallest, stage.training.batchSize),
  );
}

/** One finding a place: stages that share a rate share the finding. */
function checkRates(context: CheckContext): void {
  const byPlace = new Map<string, { place: Place; path: Path; rate: number; stages: string[] }>();
  for (const stage of context.stages) {
    const { learningRate } = stage.training.optimizer;
    if (stage.given !== undefined || stage.init !== undefined || learningRate > lowRate) continue;
    const field = ['optimizer', 'learningRate'];
    const written = recipePlace(context, stage, field);
    const isWritten = written.path.at(-1) === 'learningRate';
    const path = isWritten ? written.path : ['stages'];
    const place = isWritten ? written.place : presetPlace(context, path);
    const key = `${place.source.path}:${String(place.start)}:${String(learningRate)}`;
    const group = byPlace.get(key) ?? { place, path, rate: learningRate, stages: [] };
    group.stages.push(stage.name);
    byPlace.set(key, group);
  }
  for (const { place, path, rate, stages } of byPlace.values()) {
    const message = l10n.t(
      "A learning rate of {0} is for a pre-trained backbone; from random weights ({1}) about 1e-3 is usual, or give '{2}'.",
      numberText(rate),
      stages.join(', '),
      'init: { backbone: FILE }',
    );
    context.report.add('rate-needs-pretrained', place, path, message);
  }
}

function checkTerms({ tree, report }: CheckContext, stage: Stage): void {
  if (stage.distill === undefined) return;
  const { terms } = methods[stage.distill.method];
  const { family, title } = models[stage.model.name];
  for (const [term, { weights, settings = [] }] of Object.entries(terms)) {
    const usual = weights[family];
    const weight = stage.distill.weights[term] ?? usual;
    const path = ['stages', stage.name, 'distill', 'weights', term];
    if (weight === 0) {
      report.add('zero-weight', placeAt(tree, path), path, l10n.t("The term '{0}' has weight 0: it is computed and reported, and teaches nothing.", term));
      // A setting of several terms has an effect as long as one of them counts.
      const others = Object.entries(terms).filter(([other]) => other !== term && stage.distill?.weights[other] !== 0);
      const used = new Set(others.flatMap(([, other]) => (other.settings ?? []).map(String)));
      for (const setting of settings) if (!used.has(String(setting))) checkUnused(tree, report, ['stages', stage.name, 'distill', ...setting], l10n.t("the term '{0}' has weight 0", term));
    } else if (weight > unusualFactor * usual || weight < usual / unusualFactor) {
      report.add('unusual-weight', placeAt(tree, path), path, l10n.t("The term '{0}' has weight {1}; the paper's for {2} is {3}.", term, numberText(weight), title, usual));
    }
  }
}

/** What is written for another method than the stage's. */
function checkMethodFields({ tree, report, config }: CheckContext): void {
  for (const [name, { distill }] of Object.entries(config.stages)) {
    if (distill === undefined) continue;
    const { title, temperature } = methods[distill.method];
    for (const block of ['weights', 'options'] as const) {
      const fields = methodFields(distill.method, block);
      for (const field of Object.keys(distill[block] ?? {})) {
        if (fields.includes(field)) continue;
        const path = ['stages', name, 'distill', block, field];
        const owners = methodsWith(block, field).map((method) => methods[method].title).join(', ');
        report.add('method-field', keyAt(tree, path) ?? placeAt(tree, path), path, l10n.t("{0} has no '{1}' in '{2}', which is of {3}; it has {4}.", title, field, block, owners, fields.join(', ')));
      }
    }
    if (temperature === undefined) checkUnused(tree, report, ['stages', name, 'distill', 'temperature'], l10n.t('{0} has no temperature', title));
  }
}

function checkUnused(tree: CheckContext['tree'], report: CheckContext['report'], path: readonly string[], why: string): void {
  const key = keyAt(tree, path);
  if (key !== undefined) report.add('unused-setting', key, path, l10n.t("'{0}' has no effect: {1}.", path.slice(3).join('.'), why));
}

function checkOfficialBugs(context: CheckContext, stage: Stage): void {
  const { tree, report } = context;
  if (stage.training.augmentation === 'official') {
    const { place, path } = recipePlace(context, stage, ['augmentation']);
    report.add('official-bug', place, path, l10n.t('As in the official code, a quarter turn of an image that is not square crops its long side and fills with black.'));
  }
  if (stage.distill === undefined) return;
  const { method, options, temperature } = stage.distill;
  for (const [option, bug] of Object.entries(methods[method].officialBugs(options, temperature, models[stage.model.name].family))) {
    const path = ['stages', stage.name, 'distill', 'options', option];
    const place = nodeAt(tree, path) === undefined ? presetPlace(context, path) : placeAt(tree, path);
    report.add('official-bug', place, path, l10n.t('{0}: as in the official code, {1}.', option, bug));
  }
}

/** Where a value of a stage's recipe is written: in the stage, in the shared recipe, in the preset, else the stage's name. */
export function recipePlace(context: CheckContext, stage: Stage, field: Path): { place: Place; path: Path } {
  for (const path of [
    ['stages', stage.name, 'training', ...field],
    ['training', ...field],
  ]) {
    if (nodeAt(context.tree, path) !== undefined) return { place: placeAt(context.tree, path), path };
  }
  const path = ['stages', stage.name];
  if (nodeAt(context.tree, ['preset']) !== undefined) return { place: placeAt(context.tree, ['preset']), path };
  return { place: keyAt(context.tree, path) ?? placeAt(context.tree, path), path };
}

/** The preset when it is written, else the key of the field itself. */
export function presetPlace({ tree }: CheckContext, path: Path): Place {
  return nodeAt(tree, ['preset']) === undefined ? (keyAt(tree, path) ?? placeAt(tree, path)) : placeAt(tree, ['preset']);
}
