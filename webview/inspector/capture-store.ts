/** The captures of one sample, packed as they came, within a bound of bytes; unpacked when they are shown. */
import { decodeFloat16 } from '../../src/formats/float16.ts';
import type { ArmRole, PackedView, PictureProblem } from '../../src/protocol/inspector.ts';
import { unpackTriangles } from '../../src/runs/symmetric.ts';
import { forgetValues, LazyPlane } from './lazy-plane.ts';
import type { Plane } from './plane.ts';

/** Why a picture cannot be shown. */
export interface Gap {
  readonly problem: PictureProblem | 'loading';
  readonly message: string;
}

export interface StoredCapture {
  readonly views: ReadonlyMap<string, PackedView>;
  readonly halves: Uint16Array;
}

/** Every float16's value, by its bits. */
const float16Values = decodeFloat16(new Uint16Array(65_536).map((_, bits) => bits));

export class CaptureStore {
  readonly #captures = new Map<string, StoredCapture | Gap>();
  /** By capture, then view: a plane is the same object for as long as its capture is kept, and what is derived of it hangs on that. */
  readonly #planes = new Map<string, Map<string, Plane>>();
  #bytes = 0;
  /** Grows with every change. */
  version = 0;

  constructor(readonly limit: number) {}

  get keys(): string[] {
    return [...this.#captures.keys()];
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(role: ArmRole, epoch: number): boolean {
    return this.#captures.has(keyOf(role, epoch));
  }

  /** Whether there is a capture, and not the reason why there is none. */
  isReadable(role: ArmRole, epoch: number): boolean {
    return 'views' in (this.#captures.get(keyOf(role, epoch)) ?? {});
  }

  /** Keeps a capture; drops the ones farthest from `around` when the bound is passed. */
  add(role: ArmRole, epoch: number, views: readonly PackedView[], bytes: ArrayBuffer, around: number): void {
    this.remove(keyOf(role, epoch));
    this.#captures.set(keyOf(role, epoch), { views: new Map(views.map((view) => [view.name, view])), halves: new Uint16Array(bytes) });
    this.#bytes += bytes.byteLength;
    this.version++;
    if (this.#bytes <= this.limit) return;
    const distant = this.keys.filter((key) => key !== keyOf(role, epoch)).sort((a, b) => Math.abs(epochOf(b) - around) - Math.abs(epochOf(a) - around));
    for (const key of distant) {
      if (this.#bytes <= this.limit) break;
      if (epochOf(key) !== around) this.remove(key);
    }
  }

  addGap(role: ArmRole, epoch: number, gap: Gap): void {
    this.remove(keyOf(role, epoch));
    this.#captures.set(keyOf(role, epoch), gap);
    this.version++;
  }

  remove(key: string): void {
    const capture = this.#captures.get(key);
    if (capture === undefined) return;
    if ('halves' in capture) this.#bytes -= capture.halves.byteLength;
    this.#captures.delete(key);
    this.#planes.delete(key);
  }

  /** For another sample, or other operands. */
  clear(): void {
    this.#captures.clear();
    this.#planes.clear();
    forgetValues();
    this.#bytes = 0;
    this.version++;
  }

  /** The names of a capture's views; none of a gap. */
  names(role: ArmRole, epoch: number): string[] {
    const capture = this.#captures.get(keyOf(role, epoch));
    return capture !== undefined && 'views' in capture ? [...capture.views.keys()] : [];
  }

  /** Of all captures. */
  allNames(): string[] {
    const names = new Set<string>();
    for (const capture of this.#captures.values()) if ('views' in capture) for (const name of capture.views.keys()) names.add(name);
    return [...names];
  }

  hasView(role: ArmRole, epoch: number, name: string): boolean {
    const capture = this.#captures.get(keyOf(role, epoch));
    return capture !== undefined && 'views' in capture && capture.views.has(name);
  }

  /** One view, whole and in float32; axes before the last two must be of length 1, a trailing axis of length 1 is dropped. */
  plane(role: ArmRole, epoch: number, name: string): Plane | Gap | undefined {
    const capture = this.#captures.get(keyOf(role, epoch));
    if (capture === undefined || 'problem' in capture) return capture;
    const view = capture.views.get(name);
    if (view === undefined) return undefined;
    const key = keyOf(role, epoch);
    const planes = this.#planes.get(key) ?? new Map<string, Plane>();
    this.#planes.set(key, planes);
    const plane = planes.get(name) ?? planeOf(view, capture.halves);
    planes.set(name, plane);
    return plane;
  }

  /** Mean |a − b| of two symmetric matrices or maps, from their packed values; undefined where one is not there, NaN where sizes differ. */
  distance(a: { role: ArmRole; epoch: number; name: string }, b: { role: ArmRole; epoch: number; name: string }): number | undefined {
    const [first, second] = [this.#packed(a), this.#packed(b)];
    if (first === undefined || second === undefined) return undefined;
    if (first.view.length !== second.view.length || first.view.symmetric !== second.view.symmetric) return Number.NaN;
    const [x, y] = [first.halves, second.halves];
    const [dx, dy] = [first.view.offset, second.view.offset];
    const [sx, sy] = [2 ** first.view.exponent, 2 ** second.view.exponent];
    const { length, symmetric, shape } = first.view;
    let sum = 0;
    for (let i = 0; i < length; i++) sum += Math.abs(sx * float16Values[x[dx + i]!]! - sy * float16Values[y[dy + i]!]!);
    if (!symmetric) return sum / length;
    const n = shape.at(-1)!;
    let diagonal = 0;
    for (let row = 0, i = 0; row < n; i += n - row, row++) diagonal += Math.abs(sx * float16Values[x[dx + i]!]! - sy * float16Values[y[dy + i]!]!);
    return (2 * sum - diagonal) / (n * n);
  }

  #packed({ role, epoch, name }: { role: ArmRole; epoch: number; name: string }): { view: PackedView; halves: Uint16Array } | undefined {
    const capture = this.#captures.get(keyOf(role, epoch));
    if (capture === undefined || 'problem' in capture) return undefined;
    const view = capture.views.get(name);
    return view && { view, halves: capture.halves };
  }
}

export function isGap(value: Plane | Gap | undefined): value is Gap {
  return value !== undefined && 'problem' in value;
}

export function keyOf(role: ArmRole, epoch: number): string {
  return `${role}/${epoch}`;
}

function epochOf(key: string): number {
  return Number(key.slice(key.indexOf('/') + 1));
}

function planeOf({ shape, symmetric, exponent, offset, length }: PackedView, halves: Uint16Array): Plane {
  const scale = 2 ** exponent;
  const sides = shape.at(-1) === 1 && shape.length > 2 ? shape.slice(0, -1) : shape;
  const [rows = 1, columns = 1] = sides.slice(-2);
  const valueOf = (i: number): number => Math.fround(scale * float16Values[halves[offset + i]!]!);
  return new LazyPlane(
    rows,
    columns,
    () => {
      const values = new Float32Array(length);
      for (let i = 0; i < length; i++) values[i] = scale * float16Values[halves[offset + i]!]!;
      return symmetric ? unpackTriangles(values, columns) : values;
    },
    (row, column) => {
      if (!symmetric) return valueOf(row * columns + column);
      // Row by row from the diagonal on: those before `first` hold columns + (columns − 1) + … values.
      const [first, second] = row < column ? [row, column] : [column, row];
      return valueOf(first * columns - (first * (first - 1)) / 2 + second - first);
    },
  );
}
