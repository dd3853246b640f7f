import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { applyView, dihedralViews, drawView, identityView, type DihedralView, type OfficialView } from '../../src/data/augment.ts';
import type { Raster } from '../../src/data/raster.ts';

interface RotateCase {
  readonly angle: 90 | 180 | 270;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly input: number[];
  readonly output: number[];
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/pillow.json', import.meta.url), 'utf8')) as { rotate: RotateCase[] };

/** 2 rows, 3 columns:  1 2 3 / 4 5 6 */
const image: Raster<1> = { width: 3, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
const view = (transpose: boolean, flipColumns: boolean, flipRows: boolean): DihedralView => ({ kind: 'dihedral', transpose, flipColumns, flipRows });

describe('the eight views', () => {
  test.each([
    [view(false, false, false), 3, [1, 2, 3, 4, 5, 6]],
    [view(false, true, false), 3, [3, 2, 1, 6, 5, 4]],
    [view(false, false, true), 3, [4, 5, 6, 1, 2, 3]],
    [view(false, true, true), 3, [6, 5, 4, 3, 2, 1]],
    [view(true, false, false), 2, [1, 4, 2, 5, 3, 6]],
    [view(true, true, false), 2, [4, 1, 5, 2, 6, 3]], // 90° clockwise
    [view(true, false, true), 2, [3, 6, 2, 5, 1, 4]], // 90° counter-clockwise
    [view(true, true, true), 2, [6, 3, 5, 2, 4, 1]],
  ])('%o', (which, width, expected) => {
    const seen = applyView(image, which);
    expect([...seen.data]).toEqual(expected);
    expect([seen.width, seen.height]).toEqual([width, 6 / width]);
  });

  test('are all different, and colours stay together', () => {
    expect(new Set(dihedralViews.map((each) => applyView(image, each).data.join())).size).toBe(8);
    const colour: Raster<3> = { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect([...applyView(colour, view(true, false, true)).data]).toEqual([4, 5, 6, 1, 2, 3]);
  });

  test('are drawn uniformly, as a function of the keys alone', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 8000; i++) {
      const drawn = drawView('default', 2025, 'teacher', 3, `sample-${i}`);
      expect(drawView('default', 2025, 'teacher', 3, `sample-${i}`)).toEqual(drawn);
      counts.set(JSON.stringify(drawn), (counts.get(JSON.stringify(drawn)) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
    expect(drawView('none', 2025, 'teacher', 3, 'a')).toBe(identityView);
  });
});

describe('the official views', () => {
  test('on a square image are the eight views, uniformly', () => {
    const square: Raster<1> = { width: 2, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4) };
    const counts = new Map<string, number>();
    for (let i = 0; i < 8000; i++) {
      const seen = applyView(square, drawView('official', 1, 'student', 0, i)).data.join();
      counts.set(seen, (counts.get(seen) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });

  test.each(fixture.rotate.map((item) => [`${item.angle}° of ${item.height}x${item.width}x${item.channels}`, item] as const))('rotate like Pillow: %s', (_, item) => {
    const rotation: OfficialView = { kind: 'official', flipColumns: false, flipRows: false, angle: item.angle };
    const rotated = applyView({ ...item, data: Uint8Array.from(item.input) }, rotation);
    expect([...rotated.data]).toEqual(item.output);
    expect([rotated.width, rotated.height]).toEqual([item.width, item.height]);
  });
});
