/** One node over operands of any layout: brings them to one axis order, leaves broadcasts to the runtime, folds constants. */
import { backend_util } from '@tensorflow/tfjs-core';
import type { DType } from '../engine.ts';
import { sizeOf } from '../host-tensor.ts';
import { foldElementwise } from './fold.ts';
import { type Attributes, type ConstantValue, type Graph, type Value, reshapeValue } from './graph.ts';
import { type Symbolic, inOrder, raised, splat, splatOf } from './symbolic.ts';

/** The value of an operation at one element, for folding. */
export type Evaluate = (...numbers: number[]) => number;

export interface ElementwiseOptions {
  readonly attributes?: Attributes;
  readonly evaluate?: Evaluate | undefined;
}

export function broadcastShape(tensors: readonly Symbolic[]): number[] {
  return tensors.map((tensor) => [...tensor.shape]).reduce((a, b) => backend_util.assertAndGetBroadcastShape(a, b));
}

/** The axis order that spares the largest operand a transpose; constants are transposed for free. */
function commonOrder(tensors: readonly Symbolic[]): readonly number[] {
  const cost = ({ value }: Symbolic): number => (value.kind === 'constant' ? 0 : sizeOf(value.shape));
  return tensors.reduce((best, tensor) => (cost(tensor) > cost(best) ? tensor : best)).order;
}

function rounded(dtype: DType, number: number): number {
  switch (dtype) {
    case 'float32': return Math.fround(number);
    case 'int32': return Math.trunc(number);
    case 'bool': return number === 0 ? 0 : 1;
  }
}

/** Applies an ONNX operation element by element. */
export function elementwise(graph: Graph, operation: string, tensors: readonly Symbolic[], dtype: DType, { attributes = {}, evaluate }: ElementwiseOptions = {}): Symbolic {
  const shape = broadcastShape(tensors);
  const numbers = tensors.map(splatOf).filter((number) => number !== undefined);
  if (evaluate && numbers.length === tensors.length) return splat(graph, rounded(dtype, evaluate(...numbers)), shape, dtype);

  const level = tensors.map((tensor) => raised(graph, tensor, shape.length));
  const order = commonOrder(level);
  const values = level.map((tensor, i) => {
    const number = splatOf(tensors[i]!);
    return number === undefined ? inOrder(graph, tensor, order) : graph.scalar(number, 0, tensors[i]!.value.dtype as DType);
  });
  const extents = order.map((_, axis) => values.reduce((most, value) => (value.shape.length > 0 && (most === 1 || value.shape[axis] === 0) ? value.shape[axis]! : most), 1));

  const constants = values.filter((value): value is ConstantValue => value.kind === 'constant');
  if (evaluate && constants.length === values.length) {
    return { value: graph.folded(operation, constants, attributes, () => foldElementwise(constants, extents, dtype, evaluate), extents, dtype), order, shape };
  }
  return { value: withoutTrailingUnits(graph, operation, values, attributes, extents, dtype), order, shape };
}

/** onnxruntime's broadcasting is ten times slower on shapes that end in unit axes ([2048, 512, 1, 1]): drop them for the operation. */
function withoutTrailingUnits(graph: Graph, operation: string, values: readonly Value[], attributes: Attributes, extents: readonly number[], dtype: DType): Value {
  let rank = extents.length;
  while (rank > 1 && extents[rank - 1] === 1) rank--;
  if (rank === extents.length) return graph.node(operation, values, attributes, extents, dtype);
  const shortened = values.map((value) => (value.shape.length === 0 ? value : reshapeValue(graph, value, value.shape.slice(0, rank))));
  return reshapeValue(graph, graph.node(operation, shortened, attributes, extents.slice(0, rank), dtype), extents);
}
