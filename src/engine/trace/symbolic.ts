/**
 * A tensor while it is traced. Two things stay pending instead of becoming nodes, and most of them never do:
 * the order of its axes (a transpose) and broadcasting. This is what keeps the graph free of copies.
 */
import type { DType } from '../engine.ts';
import { sameShape } from '../host-tensor.ts';
import { transposeConstant } from './fold.ts';
import { type Graph, type Value, fill, reshapeValue } from './graph.ts';

/** Physical axis i holds logical axis order[i]; a physical extent of 1 under a larger logical one is a pending broadcast. */
export interface Symbolic {
  readonly value: Value;
  readonly order: readonly number[];
  /** The logical shape: what tfjs sees. */
  readonly shape: readonly number[];
}

/** 0 … count − 1. */
export function iota(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

export function isIota(list: readonly number[]): boolean {
  return list.every((entry, i) => entry === i);
}

export function dtypeOf(tensor: Symbolic): DType {
  const { dtype } = tensor.value;
  if (dtype === 'int64') throw new TypeError('an index list is no tensor');
  return dtype;
}

/** A tensor stored as it is seen. */
export function rowMajor(value: Value): Symbolic {
  return { value, order: iota(value.shape.length), shape: value.shape };
}

/** One number in every place. */
export function splat(graph: Graph, number: number, shape: readonly number[], dtype: DType = 'float32'): Symbolic {
  return { value: graph.scalar(number, shape.length, dtype), order: iota(shape.length), shape };
}

/** The number that a tensor holds in every place, if that is known. */
export function splatOf(tensor: Symbolic): number | undefined {
  return tensor.value.kind === 'constant' ? tensor.value.splat : undefined;
}

/** A tensor of known values; equal ones are kept as one number. `values` is copied. */
export function constantTensor(graph: Graph, values: ArrayLike<number>, shape: readonly number[], dtype: DType): Symbolic {
  const first = values[0];
  let equal = 1;
  while (equal < values.length && values[equal] === first) equal++;
  if (first !== undefined && equal === values.length) return splat(graph, first, shape, dtype);
  const data = fill(dtype, values.length, 0);
  data.set(values);
  return rowMajor(graph.constant(data, shape, dtype));
}

/** The same data under permuted axes: no node. */
export function transposed(tensor: Symbolic, permutation: readonly number[]): Symbolic {
  if (isIota(permutation)) return tensor;
  return {
    value: tensor.value,
    order: tensor.order.map((axis) => permutation.indexOf(axis)),
    shape: permutation.map((axis) => tensor.shape[axis]!),
  };
}

/** The tensor with leading unit axes up to `rank`, as broadcasting wants it. */
export function raised(graph: Graph, tensor: Symbolic, rank: number): Symbolic {
  const missing = rank - tensor.shape.length;
  if (missing === 0) return tensor;
  const ones = new Array<number>(missing).fill(1);
  return {
    value: reshapeValue(graph, tensor.value, [...ones, ...tensor.value.shape]),
    order: [...iota(missing), ...tensor.order.map((axis) => axis + missing)],
    shape: [...ones, ...tensor.shape],
  };
}

/** The tensor broadcast to a shape: pending, no node. */
export function broadcastTo(graph: Graph, tensor: Symbolic, shape: readonly number[]): Symbolic {
  if (sameShape(shape, tensor.shape)) return tensor;
  const { value, order } = raised(graph, tensor, shape.length);
  return { value, order, shape };
}

/** The physical value with its axes in the wanted order; broadcasts stay pending. */
export function inOrder(graph: Graph, tensor: Symbolic, order: readonly number[]): Value {
  const { value } = tensor;
  if (sameShape(tensor.order, order)) return value;
  const permutation = order.map((axis) => tensor.order.indexOf(axis));
  const shape = permutation.map((axis) => value.shape[axis]!);
  const moving = permutation.filter((axis) => value.shape[axis]! > 1);
  if (moving.every((axis, i) => i === 0 || axis > moving[i - 1]!)) return reshapeValue(graph, value, shape); // only unit axes move
  if (value.kind === 'constant') return graph.folded('Transpose', [value], { perm: permutation }, () => transposeConstant(value, permutation), shape, value.dtype);
  if (value.kind === 'result' && value.node.operation === 'Transpose') { // two transposes in a row are one, or none
    const inner = value.node.attributes.perm as readonly number[];
    const source: Symbolic = { value: value.node.inputs[0]!, order: inner.map((_, i) => tensor.order[inner.indexOf(i)]!), shape: tensor.shape };
    return inOrder(graph, source, order);
  }
  return graph.node('Transpose', [value], { perm: permutation }, shape, value.dtype);
}

/** The physical value in the wanted order with every broadcast carried out. */
export function dense(graph: Graph, tensor: Symbolic, order: readonly number[]): Value {
  const value = inOrder(graph, tensor, order);
  const shape = order.map((axis) => tensor.shape[axis]!);
  if (sameShape(value.shape, shape)) return value;
  if (value.kind === 'constant' && value.splat !== undefined && shape.includes(0)) return graph.constant(fill(dtypeOf(tensor), 0, 0), shape, value.dtype);
  return graph.node('Expand', [value, graph.indices(shape)], {}, shape, value.dtype);
}
