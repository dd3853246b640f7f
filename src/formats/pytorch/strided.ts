import { allocate, elementCount, type TensorData } from '../dtypes.ts';
import type { PickledTensor } from './pickled.ts';

/** The elements of its storage that a tensor sees: [first, end). Empty for a tensor without elements. */
export function seenRange({ offset, shape, strides }: PickledTensor): { first: number; end: number } {
  if (shape.includes(0)) return { first: offset, end: offset };
  return { first: offset, end: offset + 1 + shape.reduce((last, side, i) => last + (side - 1) * strides[i]!, 0) };
}

/** Whether the elements lie one after another in row-major order; the stride of a side of one element does not matter. */
export function isContiguous({ shape, strides }: PickledTensor): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/**
 * A view's elements in row-major order.
 * @param seen the storage's elements of `seenRange`
 */
export function gather(tensor: PickledTensor, seen: TensorData): TensorData {
  const { shape, strides, storage } = tensor;
  const gathered = allocate(storage.dtype, elementCount(shape));
  const index = shape.map(() => 0);
  let at = 0;
  for (let i = 0; i < gathered.length; i++) {
    gathered[i] = seen[at]!;
    // The next position, like the digits of a counter.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return gathered;
}
