/**
 * From numbers to pixels, in two halves: which of 256 colours each pixel has (once for each picture and size, kept), and the colours
 * themselves (every time). So going through the epochs costs looking colours up, and another colour map nothing more.
 */
import { colourIndex, type Colours } from './colour.ts';
import { planeId, reduce, tapsOf, type Plane, type Span, type Taps } from './plane.ts';

/** The part of a plane that is shown, as shares of its sides. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export const wholeWindow: Window = { x: 0, y: 0, size: 1 };

export interface Picture {
  readonly plane: Plane;
  readonly low: number;
  readonly high: number;
  readonly colours: Colours;
  /** The row and column at each place, of matrices that are reordered. */
  readonly order: ArrayLike<number> | undefined;
  readonly window: Window;
}

/** The colour of every pixel as its number; `holes` are the pixels without a value. */
interface Steps {
  readonly steps: Uint8Array;
  readonly holes: readonly number[];
}

/** Bytes of the steps that are kept: a hundred epochs of a full PSPNet's matrices on a screen of double density. */
export const maxStepBytes = 128 * 1024 * 1024;
/** Least recently used first. */
const painted = new Map<string, Steps>();
let paintedBytes = 0;

/**
 * Draws a picture into `image`, whatever its size: nearest neighbour enlarged, area average shrunk. NaN is left transparent.
 * @param keeps false for what is drawn once, on paper
 */
export function paint(image: ImageData, picture: Picture, keeps = true): void {
  const { steps, holes } = (keeps ? stepsOf : step)(picture, image.width, image.height);
  const { colours } = picture;
  const words = new Uint32Array(image.data.buffer, image.data.byteOffset, steps.length);
  for (let i = 0; i < words.length; i++) words[i] = colours[steps[i]!]!;
  for (const hole of holes) words[hole] = 0;
}

/** Makes a picture ready for being painted at once, where there is room for one more. */
export function prepare(picture: Picture, width: number, height: number): void {
  if (paintedBytes + width * height <= maxStepBytes && !painted.has(keyOf(picture, width, height))) stepsOf(picture, width, height);
}

/** For another sample. */
export function forgetPainted(): void {
  painted.clear();
  paintedBytes = 0;
}

function keyOf({ plane, low, high, order, window }: Picture, width: number, height: number): string {
  return `${planeId(plane)} ${low} ${high} ${order === undefined ? '' : idOf(order)} ${window.x} ${window.y} ${window.size} ${width} ${height}`;
}

function stepsOf(picture: Picture, width: number, height: number): Steps {
  const key = keyOf(picture, width, height);
  const known = painted.get(key);
  if (known !== undefined) {
    painted.delete(key);
    painted.set(key, known);
    return known;
  }
  const made = step(picture, width, height);
  painted.set(key, made);
  paintedBytes += made.steps.length;
  for (const [oldest, { steps }] of painted) {
    if (paintedBytes <= maxStepBytes || oldest === key) break;
    painted.delete(oldest);
    paintedBytes -= steps.length;
  }
  return made;
}

function step({ plane, low, high, order, window }: Picture, width: number, height: number): Steps {
  const rows = taps({ start: window.y * plane.rows, length: window.size * plane.rows }, height, order);
  const columns = taps({ start: window.x * plane.columns, length: window.size * plane.columns }, width, order);
  const { data } = reduce(plane, rows, columns);
  const steps = new Uint8Array(data.length);
  const holes: number[] = [];
  for (let i = 0; i < data.length; i++) {
    const index = colourIndex(data[i]!, low, high);
    if (index < 0) holes.push(i);
    else steps[i] = index;
  }
  return { steps, holes };
}

/** Sampling plans are shared by all pictures of a size; a few are in use at a time. */
const plans = new Map<string, { order: ArrayLike<number> | undefined; taps: Taps }>();
const maxPlans = 128;

function taps(span: Span, outputs: number, order: ArrayLike<number> | undefined): Taps {
  const key = `${span.start} ${span.length} ${outputs} ${order === undefined ? '' : idOf(order)}`;
  const known = plans.get(key);
  if (known !== undefined && known.order === order) return known.taps;
  const made = tapsOf(span, outputs, order);
  plans.set(key, { order, taps: made });
  if (plans.size > maxPlans) plans.delete(plans.keys().next().value!);
  return made;
}

const orderIds = new WeakMap<ArrayLike<number>, number>();
let nextOrderId = 0;

function idOf(order: ArrayLike<number>): number {
  const known = orderIds.get(order);
  if (known !== undefined) return known;
  orderIds.set(order, ++nextOrderId);
  return nextOrderId;
}
