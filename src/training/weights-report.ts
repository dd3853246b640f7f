/** What a file of weights holds, for people and programs. */
import { bytesPerElement, elementCount } from '../formats/dtypes.ts';
import type { TensorFile, TensorFileFormat, TensorInfo } from '../formats/tensor-file.ts';
import { fits, partsOf, type PartName } from '../models/state-dict.ts';
import { likenessOf, type Likeness } from './known-networks.ts';
import { networkOfFile, networkParts, type FoundNetwork } from './network-weights.ts';

export interface PartReport {
  readonly name: PartName;
  readonly tensors: readonly TensorInfo[];
  /** Values of all tensors. */
  readonly values: number;
  readonly bytes: number;
  /** The known network that it is most like; absent when it is like none. */
  readonly likeness?: Likeness;
  /** Whether it is that network, whole and alone. */
  readonly fits: boolean;
}

export interface WeightsReport {
  readonly file: string;
  readonly format: TensorFileFormat;
  /** What the file says of its network, or what it is recognised as. */
  readonly network?: FoundNetwork;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: readonly PartReport[];
  /** Names of tensors that belong to no network, e.g. an optimiser's moments. */
  readonly others: readonly string[];
}

/** @throws TrainingError `checkpoint-mismatch` for a file whose own description cannot be read */
export function reportOn(file: TensorFile): WeightsReport {
  const network = networkOfFile(file);
  return {
    file: file.path,
    format: file.format,
    ...(network && { network }),
    metadata: file.metadata,
    parts: networkParts(file).map(({ name, tensors: { tensors } }) => {
      const likeness = likenessOf(tensors);
      const infos = [...tensors.values()].map(({ name: tensor, dtype, shape }) => ({ name: tensor, dtype, shape: [...shape] }));
      return {
        name,
        tensors: infos,
        values: infos.reduce((sum, { shape }) => sum + elementCount(shape), 0),
        bytes: infos.reduce((sum, { dtype, shape }) => sum + elementCount(shape) * bytesPerElement(dtype)!, 0),
        ...(likeness && { likeness }),
        fits: likeness !== undefined && fits(likeness.report),
      };
    }),
    others: partsOf(file.tensors.keys()).others,
  };
}

