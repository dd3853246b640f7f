/** The maps and masks of fixtures/pysod.py, from the same whole-number formulas. */
import type { Plane } from '../../src/metrics/metrics.ts';

type Formula = (height: number, width: number) => (y: number, x: number) => number | boolean;

/** A hash of the pixel's running number, 32 bits. */
export function noiseWord(index: number): number {
  let word = Math.imul(index + 1, 2654435761) >>> 0;
  word = (word ^ (word >>> 15)) >>> 0;
  word = Math.imul(word, 2246822519) >>> 0;
  return (word ^ (word >>> 13)) >>> 0;
}

const noise =
  (reduce: (word: number) => number | boolean): Formula =>
  (_height, width) =>
  (y, x) =>
    reduce(noiseWord(y * width + x));

const squaredDistance = (height: number, width: number, down: number, right: number, y: number, x: number): number =>
  (8 * y - height * down) ** 2 + (8 * x - width * right) ** 2;

const disc =
  (down: number, right: number, share: number) =>
  (height: number, width: number) =>
  (y: number, x: number): boolean =>
    squaredDistance(height, width, down, right, y, x) < Math.floor((Math.min(height, width) * share) / 2) ** 2;

export const slope =
  (down: number, right: number) =>
  (height: number, width: number) =>
  (y: number, x: number): number =>
    Math.floor(255_000 / (1000 + Math.floor(squaredDistance(height, width, down, right, y, x) / 8)));

const pixel =
  (row: (height: number) => number, column: (width: number) => number) =>
  (height: number, width: number) =>
  (y: number, x: number): boolean =>
    y === row(height) && x === column(width);

const masks: Readonly<Record<string, Formula>> = {
  empty: () => () => false,
  full: () => () => true,
  'one pixel': pixel((height) => Math.floor(height / 3), (width) => Math.floor(width / 2)),
  'corner pixel': pixel((height) => height - 1, (width) => width - 1),
  disc: disc(3, 5, 7),
  'two discs': (height, width) => (y, x) => disc(2, 2, 4)(height, width)(y, x) || disc(6, 6, 3)(height, width)(y, x),
  'first column': () => (_y, x) => x === 0,
  'all but one': (height, width) => (y, x) => !(y === Math.floor(height / 2) && x === Math.floor(width / 4)),
  noise: noise((word) => word % 5 === 0),
};

const maps: Readonly<Record<string, Formula>> = {
  noise: noise((word) => word % 256),
  blurred: slope(3, 5),
  'blurred elsewhere': slope(6, 2),
  'narrow range': (height, width) => (y, x) => 100 + Math.floor(slope(3, 4)(height, width)(y, x) / 23),
  binary: (height, width) => (y, x) => (disc(4, 5, 7)(height, width)(y, x) ? 255 : 0),
  'two grays': (height, width) => (y, x) => (disc(3, 4, 6)(height, width)(y, x) ? 130 : 40),
  inverted: (height, width) => (y, x) => 255 - slope(3, 5)(height, width)(y, x),
  black: () => () => 0,
  'gray 77': () => () => 77,
  'gray 128': () => () => 128,
  white: () => () => 255,
};

export interface HardCase {
  readonly height: number;
  readonly width: number;
  readonly map: Plane;
  readonly mask: Plane;
}

/** @param name as in pysod.json: "HxW, mask NAME, map NAME" */
export function hardCase(name: string): HardCase {
  const match = /^(\d+)x(\d+), mask (.+), map (.+)$/.exec(name);
  const mask = masks[match?.[3] ?? ''];
  const map = maps[match?.[4] ?? ''];
  if (!match || !mask || !map) throw new Error(`no such case: ${name}`);
  const height = Number(match[1]);
  const width = Number(match[2]);
  return { height, width, map: draw(map, height, width), mask: draw(mask, height, width) };
}

function draw(formula: Formula, height: number, width: number): Uint8Array {
  const valueAt = formula(height, width);
  return Uint8Array.from({ length: height * width }, (_, i) => {
    const value = valueAt(Math.floor(i / width), i % width);
    return typeof value === 'number' ? value : value ? 255 : 0;
  });
}
