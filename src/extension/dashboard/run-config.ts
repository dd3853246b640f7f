/** What a run was configured with, read out of its manifest, which is opaque to readers: other versions wrote it too. */
import type { ConfigColumn, LiveSettings } from '../../protocol/dashboard.ts';
import type { RunManifest } from '../../protocol/run.ts';

type Json = Readonly<Record<string, unknown>>;

/** α, β, γ of SCRKD, Eq. 1. */
const symbols: Readonly<Record<string, string>> = { mvcd: 'α', msfd: 'β', dsd: 'γ' };
const labels: Readonly<Record<string, string>> = {
  'distill.method': 'method',
  'distill.from': 'from',
  'distill.temperature': 'τ',
  'training.optimizer.learningRate': 'lr',
  'training.optimizer.weightDecay': 'decay',
  'training.batchSize': 'batch',
  'training.epochs': 'epochs',
  'training.seed': 'seed',
  resolution: 'size',
};
/** Shown even where all runs agree. */
const always = ['distill.method', 'distill.weights.', 'distill.from'];
/** What follows from something else, or only says where things are. */
const unsaid = ['adapter', 'name', 'dataset.root', 'resolution.height', 'resolution.width'];

export interface RunConfig {
  /** By key path, as a person reads them. */
  readonly values: Readonly<Record<string, string>>;
  readonly distilled: boolean;
  readonly settings: LiveSettings;
  readonly datasetName: string;
}

export function readRunConfig(manifest: RunManifest): RunConfig {
  const experiment = object(manifest.config['experiment']);
  const stages = Array.isArray(experiment['stages']) ? experiment['stages'].map(object) : [];
  const stage = stages.find(({ name }) => name === manifest.stage) ?? {};
  const dataset = object(experiment['dataset']);
  const distill = stage['distill'] === undefined ? undefined : object(stage['distill']);
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(stage)) flatten(key, value, values);
  flatten('dataset', dataset, values);
  values['experiment'] = manifest.experiment;
  if (typeof experiment['preset'] === 'string') values['preset'] = experiment['preset'];
  values['dataset.fingerprint'] = manifest.dataset.fingerprint.slice(0, 8);
  values['resolution'] = size(stage['resolution']);
  if (distill !== undefined) {
    const teacher = stages.find(({ name }) => name === distill['from']);
    values['distill.from'] = `${text(distill['from'])} ${size(teacher?.['resolution'])}`.trim();
  }
  // The same teacher by name may be another training.
  for (const [role, parent] of Object.entries(manifest.parents)) values[`parents.${role}`] = `${parent.run.slice(-4).toLowerCase()}/${parent.checkpoint}`;
  const said = Object.entries(values).filter(([key]) => !unsaid.some((prefix) => key === prefix || key.startsWith(`${prefix}.`)));
  return { values: Object.fromEntries(said), distilled: distill !== undefined, settings: settingsOf(stage, distill), datasetName: text(dataset['name']) };
}

/**
 * The columns that tell the runs apart, `differs` exactly where their configurations disagree, and the few that are shown anyway.
 * That a run has no method, weights or teacher is a difference; that it then has no options of a method either is none.
 */
export function configColumns(runs: readonly Readonly<Record<string, string>>[]): ConfigColumn[] {
  const keys = [...new Set(runs.flatMap((values) => Object.keys(values)))];
  const columns = keys.flatMap((key): ConfigColumn[] => {
    const expected = always.some((prefix) => key.startsWith(prefix));
    const distinct = new Set(runs.map((values) => values[key]).filter((value) => expected || value !== undefined));
    const differs = distinct.size > 1;
    if (!differs && !expected) return [];
    const numeric = [...distinct].every((value) => value === undefined || Number.isFinite(Number(value)));
    return [{ key, label: labelOf(key), numeric, differs }];
  });
  return columns.sort((a, b) => rank(a) - rank(b) || (rank(a) === always.length ? a.key.localeCompare(b.key, 'en') : 0));
}

function rank({ key }: ConfigColumn): number {
  const at = always.findIndex((prefix) => key.startsWith(prefix));
  return at === -1 ? always.length : at;
}

function labelOf(key: string): string {
  const weight = key.startsWith('distill.weights.') ? key.slice('distill.weights.'.length) : undefined;
  if (weight !== undefined) return symbols[weight] ?? weight;
  return labels[key] ?? key.slice(key.lastIndexOf('.') + 1);
}

function settingsOf(stage: Json, distill: Json | undefined): LiveSettings {
  const training = object(stage['training']);
  const schedule = object(training['schedule']);
  const learningRate = object(training['optimizer'])['learningRate'];
  const weights = Object.entries(object(distill?.['weights'])).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  const { every, factor } = schedule;
  return {
    weights: Object.fromEntries(weights),
    ...(typeof distill?.['temperature'] === 'number' ? { temperature: distill['temperature'] } : {}),
    learningRate: typeof learningRate === 'number' ? learningRate : NaN,
    schedule: schedule['kind'] === 'step' && typeof every === 'number' && typeof factor === 'number' ? { kind: 'step', every, factor } : { kind: 'constant' },
  };
}

function flatten(path: string, value: unknown, into: Record<string, string>): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) {
      // `model: { name: pspnet, options }` reads as `model: pspnet`, and its options by their names.
      flatten(key === 'name' ? path : `${path}.${key}`, child, into);
    }
    return;
  }
  into[path] = text(value);
}

/** `112`, or `112 × 96` */
function size(resolution: unknown): string {
  const { height, width } = object(resolution);
  if (height === undefined) return '';
  return height === width ? text(height) : `${text(height)} × ${text(width)}`;
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
