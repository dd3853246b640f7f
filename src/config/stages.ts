/** From the stages as written to the stages as trained: presets, defaults and overrides applied. */
import { methodFields, type MethodBlock } from './catalog/method-fields.ts';
import { coefficientsOf, methods, temperatureOf, type MethodName, type MethodOptions } from './catalog/methods.ts';
import { models, type ModelChoice } from './catalog/models.ts';
import { defaults } from './defaults.ts';
import type { Adapter, Distillation, Preset, Schedule, Selection, Stage, TrainingConfig } from './experiment.ts';
import { presets, type RecipeSubject } from './presets.ts';
import type { ConfigFile, StageFile, TrainingFile } from './schema.ts';

/** A stage as far as its own config says; paths are still as written. */
export function buildStage(name: string, file: StageFile, config: ConfigFile, selection: Selection): Stage | undefined {
  if (file.model === undefined || file.resolution === undefined) return undefined;
  const preset = config.preset ?? defaults.preset;
  const model = modelChoice(file.model);
  const resolution = typeof file.resolution === 'number' ? { height: file.resolution, width: file.resolution } : { height: file.resolution[0], width: file.resolution[1] };
  const adapter = adapterOf(file, preset);
  const distill = distillationOf(file, adapter, model, preset);
  const own: TrainingFile = file.seed === undefined ? (file.training ?? {}) : { ...file.training, seed: file.seed };
  return {
    name,
    model,
    resolution,
    training: trainingConfig(preset, config.training ?? {}, own, { model: model.name, resolution, ...(distill !== undefined && { method: distill.method }) }),
    ...(distill !== undefined && { distill }),
    ...(adapter !== undefined && staysInNetwork(adapter) && { adapter }),
    ...(file.init !== undefined && { init: file.init }),
    selection,
  };
}

/** Whether the method's parts are in the network that is evaluated, and not only there to train it. */
function staysInNetwork(adapter: Adapter): boolean {
  return methods[adapter.method].staysInNetwork;
}

export function modelChoice(written: NonNullable<StageFile['model']>): ModelChoice {
  if (typeof written === 'string') return { name: written, options: models[written].defaults };
  const { name, ...options } = written;
  const own = Object.entries(withoutUndefined(options)).filter(([option]) => option in models[name].options.shape); // others have a finding
  return { name, options: { ...models[name].defaults, ...Object.fromEntries(own) } };
}

function adapterOf(file: StageFile, preset: Preset): Adapter | undefined {
  if (file.distill === undefined) return undefined;
  const { method, options } = file.distill;
  return { method, options: { ...methods[method].presets[preset], ...own(method, 'options', options ?? {}) } as MethodOptions };
}

/** The written fields that the method has; others have a finding of their own. */
function own<Value>(method: MethodName, block: MethodBlock, written: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  const fields = methodFields(method, block);
  return Object.fromEntries(Object.entries(written).filter((entry): entry is [string, Value] => entry[1] !== undefined && fields.includes(entry[0])));
}

function distillationOf(file: StageFile, adapter: Adapter | undefined, model: ModelChoice, preset: Preset): Distillation | undefined {
  if (file.distill?.from === undefined || adapter === undefined || file.checkpoint !== undefined) return undefined;
  const { family } = models[model.name];
  return {
    ...adapter,
    from: file.distill.from,
    weights: { ...coefficientsOf(adapter.method, family, preset), ...own(adapter.method, 'weights', file.distill.weights ?? {}) },
    temperature: file.distill.temperature ?? temperatureOf(adapter.method, family, preset),
    ...(file.distill.warmUp !== undefined && file.distill.warmUp > 0 && { warmUp: file.distill.warmUp }),
  };
}

/** `own` wins over `shared`, which wins over the preset. */
function trainingConfig(preset: Preset, shared: TrainingFile, own: TrainingFile, stage: RecipeSubject): TrainingConfig {
  const recipe = presets[preset].recipe(stage);
  const merged = { ...withoutUndefined(shared), ...withoutUndefined(own) };
  return {
    epochs: merged.epochs ?? recipe.epochs ?? defaults.training.epochs,
    batchSize: merged.batchSize ?? recipe.batchSize ?? defaults.training.batchSize,
    optimizer: { ...defaults.training.optimizer, ...recipe.optimizer, learningRate: recipe.learningRate, ...withoutUndefined(shared.optimizer ?? {}), ...withoutUndefined(own.optimizer ?? {}) },
    schedule: schedule(merged.schedule ?? recipe.schedule ?? defaults.training.schedule),
    augmentation: merged.augmentation ?? presets[preset].augmentation,
    seed: merged.seed ?? recipe.seed,
    stopAfterUnreadable: merged.stopAfterUnreadable ?? defaults.training.stopAfterUnreadable,
  };
}

function schedule(written: NonNullable<TrainingFile['schedule']>): Schedule {
  return written === 'constant' ? { kind: 'constant' } : { kind: 'step', ...written.step };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** A field that is set to undefined must not hide a default. */
function withoutUndefined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
