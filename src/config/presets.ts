/**
 * What a preset answers where a config says nothing. Method options are with each method in ./catalog; here are the
 * rows of paper against code that concern the recipe, the data and the choice of the checkpoint.
 */
import { defaults } from './defaults.ts';
import type { Augmentation, CheckpointConfig, DatasetConfig, Preset, Resolution } from './experiment.ts';

export interface PresetAnswers {
  readonly augmentation: Augmentation;
  readonly select: CheckpointConfig['select'];
  readonly validation: DatasetConfig['validation'];
  /** For a stage of that size, distilled or not. */
  readonly recipe: (stage: { readonly isDistilled: boolean; readonly resolution: Resolution }) => { readonly learningRate: number; readonly seed: number };
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
    recipe({ isDistilled, resolution }) {
      const side = Math.max(resolution.height, resolution.width);
      return {
        // The scripts of the plain PSPNet at 56 and 112 pixels use half the rate of every distilled student.
        learningRate: !isDistilled && side <= 112 ? 1e-5 : common.learningRate,
        // The scripts of students of 56 pixels set another seed.
        seed: isDistilled && side <= 56 ? 0 : common.seed,
      };
    },
  },
};
