/** A preset written out as values, and values that a preset stands for replaced by it. */
import * as l10n from '@vscode/l10n';
import { coefficientsOf, methods, temperatureOf } from '../../catalog/methods.ts';
import { models } from '../../catalog/models.ts';
import { defaults } from '../../defaults.ts';
import type { Range } from '../../diagnostic.ts';
import type { Experiment, Preset, Stage } from '../../experiment.ts';
import { presets } from '../../presets.ts';
import { canonical } from '../../recipe.ts';
import type { Path } from '../../report.ts';
import { resolveExperiment } from '../../resolve.ts';
import { yamlText } from '../documentation.ts';
import { changed, configDocument, fileEdit, spanRange, type ConfigDocument } from '../document.ts';
import { removeField, setField } from '../edit-fields.ts';
import type { Fix, FixContext } from '../fixes.ts';
import { entryAt } from '../outline.ts';
import type { EditorProviders } from '../providers.ts';

/** Offered on the line of `preset`, or of `experiment` where no preset is written. Only what leaves the experiment as it is. */
export async function presetChanges({ document, resolved }: FixContext, range: Range, providers: EditorProviders): Promise<Fix[]> {
  const { experiment } = resolved;
  const entry = entryAt(document.outline.root, ['preset']) ?? entryAt(document.outline.root, ['experiment']);
  if (experiment === undefined || entry === undefined) return [];
  const { start, end } = spanRange(document, entry);
  if (range.end.line < start.line || range.start.line > end.line) return [];
  const read = providers.readText === undefined ? {} : { readText: providers.readText };
  const proposals: [string, string][] = [];
  if (experiment.preset !== 'default') proposals.push([l10n.t("Write out what the preset '{0}' stands for", experiment.preset), writtenOut(document, experiment)]);
  for (const preset of ['paper', 'official-code'] as const) {
    if (experiment.preset === 'default') proposals.push([l10n.t("Replace the values by the preset '{0}'", preset), drawnTogether(document, experiment, preset)]);
  }
  const fixes: Fix[] = [];
  for (const [title, text] of proposals) {
    if (text === document.text) continue;
    const after = await resolveExperiment({ text, path: document.path }, read);
    if (after.experiment === undefined || meaning(after.experiment) !== meaning(experiment)) continue;
    fixes.push({ title, edits: [fileEdit(document, difference(document.text, text))] });
  }
  return fixes;
}

/** Everything but the preset's name. */
function meaning(experiment: Experiment): string {
  return canonical({ ...experiment, preset: undefined });
}

function writtenOut(document: ConfigDocument, experiment: Experiment): string {
  const answers = presets[experiment.preset];
  let text = document.text;
  const set = (path: Path, value: unknown) => {
    text = edited(document, text, (current) => (entryAt(current.outline.root, path) === undefined ? setField(current, path, yamlText(value)) : undefined));
  };
  for (const stage of experiment.stages) {
    if (stage.given !== undefined) continue;
    if (stage.distill !== undefined) {
      const usual: Readonly<Record<string, unknown>> = { ...methods[stage.distill.method].presets.default };
      for (const [option, value] of Object.entries(stage.distill.options)) if (usual[option] !== value) set(['stages', stage.name, 'distill', 'options', option], value);
    }
    const recipe = answers.recipe({ model: stage.model.name, resolution: stage.resolution, ...(stage.distill !== undefined && { method: stage.distill.method }) });
    const training = ['stages', stage.name, 'training'];
    for (const field of ['epochs', 'batchSize'] as const) if (recipe[field] !== undefined && stage.training[field] === recipe[field]) set([...training, field], recipe[field]);
    const optimizer = { ...recipe.optimizer, learningRate: recipe.learningRate };
    for (const field of ['learningRate', 'weightDecay', 'beta1'] as const) {
      const value = optimizer[field];
      if (value !== undefined && value !== defaults.training.optimizer[field] && stage.training.optimizer[field] === value) set([...training, 'optimizer', field], value);
    }
    if (recipe.schedule !== undefined && stage.training.schedule.kind === 'step') for (const [field, value] of Object.entries(recipe.schedule.step)) set([...training, 'schedule', 'step', field], value);
    if (recipe.seed !== defaults.training.seed && stage.training.seed === recipe.seed) set(['stages', stage.name, 'seed'], recipe.seed);
    if (stage.distill !== undefined) writeCoefficients(stage, stage.distill, set);
  }
  if (answers.augmentation !== 'default') set(['training', 'augmentation'], answers.augmentation);
  if (answers.select !== 'default') set(['checkpoints', 'select'], answers.select);
  if (answers.validation === undefined) set(['dataset', 'validation'], 'none');
  return edited(document, text, (current) => removeField(current, ['preset']));
}

/** The weights and the temperature that are the official code's own. */
function writeCoefficients(stage: Stage, { method, weights, temperature }: NonNullable<Stage['distill']>, set: (path: Path, value: unknown) => void): void {
  const { family } = models[stage.model.name];
  const usual = coefficientsOf(method, family);
  for (const [term, weight] of Object.entries(weights)) if (weight !== usual[term]) set(['stages', stage.name, 'distill', 'weights', term], weight);
  if (temperature !== temperatureOf(method, family)) set(['stages', stage.name, 'distill', 'temperature'], temperature);
}

/** Without the values that the preset answers in the same way. */
function drawnTogether(document: ConfigDocument, experiment: Experiment, preset: Preset): string {
  const answers = presets[preset];
  let text = document.text;
  const remove = (path: Path) => {
    text = edited(document, text, (current) => removeField(current, path));
  };
  for (const stage of experiment.stages.filter(({ given }) => given === undefined)) {
    for (const [option, value] of answeredOptions(stage, preset)) if (stage.distill !== undefined && (stage.distill.options as unknown as Record<string, unknown>)[option] === value) remove(['stages', stage.name, 'distill', 'options', option]);
    const { learningRate, seed } = answers.recipe({ model: stage.model.name, resolution: stage.resolution, ...(stage.distill !== undefined && { method: stage.distill.method }) });
    if (stage.training.optimizer.learningRate === learningRate) remove(['stages', stage.name, 'training', 'optimizer', 'learningRate']);
    if (stage.training.seed === seed) remove(['stages', stage.name, 'seed']);
  }
  if (answers.augmentation !== 'default') remove(['training', 'augmentation']);
  if (answers.select !== 'default') remove(['checkpoints', 'select']);
  if (answers.validation === undefined) remove(['dataset', 'validation']);
  return edited(document, text, (current) => {
    const change = setField(current, ['preset'], preset);
    const name = entryAt(current.outline.root, ['experiment']);
    // Below the experiment's name, where people write it.
    if (name === undefined || entryAt(current.outline.root, ['preset']) !== undefined) return change;
    const lineEnd = current.text.indexOf('\n', name.end);
    const end = lineEnd < 0 ? current.text.length : lineEnd;
    return { start: end, end, text: `\npreset: ${preset}` };
  });
}

function answeredOptions(stage: Stage, preset: Preset): [string, unknown][] {
  return stage.distill === undefined ? [] : Object.entries(methods[stage.distill.method].presets[preset]);
}

function edited(document: ConfigDocument, text: string, change: (current: ConfigDocument) => ReturnType<typeof setField>): string {
  const made = change(configDocument(document.path, text));
  return made === undefined ? text : changed(text, [made]);
}

/** One change from the first character that differs to the last one. */
function difference(before: string, after: string): { start: number; end: number; text: string } {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let tail = 0;
  while (tail < before.length - start && tail < after.length - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}
