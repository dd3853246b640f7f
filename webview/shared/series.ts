/** Curves before they are drawn: smoothing, thinning to the pixels there are, reading a value. Pure. */

export type Numbers = ArrayLike<number>;

/** The points of a curve; x ascends, y may be NaN. */
export interface Curve {
  readonly x: Numbers;
  readonly y: Numbers;
}

/** What `span` is divided into: a smoothing of s forgets by √s in each of these parts, whatever the number of points. */
const parts = 1000;

/**
 * Exponential moving average weighted by the distance of points, without the bias of its beginning (the "time-weighted EMA" of
 * experiment trackers): equal smoothing looks equal for runs of any length, and for thinned curves.
 * @param amount [0, 1); 0 leaves the curve as it is
 * @param span of the axis, in units of x
 */
export function smoothed({ x, y }: Curve, amount: number, span: number): Numbers {
  if (amount <= 0 || span <= 0) return y;
  const keep = Math.min(Math.sqrt(amount), 0.999);
  const result = new Float64Array(y.length);
  let sum = 0;
  let weight = 0;
  let lastX = NaN;
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!;
    if (!Number.isFinite(value)) {
      result[i] = value; // shown as it is, and forgotten by what follows
      continue;
    }
    const decay = Number.isNaN(lastX) ? 0 : keep ** (((x[i]! - lastX) / span) * parts);
    sum = sum * decay + value;
    weight = weight * decay + 1;
    result[i] = sum / weight;
    lastX = x[i]!;
  }
  return result;
}

/** The first index whose x is not below `at`. */
export function firstFrom(x: Numbers, at: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value of the point nearest to `at`; undefined beyond the curve's ends. */
export function valueAt({ x, y }: Curve, at: number): number | undefined {
  const { length } = x;
  if (length === 0) return undefined;
  const slack = length > 1 ? (x[length - 1]! - x[0]!) / (length - 1) : 1;
  if (at < x[0]! - slack || at > x[length - 1]! + slack) return undefined;
  const after = Math.min(firstFrom(x, at), length - 1);
  const nearest = after > 0 && at - x[after - 1]! < x[after]! - at ? after - 1 : after;
  return y[nearest];
}

/** Points as a plot takes them; null is a gap. */
export interface PlotPoints {
  readonly x: number[];
  readonly y: (number | null)[];
}

/**
 * The curve within [from, to] in at most four points a pixel column: its first, smallest, largest and last one (M4, Jugel et
 * al. 2014), so that the picture is that of all points and no peak is lost. One point beyond each end keeps the line going.
 */
export function pointsForPixels({ x, y }: Curve, from: number, to: number, pixels: number): PlotPoints {
  const begin = Math.max(0, firstFrom(x, from) - 1);
  let end = firstFrom(x, to);
  while (end < x.length && x[end]! <= to) end++;
  end = Math.min(x.length, end + 1);
  const points: PlotPoints = { x: [], y: [] };
  const add = (i: number): void => {
    points.x.push(x[i]!);
    points.y.push(Number.isFinite(y[i]!) ? y[i]! : null);
  };
  if (end - begin <= 4 * pixels || pixels <= 0 || to <= from) {
    for (let i = begin; i < end; i++) add(i);
    return points;
  }
  const columnOf = (i: number): number => Math.floor(((x[i]! - from) / (to - from)) * pixels);
  for (let i = begin; i < end; ) {
    const column = columnOf(i);
    const first = i;
    let low = -1;
    let high = -1;
    let gap = -1;
    for (; i < end && columnOf(i) === column; i++) {
      if (!Number.isFinite(y[i]!)) {
        if (gap === -1) gap = i;
        continue;
      }
      if (low === -1 || y[i]! < y[low]!) low = i;
      if (high === -1 || y[i]! > y[high]!) high = i;
    }
    const kept = new Set([first, low, high, gap, i - 1].filter((index) => index !== -1));
    for (const index of [...kept].sort((a, b) => a - b)) add(index);
  }
  return points;
}

/** The smallest and largest finite value with x in [from, to]; undefined where there is none. */
export function extent({ x, y }: Curve, from: number, to: number): readonly [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (let i = firstFrom(x, from); i < x.length && x[i]! <= to; i++) {
    const value = y[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}
