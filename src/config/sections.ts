/** The sections of a config that concern all stages, with presets and defaults applied. */
import * as path from 'node:path';
import { defaults } from './defaults.ts';
import type { CaptureConfig, CheckpointConfig, DatasetConfig, EvaluationConfig, Experiment, Selection } from './experiment.ts';
import { presets } from './presets.ts';
import type { ConfigFile } from './schema.ts';

export function dataset(config: ConfigFile, resolvePath: (written: string) => string): DatasetConfig {
  const { root: written, name, train, test, folders } = config.dataset;
  const root = resolvePath(written);
  const held = heldOut(config);
  return {
    root,
    name: name ?? path.basename(root),
    lists: { ...(train !== undefined && { train }), ...(test !== undefined && { test }), ...(folders !== undefined && { folders }) },
    ...(held !== undefined && { validation: held }),
  };
}

/** The held-out part of the training list; undefined when there is none. */
function heldOut(config: ConfigFile): DatasetConfig['validation'] {
  const written = config.dataset.validation;
  if (written === 'none') return undefined;
  if (written === undefined) return presets[config.preset ?? defaults.preset].validation;
  return { fraction: written.fraction ?? defaults.validation.fraction, seed: written.seed ?? defaults.validation.seed };
}

export function captures({ captures: written = {} }: ConfigFile): CaptureConfig {
  const samples = written.samples ?? defaults.captures.samples;
  return {
    samples: typeof samples === 'number' ? { count: samples } : { ids: samples },
    every: written.every ?? defaults.captures.every,
    features: written.features ?? defaults.captures.features,
    budget: bytes(written.budget ?? defaults.captures.budget),
  };
}

export function checkpoints({ checkpoints: written = {}, preset = defaults.preset }: ConfigFile): CheckpointConfig {
  return {
    every: written.every ?? defaults.checkpoints.every,
    everyMinutes: written.everyMinutes ?? defaults.checkpoints.everyMinutes,
    select: written.select ?? presets[preset].select,
  };
}

export function evaluation({ evaluation: written = {} }: ConfigFile): EvaluationConfig {
  return { every: written.every ?? defaults.evaluation.every, protocols: written.protocols ?? defaults.evaluation.protocols };
}

export function teacherOutputs({ teacherOutputs: written = {} }: ConfigFile): Pick<Experiment, 'teacherOutputs'> {
  if (written === 'off') return {};
  return { teacherOutputs: { memory: bytes(written.memory ?? defaults.teacherOutputs.memory), disk: bytes(written.disk ?? defaults.teacherOutputs.disk) } };
}

export function selection(config: ConfigFile): Selection {
  const { every } = evaluation(config);
  if (checkpoints(config).select === 'official') return { on: 'test', every };
  return heldOut(config) === undefined ? { on: 'last' } : { on: 'validation', every };
}

const units: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** `2 GB` → 2·10⁹; the schema has seen to the form. */
function bytes(size: string): number {
  return Math.round(Number.parseFloat(size) * (units[size.slice(-2)] ?? 1));
}
