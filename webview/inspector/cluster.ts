/** An order of channels in which similar ones are neighbours: average-linkage clustering of a correlation matrix. */
import type { Plane } from './plane.ts';

/** The channels, in the order of the dendrogram's leaves. O(n²), by chains of nearest neighbours. */
export function clusteredOrder({ rows: n, data }: Plane): Uint16Array {
  const similarity = new Float64Array(data);
  const size = new Float64Array(n).fill(1);
  const members: number[][] = Array.from({ length: n }, (_, i) => [i]);
  /** The first `count` are the clusters that are left, ascending. */
  const alive = Int32Array.from(members.keys());
  let count = n;
  const chain: number[] = [];
  while (count > 1) {
    if (chain.length === 0) chain.push(alive[0]!);
    for (;;) {
      const top = chain.at(-1)!;
      const previous = chain.at(-2);
      let best = previous ?? -1;
      let bestValue = previous === undefined ? -Infinity : similarity[top * n + previous]!;
      for (let i = 0; i < count; i++) {
        const other = alive[i]!;
        const value = similarity[top * n + other]!;
        if (other === top || !(value > bestValue)) continue;
        best = other;
        bestValue = value;
      }
      if (best === -1) best = alive[0] === top ? alive[1]! : alive[0]!; // all NaN
      if (best === previous) break;
      chain.push(best);
    }
    merge(chain.pop()!, chain.pop()!);
  }
  return Uint16Array.from(members[alive[0] ?? 0] ?? []);

  function merge(a: number, b: number): void {
    const total = size[a]! + size[b]!;
    for (let i = 0; i < count; i++) {
      const other = alive[i]!;
      if (other === a || other === b) continue;
      const average = (size[a]! * similarity[a * n + other]! + size[b]! * similarity[b * n + other]!) / total;
      similarity[a * n + other] = average;
      similarity[other * n + a] = average;
    }
    members[a] = joined(members[a]!, members[b]!);
    size[a] = total;
    const at = alive.indexOf(b);
    alive.copyWithin(at, at + 1, count--);
  }

  /** Of the four ways to lay two clusters side by side, the one whose touching ends are most alike. */
  function joined(a: readonly number[], b: readonly number[]): number[] {
    const alike = (i: number, j: number): number => data[i * n + j]!;
    const [aFirst, aLast, bFirst, bLast] = [a[0]!, a.at(-1)!, b[0]!, b.at(-1)!];
    const ways = [alike(aLast, bFirst), alike(aLast, bLast), alike(aFirst, bFirst), alike(aFirst, bLast)];
    const best = ways.indexOf(Math.max(...ways));
    return [...(best >= 2 ? a.toReversed() : a), ...(best % 2 === 1 ? b.toReversed() : b)];
  }
}
