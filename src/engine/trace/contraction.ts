/** Matrix products. */
import { backend_util } from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import { EngineError } from '../errors.ts';
import { sizeOf } from '../host-tensor.ts';
import { type Graph, type Value } from './graph.ts';
import type { Binary, RecordingTable } from './kernel.ts';
import { type Symbolic, inOrder, iota, rowMajor } from './symbolic.ts';

function lastTwoSwapped(rank: number): number[] {
  return [...iota(rank - 2), rank - 1, rank - 2];
}

/**
 * The product of two stored (stacks of) matrices, each transposed on request. A transposed operand is a Transpose and a MatMul:
 * onnxruntime fuses them on the CPU, and WebGPU knows no fused form.
 */
export function storedProduct(graph: Graph, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const turn = (value: Value): Value => inOrder(graph, rowMajor(value), lastTwoSwapped(value.shape.length));
  const [x, y] = [transposeA ? turn(a) : a, transposeB ? turn(b) : b];
  const batch = backend_util.assertAndGetBroadcastShape([...x.shape.slice(0, -2)], [...y.shape.slice(0, -2)]);
  return graph.node('MatMul', [x, y], {}, [...batch, x.shape.at(-2)!, y.shape.at(-1)!]);
}

/** A stored operand, and whether it lies transposed. Broadcasts of batch axes stay pending. */
function operand(graph: Graph, x: Symbolic): { value: Value; swapped: boolean } {
  const rank = x.shape.length;
  const swappedOrder = lastTwoSwapped(rank);
  const isSwapped = x.order.at(-1) === rank - 2;
  const order = isSwapped ? swappedOrder : iota(rank);
  const value = inOrder(graph, x, order);
  const matrix = order.slice(-2).map((axis) => x.shape[axis]!);
  const extents = [...value.shape.slice(0, -2), ...matrix];
  const whole = value.shape.slice(-2).every((extent, i) => extent === matrix[i]) ? value : graph.node('Expand', [value, graph.indices(extents)], {}, extents, value.dtype);
  return { value: whole, swapped: isSwapped };
}

/** a · b for [..., n, k] and [..., k, m], whose leading axes broadcast. */
export function matrixProduct(graph: Graph, a: Symbolic, b: Symbolic, transposeA: boolean, transposeB: boolean): Symbolic {
  const inner = [a.shape.at(transposeA ? -2 : -1)!, b.shape.at(transposeB ? -1 : -2)!] as const;
  if (inner[0] !== inner[1]) throw new EngineError('shape', l10n.t('The inner extents of a matrix product differ: {0} and {1}.', inner[0], inner[1]));
  const left = operand(graph, a);
  const right = operand(graph, b);
  const value = storedProduct(graph, left.value, right.value, left.swapped !== transposeA, right.swapped !== transposeB);
  const batch = backend_util.assertAndGetBroadcastShape([...a.shape.slice(0, -2)], [...b.shape.slice(0, -2)]);
  const shape = [...batch, ...value.shape.slice(-2)];
  return { value, order: iota(shape.length), shape };
}

/** The multiply-accumulates of a MatMul of this result and left operand. */
export function productCost(result: Value, left: Value): number {
  return sizeOf(result.shape) * left.shape.at(-1)!;
}

export const contractionRecordings: RecordingTable = {
  BatchMatMul: (graph, { a, b }: Binary, { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean }) => matrixProduct(graph, a, b, transposeA, transposeB),
};
