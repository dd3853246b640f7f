import * as l10n from '@vscode/l10n';
import { EngineError } from '../errors.ts';
import type { Graph } from './graph.ts';
import type { Symbolic } from './symbolic.ts';

/** Records one tfjs kernel. Inputs and attributes have the names that tfjs-core gives them (kernel_names.ts). */
export type Recording = (graph: Graph, inputs: never, attributes: never) => Symbolic | Symbolic[];
export type RecordingTable = Readonly<Record<string, Recording>>;

export interface Unary { readonly x: Symbolic }
export interface Binary { readonly a: Symbolic; readonly b: Symbolic }

/** An operation that is recorded in general, but not in this form. Where it was called is found out later, from the stack. */
export function cannotRecord(operation: string, why: string): EngineError {
  return new EngineError('unsupported-operation', l10n.t('The operation "{0}" cannot be recorded: {1}.', operation, why), { operation });
}

/** tfjs counts negative axes from the end. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
