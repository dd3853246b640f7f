/** Planes whose numbers are made when they are needed: most pictures are painted once, and then only their colours are used again. */
import type { Plane } from './plane.ts';

/** 4 bytes each of the values that all lazy planes together keep. */
const maxValues = 12 * 1024 * 1024;

/** Most recently used last. */
const kept = new Map<LazyPlane, Float32Array>();
let keptValues = 0;

/** A plane of a known size. Its numbers are let go of when others need the room, and made again when they are asked for again. */
export class LazyPlane implements Plane {
  constructor(
    readonly rows: number,
    readonly columns: number,
    private readonly make: () => Float32Array,
    private readonly one?: (row: number, column: number) => number,
  ) {}

  get data(): Float32Array {
    const known = kept.get(this);
    if (known !== undefined) {
      kept.delete(this);
      kept.set(this, known);
      return known;
    }
    const made = this.make();
    kept.set(this, made);
    keptValues += made.length;
    for (const [oldest, values] of kept) {
      if (keptValues <= maxValues || oldest === this) break;
      kept.delete(oldest);
      keptValues -= values.length;
    }
    return made;
  }

  /** One number, without making the others where there is a way. */
  at(row: number, column: number): number {
    return this.one === undefined || kept.has(this) ? this.data[row * this.columns + column]! : this.one(row, column);
  }
}

/** For another sample: the numbers of the last one are not asked for again. */
export function forgetValues(): void {
  kept.clear();
  keptValues = 0;
}

/**
 * Planes computed of others, one for each way: the same plane as long as the sources are the same.
 * @param way what is computed, with its parameters; the last `maxWays` of a source are kept
 */
export function derived(source: Plane, way: string, make: (source: Plane) => Plane | LazyPlane): Plane {
  const known = ways.get(source) ?? new Map<string, Plane>();
  ways.set(source, known);
  const plane = known.get(way);
  if (plane !== undefined) return plane;
  const made = make(source);
  known.set(way, made);
  if (known.size > maxWays) known.delete(known.keys().next().value!);
  return made;
}

const ways = new WeakMap<Plane, Map<string, Plane>>();
const maxWays = 6;
