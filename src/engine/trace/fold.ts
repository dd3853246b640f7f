/** Operations on constants, carried out while tracing: a frozen teacher's folded batch norm costs nothing at run time. */
import type { DType } from '../engine.ts';
import { allocate, sizeOf } from '../host-tensor.ts';
import { type ConstantData, type ConstantValue, fill } from './graph.ts';

/** Row-major strides; an extent of 1 gets stride 0, so that it broadcasts. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((extent, axis) => (extent === 1 ? 0 : sizeOf(shape.slice(axis + 1))));
}

/** Neighbouring axes that one stride walks through are one axis: long inner runs are what makes `walk` fast. */
function merged(shape: readonly number[], strides: readonly number[]): { extent: number; stride: number }[] {
  const axes: { extent: number; stride: number }[] = [];
  shape.forEach((extent, axis) => {
    const last = axes.at(-1);
    const stride = strides[axis]!;
    if (extent === 1) return;
    if (last?.stride === stride * extent) axes[axes.length - 1] = { extent: last.extent * extent, stride };
    else axes.push({ extent, stride });
  });
  return axes;
}

/** Calls `visit` for each run of elements of `shape` in row-major order: `position`, … come from `offset`, `offset + stride`, … */
function walk(shape: readonly number[], strides: readonly number[], visit: (position: number, offset: number, extent: number, stride: number) => void): void {
  const axes = merged(shape, strides);
  const inner = axes.pop() ?? { extent: 1, stride: 0 };
  const index = new Array<number>(axes.length).fill(0);
  const count = sizeOf(shape);
  let start = 0;
  for (let position = 0; position < count; position += inner.extent) {
    visit(position, start, inner.extent, inner.stride);
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const { extent, stride } = axes[axis]!;
      start += stride;
      if (++index[axis]! < extent) break;
      start -= stride * extent;
      index[axis] = 0;
    }
  }
}

interface Target<Element> {
  [index: number]: Element;
  fill(value: Element, start: number, end: number): unknown;
}

/** Writes the elements that the strides walk through. */
function gather<Element, Result extends Target<Element>>(data: ArrayLike<Element>, shape: readonly number[], strides: readonly number[], result: Result): Result {
  walk(shape, strides, (position, offset, extent, stride) => {
    if (stride === 0) result.fill(data[offset]!, position, position + extent);
    else for (let i = 0; i < extent; i++) result[position + i] = data[offset + i * stride]!;
  });
  return result;
}

/** The data of a constant with its axes permuted: output axis i is input axis permutation[i]. */
export function transposeConstant({ data, shape }: ConstantValue, permutation: readonly number[]): ConstantData {
  const strides = stridesOf(shape);
  const [extents, steps] = [permutation.map((axis) => shape[axis]!), permutation.map((axis) => strides[axis]!)];
  return data instanceof BigInt64Array ? gather(data, extents, steps, data.slice()) : gather(data, extents, steps, data.slice());
}

/** `evaluate` on each tuple of elements of constants that broadcast to `shape` (all of its rank, or scalars). */
export function foldElementwise(constants: readonly ConstantValue[], shape: readonly number[], dtype: DType, evaluate: (...numbers: number[]) => number): ConstantData {
  const count = sizeOf(shape);
  const result = allocate(dtype, count);
  const columns = constants.map((constant) => operandOf(constant, shape));
  if (columns.length === 1) {
    const [a] = columns as [ArrayLike<number>];
    for (let i = 0; i < count; i++) result[i] = evaluate(a[i]!);
  } else if (columns.length === 2) {
    const [a, b] = columns as [ArrayLike<number>, ArrayLike<number>];
    for (let i = 0; i < count; i++) result[i] = evaluate(a[i]!, b[i]!);
  } else {
    for (let i = 0; i < count; i++) result[i] = evaluate(...columns.map((column) => column[i]!));
  }
  return result;
}

/** The elements of a constant, broadcast to `shape`. */
function operandOf({ data, dtype, splat, shape: own }: ConstantValue, shape: readonly number[]): ArrayLike<number> {
  if (data instanceof BigInt64Array || dtype === 'int64') throw new TypeError('an index list is no operand');
  const count = sizeOf(shape);
  if (data.length === count) return data; // equal rank and count: the same shape
  const expanded = fill(dtype, count, splat ?? 0);
  return splat === undefined ? gather(data, shape, stridesOf(own), expanded) : expanded;
}
