/** Reductions over any axes, wherever they are stored. */
import { add, divide, greater, multiply, subtract } from './arithmetic.ts';
import { elementwise } from './elementwise.ts';
import type { Graph, Value } from './graph.ts';
import { sizeOf } from '../host-tensor.ts';
import { type RecordingTable, type Unary, axisOf } from './kernel.ts';
import { reshape } from './reshape.ts';
import { type Symbolic, dense, dtypeOf, splat } from './symbolic.ts';
import { cast } from './unary.ts';

type Reduction = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin';

/** Above this many elements a whole tensor is reduced in two stages. */
const twoStageSize = 16384;

function axesOf(axes: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axes === null || axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  return (typeof axes === 'number' ? [axes] : axes).map((axis) => axisOf(axis, rank));
}

/** Reduces logical axes; the result keeps them as unit axes. */
export function reduceKeeping(graph: Graph, reduction: Reduction, x: Symbolic, axes: readonly number[]): Symbolic {
  const { value, order } = x;
  const physical = axes.map((axis) => order.indexOf(axis));
  const stored = physical.filter((axis) => value.shape[axis] !== 1).sort((a, b) => a - b);
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));

  const additive = reduction === 'ReduceSum' || reduction === 'ReduceMean';
  const whole = stored.length > 1 && stored.length === value.shape.filter((extent) => extent > 1).length;
  if (additive && whole && sizeOf(value.shape) > twoStageSize) {
    // onnxruntime adds a whole tensor up in one float32 accumulator: two stages keep three more digits
    const inner = stored.slice(stored.length >> 1).map((axis) => order[axis]!);
    return reduceKeeping(graph, reduction, reduceKeeping(graph, reduction, x, inner), axes);
  }
  const reduced: Symbolic = { value: reduceStored(graph, reduction, value, stored), order, shape };
  if (reduction !== 'ReduceSum') return reduced;
  // a sum over a pending broadcast is a multiple
  const repeats = sizeOf(axes.filter((_, i) => value.shape[physical[i]!] === 1).map((axis) => x.shape[axis]!));
  return repeats === 1 ? reduced : multiply(graph, reduced, splat(graph, repeats, [], dtypeOf(x)));
}

function reduceStored(graph: Graph, reduction: Reduction, value: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return value;
  const shape = value.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  // until opset 18 only the sum takes its axes as an input
  if (reduction === 'ReduceSum') return graph.node(reduction, [value, graph.indices(axes)], { keepdims: 1 }, shape, value.dtype);
  return graph.node(reduction, [value], { axes, keepdims: 1 }, shape, value.dtype);
}

function reduce(graph: Graph, reduction: Reduction, x: Symbolic, axes: number | readonly number[] | null | undefined, keepDims: boolean): Symbolic {
  const list = axesOf(axes, x.shape.length);
  const result = reduceKeeping(graph, reduction, x, list);
  return keepDims ? result : reshape(graph, result, x.shape.filter((_, axis) => !list.includes(axis)));
}

function softmax(graph: Graph, logits: Symbolic, dim: number): Symbolic {
  const axis = logits.order.indexOf(axisOf(dim, logits.shape.length));
  const value = dense(graph, logits, logits.order);
  return { value: graph.node('Softmax', [value], { axis }, value.shape), order: logits.order, shape: logits.shape };
}

interface BatchNormInputs { readonly x: Symbolic; readonly mean: Symbolic; readonly variance: Symbolic; readonly offset?: Symbolic; readonly scale?: Symbolic }

/** (x − mean) / √(variance + ε) · scale + offset, the statistics given, as one product and one sum. */
function batchNorm(graph: Graph, { x, mean, variance, offset, scale }: BatchNormInputs, epsilon: number): Symbolic {
  const deviation = elementwise(graph, 'Sqrt', [add(graph, variance, splat(graph, epsilon, []))], 'float32', { evaluate: (value) => Math.sqrt(value) });
  const factor = divide(graph, scale ?? splat(graph, 1, variance.shape), deviation);
  const shift = subtract(graph, offset ?? splat(graph, 0, mean.shape), multiply(graph, mean, factor));
  return add(graph, multiply(graph, x, factor), shift);
}

interface ReduceAttributes { readonly axis?: number | readonly number[] | null; readonly keepDims?: boolean }

export const reduceRecordings: RecordingTable = {
  Sum: (graph, { x }: Unary, { axis, keepDims }: ReduceAttributes) => reduce(graph, 'ReduceSum', dtypeOf(x) === 'bool' ? cast(graph, x, 'int32') : x, axis, keepDims ?? false),
  Mean: (graph, { x }: Unary, { axis, keepDims }: ReduceAttributes) => reduce(graph, 'ReduceMean', cast(graph, x, 'float32'), axis, keepDims ?? false),
  Max: (graph, { x }: Unary, { reductionIndices, keepDims }: { reductionIndices: number | number[]; keepDims: boolean }) => reduce(graph, 'ReduceMax', x, reductionIndices, keepDims),
  Min: (graph, { x }: Unary, { axis, keepDims }: ReduceAttributes) => reduce(graph, 'ReduceMin', x, axis, keepDims ?? false),
  All: (graph, { x }: Unary, { axis, keepDims }: ReduceAttributes) => positive(graph, reduce(graph, 'ReduceMin', cast(graph, x, 'float32'), axis, keepDims ?? false)),
  Any: (graph, { x }: Unary, { axis, keepDims }: ReduceAttributes) => positive(graph, reduce(graph, 'ReduceMax', cast(graph, x, 'float32'), axis, keepDims ?? false)),
  Softmax: (graph, { logits }: { logits: Symbolic }, { dim }: { dim: number }) => softmax(graph, logits, dim),
  FusedBatchNorm: (graph, inputs: BatchNormInputs, { varianceEpsilon }: { varianceEpsilon: number }) => batchNorm(graph, inputs, varianceEpsilon),
};

function positive(graph: Graph, x: Symbolic): Symbolic {
  return greater(graph, x, splat(graph, 0, [], 'float32'));
}
