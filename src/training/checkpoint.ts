import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { HostTensor } from '../engine/engine.ts';
import type { TensorSource } from '../formats/safetensors-writer.ts';
import { readFloat32, type TensorFile } from '../formats/tensor-file.ts';
import { TrainingError } from './errors.ts';
import { networkRecord } from './network-record.ts';

const record = z.object({
  stageKey: z.string(),
  /** The network that the weights belong to, so that a checkpoint explains itself outside its run. */
  network: networkRecord,
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
export async function readTrainingState(file: TensorFile, states: readonly Wanted[]): Promise<Record<string, HostTensor>> {
  const tensors = await readTensors(file, states.map(({ name, shape }) => ({ name: nameInFile(name), shape })));
  return Object.fromEntries(states.map(({ name }) => [name, tensors[nameInFile(name)]!]));
}

async function readTensors(file: TensorFile, wanted: readonly Wanted[]): Promise<Record<string, HostTensor>> {
  const missing: string[] = [];
  const misshaped: string[] = [];
  for (const { name, shape } of wanted) {
    const entry = file.tensors.get(name);
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
