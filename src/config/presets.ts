/**
 * What a preset answers where a config says nothing. Method options are with each method in ./catalog; here are the
 * rows of paper against code that concern the recipe, the data and the choice of the checkpoint.
 */
import type { MethodName } from './catalog/methods.ts';
import type { OfficialRecipe } from './catalog/model.ts';
import { models, type ModelName } from './catalog/models.ts';
import { defaults } from './defaults.ts';
import type { Augmentation, CheckpointConfig, DatasetConfig, Preset, Resolution } from './experiment.ts';

/** What a recipe depends on: the network, its size, and the method that distils it. */
export interface RecipeSubject {
  readonly model: ModelName;
  readonly resolution: Resolution;
  readonly method?: MethodName;
}

export interface PresetAnswers {
  readonly augmentation: Augmentation;
  readonly select: CheckpointConfig['select'];
  readonly validation: DatasetConfig['validation'];
  readonly recipe: (stage: RecipeSubject) => OfficialRecipe & { readonly learningRate: number; readonly seed: number };
}

const common = { learningRate: defaults.training.optimizer.learningRate, seed: defaults.training.seed };

export const presets: Readonly<Record<Preset, PresetAnswers>> = {
  default: { augmentation: 'default', select: 'default', validation: defaults.validation, recipe: () => common },
  // The paper says nothing of held-out images or of how a checkpoint is chosen: the last epoch on the whole list.
  paper: { augmentation: 'default', select: 'default', validation: undefined, recipe: () => common },
  'official-code': {
    augmentation: 'official',
    select: 'official',
    validation: undefined,
    recipe: ({ model, resolution, method }) => ({ ...common, ...models[model].officialRecipe?.({ side: Math.max(resolution.height, resolution.width), ...(method !== undefined && { method }) }) }),
  },
};
