import type { Stage } from '../config/experiment.ts';
import type { LiveChanges } from '../protocol/control.ts';
import { scheduleFactor } from './schedule.ts';

/** What may be turned while a run trains. All of it are scalar inputs of the step, so nothing is compiled again. */
export interface LiveSettings {
  /** Factors of the distillation terms (SCRKD, Eq. 1: α, β, γ). Empty without a method. */
  readonly weights: Readonly<Record<string, number>>;
  /** Distillation temperature τ₂; absent without a method. */
  readonly temperature?: number;
  /** The rate that the schedule starts from. */
  readonly baseLearningRate: number;
}

export function initialSettings(stage: Stage): LiveSettings {
  const baseLearningRate = stage.training.optimizer.learningRate;
  if (stage.distill === undefined) return { weights: {}, baseLearningRate };
  return { weights: { ...stage.distill.weights }, temperature: stage.distill.temperature, baseLearningRate };
}

/** Whether a change makes sense for this stage: weights and temperature exist only where something is distilled. */
export function accepts(changes: LiveChanges, settings: LiveSettings): boolean {
  const { learningRate: _, ...distillation } = changes;
  return settings.temperature !== undefined || Object.keys(distillation).length === 0;
}

/**
 * The settings after a change.
 * A changed learning rate is the rate of the current epoch; a step schedule goes on multiplying it from there.
 * @param epoch counted from 0
 */
export function withChanges(settings: LiveSettings, changes: LiveChanges, stage: Stage, epoch: number): LiveSettings {
  const { learningRate, temperature, ...weights } = changes;
  return {
    weights: { ...settings.weights, ...weights },
    ...(settings.temperature === undefined ? {} : { temperature: temperature ?? settings.temperature }),
    baseLearningRate: learningRate === undefined ? settings.baseLearningRate : learningRate / scheduleFactor(stage.training.schedule, epoch),
  };
}
