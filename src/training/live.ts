import * as l10n from '@vscode/l10n';
import type { Stage } from '../config/experiment.ts';
import type { LiveChanges } from '../protocol/control.ts';
import { scheduleFactor } from './schedule.ts';

/** What may be turned while a run trains. All of it are scalar inputs of the step, so nothing is compiled again. */
export interface LiveSettings {
  /** Factors of the distillation terms, e.g. α, β, γ of SCRKD, Eq. 1. Empty without a method. */
  readonly weights: Readonly<Record<string, number>>;
  /** Distillation temperature; absent without a method. */
  readonly temperature?: number;
  /** The rate that the schedule starts from. */
  readonly baseLearningRate: number;
}

export function initialSettings(stage: Stage): LiveSettings {
  const baseLearningRate = stage.training.optimizer.learningRate;
  if (stage.distill === undefined) return { weights: {}, baseLearningRate };
  return { weights: { ...stage.distill.weights }, temperature: stage.distill.temperature, baseLearningRate };
}

/** Why a change makes no sense for this stage: weights and temperature exist only where something is distilled. */
export function refusal(changes: LiveChanges, settings: LiveSettings, stage: string): string | undefined {
  const { learningRate: _, temperature, ...weights } = changes;
  const names = Object.keys(weights);
  if (settings.temperature === undefined) {
    return names.length === 0 && temperature === undefined ? undefined : l10n.t('stage "{0}" is not distilled: only its learning rate can be changed', stage);
  }
  const unknown = names.filter((name) => !Object.hasOwn(settings.weights, name));
  return unknown.length === 0 ? undefined : l10n.t('stage "{0}" has no loss term {1}; its terms are {2}', stage, unknown.join(', '), Object.keys(settings.weights).join(', '));
}

/** The share of the distillation weights that counts in an epoch (from 0): grows linearly to 1 over the warm-up. */
export function warmUpShare(stage: Stage, epoch: number): number {
  const warmUp = stage.distill?.warmUp ?? 0;
  return warmUp === 0 ? 1 : Math.min(1, (epoch + 1) / warmUp);
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
