import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { HostTensor } from '../engine/engine.ts';
import { withSafetensors, type SafetensorsFile } from '../formats/safetensors-reader.ts';
import type { TensorSource } from '../formats/safetensors-writer.ts';
import { readFloat32 } from '../formats/tensor-file.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { TrainingError } from './errors.ts';
import type { Weights } from './predictor.ts';
import type { NetworkDefinition } from './step.ts';

const record = z.object({
  stageKey: z.string(),
  /** The network that the weights belong to, so that a checkpoint explains itself outside its run. */
  network: z.custom<NetworkDefinition>((value) => typeof value === 'object' && value !== null && 'model' in value),
  /** Batches done of the epoch that was going on: with the epoch it is the loader's whole position. */
  batch: z.int().min(0),
  live: z.object({ weights: z.record(z.string(), z.number()), temperature: z.number().exactOptional(), baseLearningRate: z.number() }),
  best: z.object({ metric: z.string(), value: z.number(), epoch: z.int(), checkpoint: z.string() }).exactOptional(),
});
/** What a training needs of a checkpoint beside its tensors, epoch and step. */
export type TrainingRecord = z.infer<typeof record>;

/** @throws TrainingError `checkpoint-mismatch` for a record of another form */
export function parseTrainingRecord(value: unknown, path: string): TrainingRecord {
  const parsed = record.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TrainingError('checkpoint-mismatch', l10n.t('{0}: what it says of its training is not of a form this version reads.', path), { cause: parsed.error });
}

/**
 * A step's state as the tensors of a checkpoint: weights and statistics under their state-dict names, the optimiser's moments
 * under `moment1/` and `moment2/`, which no state dict has. A frozen teacher is not repeated.
 */
export function checkpointTensors(state: Readonly<Record<string, HostTensor>>): TensorSource[] {
  return Object.entries(state).map(([name, tensor]) => ({ name: nameInFile(name), dtype: 'F32', shape: tensor.shape, data: tensor.data as Float32Array }));
}

const nameInFile = (state: string): string => state.replace(/^(parameter|statistic)\//, '');

/** A tensor that has to be in a file. */
interface Wanted {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * The whole state of a training step, under the step's names.
 * @throws TrainingError `checkpoint-mismatch`; FormatError
 */
export async function readTrainingState(file: SafetensorsFile, states: readonly Wanted[]): Promise<Record<string, HostTensor>> {
  const tensors = await readTensors(file, states.map(({ name, shape }) => ({ name: nameInFile(name), shape })));
  return Object.fromEntries(states.map(({ name }) => [name, tensors[nameInFile(name)]!]));
}

/**
 * The weights of a network out of any safetensors file with its state-dict names.
 * @throws TrainingError `checkpoint-mismatch` naming missing or mis-shaped tensors; FormatError
 */
export async function readNetworkWeights(file: SafetensorsFile, parameters: readonly ParameterSpec[]): Promise<Weights> {
  return readTensors(file, parameters);
}

/** The network that a checkpoint file says it holds; undefined for a file that SCRKD did not write. */
export async function networkInFile(path: string): Promise<NetworkDefinition | undefined> {
  return withSafetensors(path, (file) => {
    const text = file.metadata['scrkd'];
    if (text === undefined) return Promise.resolve(undefined);
    const { training } = JSON.parse(text) as { training?: unknown };
    return Promise.resolve(parseTrainingRecord(training, path).network);
  });
}

/** What came of looking for a backbone's weights in a file. */
export interface BackboneWeights {
  readonly weights: Weights;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/**
 * Weights of an encoder, with torchvision's names (`layer1.0.conv1.weight`) or the model's own (`bkbone.layer1…`).
 * Tensors that the network lacks (torchvision's `fc`) are reported, not refused.
 * @throws TrainingError `checkpoint-mismatch` where nothing fits, or a tensor has another shape
 */
export async function readBackbone(path: string, parameters: readonly ParameterSpec[]): Promise<BackboneWeights> {
  const prefix = 'bkbone.';
  const backbone = parameters.filter(({ name }) => name.startsWith(prefix));
  return withSafetensors(path, async (file) => {
    const source = (name: string) => [name, name.slice(prefix.length)].find((candidate) => file.has(candidate));
    const found = backbone.filter(({ name }) => source(name) !== undefined);
    if (found.length === 0) throw mismatch(path, backbone.map(({ name }) => name), [], backbone.length);
    const tensors = await readTensors(file, found.map(({ name, shape }) => ({ name: source(name)!, shape })));
    const used = new Set(found.map(({ name }) => source(name)));
    return {
      weights: Object.fromEntries(found.map(({ name }) => [name, tensors[source(name)!]!])),
      missing: backbone.filter(({ name }) => source(name) === undefined).map(({ name }) => name),
      unexpected: file.names.filter((name) => !used.has(name)),
    };
  });
}

async function readTensors(file: SafetensorsFile, wanted: readonly Wanted[]): Promise<Record<string, HostTensor>> {
  const missing: string[] = [];
  const misshaped: string[] = [];
  for (const { name, shape } of wanted) {
    const entry = file.header.tensors.get(name);
    if (entry === undefined) missing.push(name);
    else if (entry.shape.join() !== shape.join()) misshaped.push(l10n.t('{0}: found [{1}], expected [{2}]', name, entry.shape.join(', '), shape.join(', ')));
  }
  if (missing.length > 0 || misshaped.length > 0) throw mismatch(file.path, missing, misshaped, wanted.length);
  const found: Record<string, HostTensor> = {};
  for (const { name, shape } of wanted) found[name] = { shape, dtype: 'float32', data: (await readFloat32(file, name)).data };
  return found;
}

function mismatch(path: string, missing: readonly string[], misshaped: readonly string[], wanted: number): TrainingError {
  const parts = [
    l10n.t('{0}: holds other weights than this network needs.', path),
    ...(missing.length > 0 ? [l10n.t('{0} of {1} tensors are missing, e.g. {2}.', missing.length, wanted, missing.slice(0, 3).join(', '))] : []),
    ...(misshaped.length > 0 ? [l10n.t('{0} have another shape, e.g. {1}.', misshaped.length, misshaped[0]!)] : []),
  ];
  return new TrainingError('checkpoint-mismatch', parts.join(' '));
}
