import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import { listFolder } from '../base/list-folder.ts';
import type { StageDescription } from '../config/description.ts';
import type { Experiment } from '../config/experiment.ts';
import { explain } from '../config/explain.ts';
import { experimentNameIn, isConfigFile } from '../config/experiment-name.ts';
import type { Providers } from '../config/providers.ts';
import { canonical } from '../config/recipe.ts';
import { resolveExperiment, type ResolvedConfig } from '../config/resolve.ts';
import { CommandError } from './errors.ts';

/** What the config service may ask of this machine. */
const providers: Providers = {
  readText: (path) => readFile(path, 'utf8'),
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  listFolder,
  checkpointHeader: async (path) => (await import('../training/checkpoint-summary.ts')).summariseCheckpoint(path),
};

/** With what a training finds out by itself at its start: for a check without one. */
const thorough: Providers = {
  ...providers,
  datasetSummary: async (root, lists) => (await import('../dataset/summary.ts')).summariseDataset(root, lists),
  devices: async () => (await import('../training/devices.ts')).availableDevices(),
  experimentsIn,
};

/** With what takes a trace of every stage's step, seconds each. */
const withMemory: Providers = {
  ...thorough,
  deviceMemory: async (device) => (device === 'webgpu' ? undefined : (await import('../base/memory.ts')).availableMemory()),
  describeStage: describeOnce(),
};

/** How much is asked of the machine: what a training needs; also its dataset, device and the configs beside it; also its memory. */
type Thoroughness = 'brief' | 'thorough' | 'with-memory';

const providersFor: Readonly<Record<Thoroughness, Providers>> = { brief: providers, thorough, 'with-memory': withMemory };

/** Configs of one folder have many stages in common. */
function describeOnce(): NonNullable<Providers['describeStage']> {
  const known = new Map<string, StageDescription>();
  return async (stage) => {
    const { describeStage } = await import('../training/stage-description.ts');
    const key = canonical(stage);
    const description = known.get(key) ?? describeStage(stage);
    known.set(key, description);
    return description;
  };
}

async function experimentsIn(folder: string): Promise<{ file: string; experiment: string }[]> {
  const names = (await readdir(folder)).filter(isConfigFile);
  const found = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      return { file, experiment: experimentNameIn(await readFile(file, 'utf8').catch(() => '')) };
    }),
  );
  return found.flatMap(({ file, experiment }) => (experiment === undefined ? [] : [{ file, experiment }]));
}

/** Reads and checks a config file. @throws CommandError `unreadable` */
export async function checkConfig(path: string, thoroughness: Thoroughness = 'brief'): Promise<ResolvedConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new CommandError('unreadable', l10n.t('{0}: cannot be read ({1}).', path, messageOf(cause)), { cause });
  }
  return resolveExperiment({ text, path }, providersFor[thoroughness]);
}

/**
 * The experiment of a config file; what is to say about it goes to `warn`.
 * @throws CommandError `invalid-config` with every error explained, `unreadable`
 */
export async function loadExperiment(path: string, warn: (text: string) => void): Promise<Experiment> {
  const { experiment, diagnostics, sources } = await checkConfig(path);
  if (experiment === undefined) throw new CommandError('invalid-config', explain(diagnostics, sources));
  const notable = diagnostics.filter(({ severity }) => severity !== 'information');
  if (notable.length > 0) warn(explain(notable, sources));
  return experiment;
}
