/** State dicts by names and shapes alone: which networks a file holds, and whether one fits. */
import type { ParameterSpec } from '../nn/parameters.ts';

/**
 * A network within a file. `network`: the only one. Files of the official code hold more: a SCRKD student un-prefixed with its
 * frozen teacher under `teacher.` (in the cascade, that one's own under `teacher.teacher.`); other methods' students under `student.`.
 */
export type PartName = 'network' | 'student' | 'teacher' | 'teacher.teacher';
export const partNames: readonly PartName[] = ['network', 'student', 'teacher', 'teacher.teacher'];

export interface StateDictPart {
  readonly name: PartName;
  /** The name in the file by the name in the network, in the order of the file. */
  readonly tensors: ReadonlyMap<string, string>;
}

export interface StateDictParts {
  /** The network that is deployed first; none for a file without tensors. */
  readonly parts: readonly StateDictPart[];
  /** Tensors of a training (an optimiser's moments) or of no network. */
  readonly others: readonly string[];
}

/** What a checkpoint of ours holds beside a network's weights. */
const ofTraining = /^(?:moment1|moment2|teacher)\/|^integrity\.sha256$/;
/** What PyTorch's data-parallel modules put before every name. */
const parallelPrefix = 'module.';

/** Sorts the names of a file into its networks. */
export function partsOf(names: Iterable<string>): StateDictParts {
  const weights: string[] = [];
  const others: string[] = [];
  for (const name of names) (ofTraining.test(name) ? others : weights).push(name);
  const groups = new Map<PartName, Map<string, string>>();
  for (const [name, inFile] of withoutParallelPrefix(new Map(weights.map((name) => [name, name])))) {
    const part = partOf(name);
    const group = groups.get(part) ?? new Map<string, string>();
    groups.set(part, group.set(name.slice(part === 'network' ? 0 : part.length + 1), inFile));
  }
  const plain = groups.get('network');
  if (plain !== undefined && groups.has('student')) {
    others.push(...plain.values()); // layers that a comparison method trains beside its student
    groups.delete('network');
  } else if (plain !== undefined && groups.size > 1) {
    groups.delete('network');
    groups.set('student', plain);
  }
  const parts = partNames.flatMap((name) => {
    const tensors = groups.get(name);
    return tensors === undefined ? [] : [{ name, tensors: withoutParallelPrefix(tensors) }];
  });
  return { parts, others };
}

function partOf(name: string): PartName {
  return (['student', 'teacher.teacher', 'teacher'] as const).find((part) => name.startsWith(`${part}.`)) ?? 'network';
}

function withoutParallelPrefix(tensors: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = [...tensors.keys()];
  if (names.length === 0 || !names.every((name) => name.startsWith(parallelPrefix))) return tensors;
  return new Map([...tensors].map(([name, inFile]) => [name.slice(parallelPrefix.length), inFile]));
}

export interface Misshapen {
  readonly name: string;
  readonly found: readonly number[];
  readonly expected: readonly number[];
}

/** How the tensors of a file fit a network's parameters. */
export interface MatchReport {
  /** There with the right shape. */
  readonly matched: readonly string[];
  /** Not there; what only the training loss uses may be absent. */
  readonly missing: readonly string[];
  /** There, and nothing of this network. */
  readonly unexpected: readonly string[];
  readonly misshapen: readonly Misshapen[];
}

/** PyTorch's count of the batches a batch norm has seen, which nothing here reads. */
export function isBatchCount(name: string): boolean {
  return name.endsWith('.num_batches_tracked');
}

/** Compares names and shapes; values are not looked at. */
export function matchParameters(tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>, parameters: readonly ParameterSpec[]): MatchReport {
  const matched: string[] = [];
  const missing: string[] = [];
  const misshapen: Misshapen[] = [];
  for (const { name, shape, trainingOnly } of parameters) {
    const found = tensors.get(name)?.shape;
    if (found === undefined) {
      if (trainingOnly !== true) missing.push(name);
    } else if (found.join() === shape.join()) matched.push(name);
    else misshapen.push({ name, found, expected: shape });
  }
  const expected = new Set(parameters.map(({ name }) => name));
  const unexpected = [...tensors.keys()].filter((name) => !expected.has(name) && !isBatchCount(name));
  return { matched, missing, unexpected, misshapen };
}

/** Whether the network can be loaded, and the tensors hold nothing else. */
export function fits({ missing, unexpected, misshapen }: MatchReport): boolean {
  return missing.length + unexpected.length + misshapen.length === 0;
}
