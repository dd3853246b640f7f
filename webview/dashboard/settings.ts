/** What can be turned while a run trains, and the sliders for it. Pure. */
import type { RunCurves, RunSummary } from '../../src/protocol/dashboard.ts';
import { termTitle } from './words.ts';

export interface Setting {
  /** A loss term, `temperature` or `learningRate`. */
  readonly name: string;
  readonly value: number;
  /** The middle of the slider, so to say: the value as configured, or 1. */
  readonly around: number;
  readonly detail: string;
}

/** The weights in the method's order, the temperature, and the learning rate. */
export function shownSettings({ settings, config }: RunSummary): Setting[] {
  const around = (key: string): number => {
    const value = Number(config[key]);
    return Number.isFinite(value) && value > 0 ? value : 1;
  };
  return [
    ...Object.entries(settings.weights).map(([name, value]): Setting => ({ name, value, around: around(`distill.weights.${name}`), detail: termTitle(name) })),
    ...(settings.temperature === undefined ? [] : [{ name: 'temperature', value: settings.temperature, around: around('distill.temperature'), detail: '' }]),
    { name: 'learningRate', value: settings.learningRate, around: around('training.optimizer.learningRate'), detail: '' },
  ];
}

/** Decades below and above the configured value that a slider reaches; its left end is 0. */
const below = 2;
const above = 1;
/** The part of the slider that stands for 0. */
const zero = 0.02;

/** Where a value is on its slider, in [0, 1]. */
export function sliderPosition({ around }: Setting, value: number): number {
  if (!(value > 0)) return 0;
  const decade = Math.log10(value / around);
  return Math.min(1, Math.max(zero, zero + ((decade + below) / (below + above)) * (1 - zero)));
}

/** The value at a slider's position: two significant digits, 0 at its left end (but for a temperature, which must be above it). */
export function sliderValue({ around, name }: Setting, position: number): number {
  if (position < zero / 2 && name !== 'temperature') return 0;
  const decade = ((Math.max(position, zero) - zero) / (1 - zero)) * (below + above) - below;
  return Number((around * 10 ** decade).toPrecision(2));
}

/** Points that a share is told over. */
const recent = 20;

/** The part of the total loss that a term makes up of late, at weight `weight`. */
export function shareOfLoss({ steps, epochs }: RunCurves, term: string, weight: number): number | undefined {
  const { terms, total } = steps ?? epochs;
  const values = terms[term];
  if (values === undefined || values.length === 0) return undefined;
  const mean = (numbers: Float64Array): number => numbers.slice(-recent).reduce((sum, value) => sum + value, 0) / Math.min(recent, numbers.length);
  const share = (weight * mean(values)) / mean(total);
  return Number.isFinite(share) ? share : undefined;
}
