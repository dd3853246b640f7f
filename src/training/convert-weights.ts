import { extname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { isDtype } from '../formats/dtypes.ts';
import { writePytorchFile } from '../formats/pytorch/pytorch-writer.ts';
import { writeSafetensorsFile, type TensorSource } from '../formats/safetensors-writer.ts';
import type { TensorFile } from '../formats/tensor-file.ts';
import type { PartName } from '../models/state-dict.ts';
import { TrainingError } from './errors.ts';
import { networkKey, networkOfFile, networkParts } from './network-weights.ts';

/** Formats that can be written, by the name's extension. */
const writers = { '.safetensors': writeSafetensorsFile, '.pth': writePytorchFile, '.pt': writePytorchFile } as const;
export const writableExtensions = Object.keys(writers);

export interface Converted {
  readonly tensors: number;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes the weights of a file in the format that the target's name asks for, tensor by tensor, with their types as they are. What only
 * a training needs is left out. PyTorch gets the batch counts that its modules expect.
 * @param part of a file with several networks only this one, without prefix; else all, with theirs
 * @throws TrainingError `unknown-part`, `unknown-format`; FormatError
 */
export async function convertWeights(file: TensorFile, target: string, part?: PartName): Promise<Converted> {
  const extension = extname(target).toLowerCase();
  if (!isWritable(extension)) throw new TrainingError('unknown-format', l10n.t('{0}: cannot be written, expected a name that ends with {1}.', target, writableExtensions.join(', ')));
  const sources = sourcesOf(file, part);
  const tensors = extension === '.safetensors' ? sources : withBatchCounts(sources);
  const network = networkParts(file).length === 1 ? networkOfFile(file) : undefined;
  const metadata = { ...(extension === '.safetensors' && { format: 'pt' }), ...(network?.height !== undefined && { [networkKey]: JSON.stringify(network) }) };
  const { bytes, sha256 } = await writers[extension](target, tensors, metadata);
  return { tensors: tensors.length, bytes, sha256 };
}

function isWritable(extension: string): extension is keyof typeof writers {
  return Object.hasOwn(writers, extension);
}

function sourcesOf(file: TensorFile, part: PartName | undefined): TensorSource[] {
  const parts = networkParts(file);
  const found = part === undefined ? undefined : parts.find(({ name }) => name === part);
  if (part !== undefined && found === undefined) throw new TrainingError('unknown-part', l10n.t('{0}: has no part "{1}"; found {2}.', file.path, part, parts.map(({ name }) => name).join(', ')));
  const chosen = found === undefined ? parts : [found];
  return chosen.flatMap(({ name: partName, tensors: view }) => {
    const prefix = chosen.length === 1 || partName === 'student' ? '' : `${partName}.`;
    return [...view.tensors.values()].map(({ name, dtype, shape }): TensorSource => {
      if (!isDtype(dtype)) throw new TrainingError('unknown-format', l10n.t('{0}: tensor "{1}" has type {2}, which is not supported.', file.path, name, dtype));
      return { name: prefix + name, dtype, shape, data: async () => (await view.read(name)).data };
    });
  });
}

/** A batch norm of PyTorch also has the number of batches it has seen, which matters only to a momentum that nobody uses here. */
function withBatchCounts(tensors: readonly TensorSource[]): TensorSource[] {
  const names = new Set(tensors.map(({ name }) => name));
  const suffix = '.running_var';
  return tensors.flatMap((tensor) => {
    if (!tensor.name.endsWith(suffix)) return [tensor];
    const name = `${tensor.name.slice(0, -suffix.length)}.num_batches_tracked`;
    return names.has(name) ? [tensor] : [tensor, { name, dtype: 'I64', shape: [], data: BigInt64Array.of(0n) }];
  });
}
