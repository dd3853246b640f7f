/** What a loss reads of a frozen teacher as named tensors, so that it can be kept and handed in again. */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { TeacherObservation } from '../distillation/method.ts';
import type { TensorRecord } from '../engine/engine.ts';
import type { Grid } from '../nn/resize.ts';

const listed = (kind: string, tensors: readonly Tensor[]): [string, Tensor][] => tensors.map((tensor, index) => [`${kind}/${index + 1}`, tensor]);

/** `feature/K`, `logit/K` and `extract/NAME`, each [B,…]. */
export function toOutputs({ features, logits, extracts = {} }: TeacherObservation): TensorRecord {
  return Object.fromEntries([...listed('feature', features), ...listed('logit', logits), ...Object.entries(extracts).map(([name, tensor]) => [`extract/${name}`, tensor] as const)]);
}

/** The inverse of `toOutputs`. */
export function fromOutputs(outputs: TensorRecord, inputGrid: Grid): TeacherObservation {
  const list = (kind: string): Tensor4D[] => {
    const found: Tensor4D[] = [];
    for (let tensor = outputs[`${kind}/1`]; tensor !== undefined; tensor = outputs[`${kind}/${found.length + 1}`]) found.push(tensor as Tensor4D);
    return found;
  };
  const prefix = 'extract/';
  const extracts = Object.entries(outputs).flatMap(([name, tensor]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : []));
  return { features: list('feature'), logits: list('logit'), inputGrid, extracts: Object.fromEntries(extracts) };
}
