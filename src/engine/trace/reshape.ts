import { sameShape } from '../host-tensor.ts';
import { type Graph, reshapeValue } from './graph.ts';
import { type Symbolic, dense, dtypeOf, iota, isIota, splat, splatOf } from './symbolic.ts';

/** Axes of the old and the new shape whose products are equal: the reshape happens inside the group. */
interface Group {
  readonly from: number[];
  readonly to: number[];
}

/** Splits two shapes into the smallest groups of consecutive axes of equal product. */
function groupsOf(from: readonly number[], to: readonly number[]): Group[] {
  const groups: Group[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    const group: Group = { from: [], to: [] };
    let fromSize = 1;
    let toSize = 1;
    const takeFrom = (): void => { fromSize *= from[i]!; group.from.push(i++); };
    const takeTo = (): void => { toSize *= to[j]!; group.to.push(j++); };
    if (i < from.length) takeFrom();
    if (j < to.length) takeTo();
    while (fromSize !== toSize) {
      if (fromSize < toSize) takeFrom();
      else takeTo();
    }
    groups.push(group);
  }
  return groups;
}

/**
 * A reshape that keeps the storage order where it can: a group of axes that lies together and in order is reshaped in place,
 * wherever it lies, and axes that merely gain or lose a unit extent do not move. Otherwise one transpose brings each group together.
 */
export function reshape(graph: Graph, x: Symbolic, shape: readonly number[]): Symbolic {
  const number = splatOf(x);
  if (number !== undefined) return splat(graph, number, shape, dtypeOf(x));
  if (sameShape(x.shape, shape)) return x;
  if ((isIota(x.order) && sameShape(x.value.shape, x.shape)) || shape.includes(0)) {
    return { value: reshapeValue(graph, dense(graph, x, iota(x.shape.length)), shape), order: iota(shape.length), shape };
  }

  const groups = groupsOf(x.shape, shape);
  const holdsData = (axis: number): boolean => x.shape[axis]! > 1; // unit axes lie anywhere
  const dataAxes = (group: Group): number[] => group.from.filter(holdsData);
  const position = (axis: number): number => x.order.indexOf(axis);
  const isPending = (axis: number): boolean => x.value.shape[position(axis)] === 1;

  const full = groups.filter((group) => dataAxes(group).length > 0);
  const stored = [...full].sort((a, b) => position(dataAxes(a)[0]!) - position(dataAxes(b)[0]!));
  const contiguous = sameShape(stored.flatMap(dataAxes), x.order.filter(holdsData));
  const broadcastsWhole = stored.every((group) => !dataAxes(group).some(isPending) || dataAxes(group).every(isPending));
  if (!contiguous || !broadcastsWhole) {
    const first = (group: Group): number => Math.min(...dataAxes(group).map(position));
    const nearest = [...full].sort((a, b) => first(a) - first(b));
    const order = [...nearest.flatMap(dataAxes), ...iota(x.shape.length).filter((axis) => !holdsData(axis))];
    const value = dense(graph, x, order);
    return reshape(graph, { value, order, shape: x.shape }, shape);
  }

  const order = stored.flatMap((group) => group.to);
  for (const group of groups) {
    if (dataAxes(group).length > 0) continue;
    for (const axis of group.to) { // a unit axis goes in front of the first later axis, to stay near row-major
      const later = order.findIndex((other) => other > axis);
      order.splice(later < 0 ? order.length : later, 0, axis);
    }
  }
  const pending = new Set(stored.filter((group) => dataAxes(group).some(isPending)).flatMap((group) => group.to));
  return { value: reshapeValue(graph, x.value, order.map((axis) => (pending.has(axis) ? 1 : shape[axis]!))), order, shape };
}
