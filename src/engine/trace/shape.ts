/** Operations that move data without computing. */
import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import { sameShape, sizeOf } from '../host-tensor.ts';
import type { DType } from '../engine.ts';
import { equal, where } from './arithmetic.ts';
import { matrixProduct } from './contraction.ts';
import { type Graph, type Value } from './graph.ts';
import { type RecordingTable, type Unary, axisOf, cannotRecord } from './kernel.ts';
import { reshape } from './reshape.ts';
import { type Symbolic, constantTensor, dense, dtypeOf, iota, rowMajor, splat, splatOf, transposed } from './symbolic.ts';
import { cast } from './unary.ts';

function inserted(shape: readonly number[], axis: number, extent = 1): number[] {
  return [...shape.slice(0, axis), extent, ...shape.slice(axis)];
}

function storedShape(shape: readonly number[], order: readonly number[]): number[] {
  return order.map((axis) => shape[axis]!);
}

/** The order of the largest tensor: it is spared a transpose. */
function orderOfLargest(tensors: readonly Symbolic[]): readonly number[] {
  const size = (x: Symbolic): number => (x.value.kind === 'constant' ? 0 : sizeOf(x.value.shape));
  return tensors.reduce((best, tensor) => (size(tensor) > size(best) ? tensor : best)).order;
}

function concat(graph: Graph, inputs: readonly Symbolic[], axisGiven: number): Symbolic {
  const axis = axisOf(axisGiven, inputs[0]!.shape.length);
  backend_util.assertParamsConsistent(inputs.map((part) => [...part.shape]), axis);
  const parts = inputs.filter((part) => sizeOf(part.shape) > 0);
  if (parts.length === 0) return inputs[0]!;
  if (parts.length === 1) return parts[0]!;
  const order = orderOfLargest(parts);
  const shape = [...parts[0]!.shape];
  shape[axis] = parts.reduce((extent, part) => extent + part.shape[axis]!, 0);
  const value = graph.node('Concat', parts.map((part) => dense(graph, part, order)), { axis: order.indexOf(axis) }, storedShape(shape, order), dtypeOf(parts[0]!));
  return { value, order, shape };
}

function stack(graph: Graph, inputs: readonly Symbolic[], axisGiven: number): Symbolic {
  const axis = axisOf(axisGiven, inputs[0]!.shape.length + 1);
  return concat(graph, inputs.map((part) => reshape(graph, part, inserted(part.shape, axis))), axis);
}

interface Range { readonly begin: readonly number[]; readonly end: readonly number[]; readonly strides: readonly number[] }

/** A slice of given extents; broadcasts stay pending, whole axes are left alone. Strides may be negative. */
function sliced(graph: Graph, x: Symbolic, { begin, end, strides }: Range, shape: readonly number[]): Symbolic {
  const number = splatOf(x);
  if (number !== undefined) return splat(graph, number, shape, dtypeOf(x));
  if (shape.includes(0)) return rowMajor(dense(graph, splat(graph, 0, shape, dtypeOf(x)), iota(shape.length)));
  const { value, order } = x;
  const cut = iota(order.length).filter((i) => value.shape[i]! > 1 && (shape[order[i]!] !== x.shape[order[i]!] || strides[order[i]!] !== 1));
  if (cut.length === 0) return { value, order, shape };
  const pick = (list: readonly number[]): Value => graph.indices(cut.map((i) => list[order[i]!]!));
  const inputs = [value, pick(begin), pick(end), graph.indices(cut)];
  if (cut.some((i) => strides[order[i]!] !== 1)) inputs.push(pick(strides));
  const extents = value.shape.map((extent, i) => (extent > 1 ? shape[order[i]!]! : 1));
  return { value: graph.node('Slice', inputs, {}, extents, value.dtype), order, shape };
}

function slice(graph: Graph, x: Symbolic, beginGiven: number | number[], sizeGiven: number | number[]): Symbolic {
  const [begin, shape] = slice_util.parseSliceParams({ shape: [...x.shape], rank: x.shape.length } as never, beginGiven, sizeGiven) as [number[], number[]];
  slice_util.assertParamsValid({ shape: [...x.shape], rank: x.shape.length } as never, begin, shape);
  if (sameShape(shape, x.shape)) return x;
  return sliced(graph, x, { begin, end: begin.map((from, axis) => from + shape[axis]!), strides: shape.map(() => 1) }, shape);
}

interface StridedSliceAttributes {
  readonly begin: number[]; readonly end: number[]; readonly strides: number[];
  readonly beginMask: number; readonly endMask: number; readonly ellipsisMask: number; readonly newAxisMask: number; readonly shrinkAxisMask: number;
}

/** Below every index: ONNX clamps it to "before the first element" for negative strides. */
const beforeFirst = -(2 ** 31);

function stridedSlice(graph: Graph, x: Symbolic, a: StridedSliceAttributes): Symbolic {
  const info = slice_util.sliceInfo([...x.shape], a.begin, a.end, a.strides, a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask);
  const { begin, strides, finalShape, finalShapeSparse } = info;
  const shape = begin.map((from, axis) => Math.max(0, Math.ceil((info.end[axis]! - from) / strides[axis]!)));
  const end = info.end.map((to, axis) => (strides[axis]! < 0 && to < 0 ? beforeFirst : to));
  const result = sliced(graph, x, { begin, end, strides }, shape);
  return reshape(graph, result, sizeOf(shape) === sizeOf(finalShape) ? finalShape : finalShapeSparse);
}

function reverse(graph: Graph, x: Symbolic, axes: readonly number[]): Symbolic {
  const turned = axes.map((axis) => axisOf(axis, x.shape.length));
  const choose = (there: (axis: number) => number, elsewhere: (axis: number) => number): number[] => x.shape.map((_, axis) => (turned.includes(axis) ? there(axis) : elsewhere(axis)));
  return sliced(graph, x, {
    begin: choose((axis) => x.shape[axis]! - 1, () => 0),
    end: choose(() => beforeFirst, (axis) => x.shape[axis]!),
    strides: choose(() => -1, () => 1),
  }, x.shape);
}

/** A WebGPU shader has eight storage buffers: one input and seven outputs. More parts are split in stages. */
const mostParts = 7;

function splitInto(graph: Graph, x: Symbolic, axis: number, sizes: readonly number[]): Symbolic[] {
  const shapes = sizes.map((extent) => x.shape.map((old, i) => (i === axis ? extent : old)));
  const position = x.order.indexOf(axis);
  if (x.value.shape[position] === 1 || splatOf(x) !== undefined) {
    let start = 0;
    return sizes.map((extent) => {
      const begin = x.shape.map((_, i) => (i === axis ? start : 0));
      start += extent;
      return slice(graph, x, begin, x.shape.map((old, i) => (i === axis ? extent : old)));
    });
  }
  if (sizes.length > mostParts) {
    const width = Math.ceil(sizes.length / mostParts);
    const groups = iota(Math.ceil(sizes.length / width)).map((i) => sizes.slice(i * width, (i + 1) * width));
    const parts = splitInto(graph, x, axis, groups.map((group) => group.reduce((sum, extent) => sum + extent, 0)));
    return parts.flatMap((part, i) => splitInto(graph, part, axis, groups[i]!));
  }
  if (sizes.length === 1) return [x];
  const value = x.value;
  const extents = sizes.map((extent) => value.shape.map((old, i) => (i === position ? extent : old)));
  const outputs = graph.nodeWithOutputs('Split', [value, graph.indices(sizes)], { axis: position }, extents, value.dtype);
  return outputs.map((output, i) => ({ value: output, order: x.order, shape: shapes[i]! }));
}

function split(graph: Graph, x: Symbolic, sections: number | number[], axisGiven: number): Symbolic[] {
  const axis = axisOf(axisGiven, x.shape.length);
  const sizes = backend_util.prepareSplitSize({ shape: [...x.shape], rank: x.shape.length } as never, sections, axis);
  return splitInto(graph, x, axis, sizes);
}

function unstack(graph: Graph, x: Symbolic, axisGiven: number): Symbolic[] {
  const axis = axisOf(axisGiven, x.shape.length);
  const rest = x.shape.filter((_, i) => i !== axis);
  return splitInto(graph, x, axis, new Array<number>(x.shape[axis]!).fill(1)).map((part) => reshape(graph, part, rest));
}

function pad(graph: Graph, x: Symbolic, paddings: readonly (readonly [number, number])[], constant: number): Symbolic {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((extent, axis) => paddings[axis]![0] + extent + paddings[axis]![1]);
  const pads = graph.indices([...x.order.map((axis) => paddings[axis]![0]), ...x.order.map((axis) => paddings[axis]![1])]);
  const inputs = [dense(graph, x, x.order), pads];
  if (constant !== 0) inputs.push(graph.scalar(constant, 0, dtypeOf(x)));
  return { value: graph.node('Pad', inputs, {}, storedShape(shape, x.order), dtypeOf(x)), order: x.order, shape };
}

/** Repeats of unit axes are broadcasts and stay pending. */
function tile(graph: Graph, x: Symbolic, repeats: readonly number[]): Symbolic {
  const shape = x.shape.map((extent, axis) => extent * repeats[axis]!);
  if (x.shape.every((extent, axis) => extent === 1 || repeats[axis] === 1)) return { value: x.value, order: x.order, shape };
  const value = dense(graph, x, x.order);
  const factors = graph.indices(x.order.map((axis) => repeats[axis]!));
  return { value: graph.node('Tile', [value, factors], {}, storedShape(shape, x.order), value.dtype), order: x.order, shape };
}

function gather(graph: Graph, x: Symbolic, indices: Symbolic, axisGiven: number, batchDims: number): Symbolic {
  if (batchDims !== 0) throw cannotRecord('gather', `batchDims ${batchDims}`);
  const axis = axisOf(axisGiven, x.shape.length);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const values = [dense(graph, x, iota(x.shape.length)), dense(graph, indices, iota(indices.shape.length))];
  return rowMajor(graph.node('Gather', values, { axis }, shape, dtypeOf(x)));
}

/** onValue where the position along a new last axis equals the index, else offValue. */
function oneHot(graph: Graph, indices: Symbolic, depth: number, onValue: number, offValue: number, dtype: DType): Symbolic {
  const positions = constantTensor(graph, iota(depth), [depth], 'int32');
  const hit = equal(graph, reshape(graph, indices, [...indices.shape, 1]), positions);
  const shape = [...indices.shape, depth];
  return where(graph, hit, splat(graph, onValue, shape, dtype), splat(graph, offValue, shape, dtype));
}

/** Sums the rows of x by segment as a product with a one-hot matrix (the gradient of gather). */
function segmentSum(graph: Graph, x: Symbolic, segmentIds: Symbolic, segments: number): Symbolic {
  const rows = sizeOf(segmentIds.shape);
  const rest = x.shape.slice(segmentIds.shape.length);
  const chosen = oneHot(graph, reshape(graph, segmentIds, [rows]), segments, 1, 0, 'float32');
  const flat = reshape(graph, cast(graph, x, 'float32'), [rows, sizeOf(rest)]);
  return reshape(graph, cast(graph, matrixProduct(graph, chosen, flat, true, false), dtypeOf(x)), [segments, ...rest]);
}

function range(graph: Graph, { start, stop, step, dtype }: { start: number; stop: number; step: number; dtype: DType }): Symbolic {
  const length = Math.max(0, Math.ceil((stop - start) / step));
  return constantTensor(graph, iota(length).map((i) => start + i * step), [length], dtype);
}

type List = Readonly<Record<string, Symbolic>>;

export const shapeRecordings: RecordingTable = {
  Reshape: (graph, { x }: Unary, { shape }: { shape: number[] }) => reshape(graph, x, util.inferFromImplicitShape(shape, sizeOf(x.shape))),
  ExpandDims: (graph, { input }: { input: Symbolic }, { dim }: { dim: number }) => reshape(graph, input, inserted(input.shape, axisOf(dim, input.shape.length + 1))),
  Transpose: (_, { x }: Unary, { perm }: { perm: number[] }) => transposed(x, perm),
  Concat: (graph, inputs: List, { axis }: { axis: number }) => concat(graph, Object.values(inputs), axis),
  Pack: (graph, inputs: List, { axis }: { axis: number }) => stack(graph, Object.values(inputs), axis),
  Unpack: (graph, { value }: { value: Symbolic }, { axis }: { axis: number }) => unstack(graph, value, axis),
  Slice: (graph, { x }: Unary, { begin, size }: { begin: number | number[]; size: number | number[] }) => slice(graph, x, begin, size),
  StridedSlice: (graph, { x }: Unary, attributes: StridedSliceAttributes) => stridedSlice(graph, x, attributes),
  Reverse: (graph, { x }: Unary, { dims }: { dims: number | number[] }) => reverse(graph, x, typeof dims === 'number' ? [dims] : dims),
  SplitV: (graph, { x }: Unary, { numOrSizeSplits, axis }: { numOrSizeSplits: number | number[]; axis: number }) => split(graph, x, numOrSizeSplits, axis),
  PadV2: (graph, { x }: Unary, { paddings, constantValue }: { paddings: [number, number][]; constantValue: number }) => pad(graph, x, paddings, constantValue),
  Tile: (graph, { x }: Unary, { reps }: { reps: number[] }) => tile(graph, x, reps),
  GatherV2: (graph, { x, indices }: Unary & { indices: Symbolic }, { axis, batchDims }: { axis: number; batchDims?: number }) => gather(graph, x, indices, axis, batchDims ?? 0),
  OneHot: (graph, { indices }: { indices: Symbolic }, { depth, onValue, offValue, dtype }: { depth: number; onValue: number; offValue: number; dtype: DType }) => oneHot(graph, indices, depth, onValue, offValue, dtype),
  UnsortedSegmentSum: (graph, { x, segmentIds }: Unary & { segmentIds: Symbolic }, { numSegments }: { numSegments: number }) => segmentSum(graph, x, segmentIds, numSegments),
  ZerosLike: (graph, { x }: Unary) => splat(graph, 0, x.shape, dtypeOf(x)),
  OnesLike: (graph, { x }: Unary) => splat(graph, 1, x.shape, dtypeOf(x)),
  Fill: (graph, _: unknown, { shape, value, dtype }: { shape: number[]; value: number; dtype: DType }) => splat(graph, value, shape, dtype),
  Range: (graph, _: unknown, attributes: { start: number; stop: number; step: number; dtype: DType }) => range(graph, attributes),
  LinSpace: (graph, _: unknown, { start, stop, num }: { start: number; stop: number; num: number }) => constantTensor(graph, iota(num).map((i) => start + (i * (stop - start)) / Math.max(num - 1, 1)), [num], 'float32'),
};
