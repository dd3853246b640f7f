import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { extent, pointsForPixels, smoothed, valueAt } from '../../webview/shared/series.ts';

const random = new Random('series');
const noisy = (length: number): { x: number[]; y: number[] } => ({ x: Array.from({ length }, (_, i) => i), y: Array.from({ length }, () => random.normal()) });

describe('smoothing', () => {
  it('leaves a constant as it is, from its first point on', () => {
    const curve = { x: [0, 1, 2, 5, 9], y: [3, 3, 3, 3, 3] };
    for (const value of Array.from(smoothed(curve, 0.9, 100))) expect(value).toBeCloseTo(3, 12);
    expect(smoothed(curve, 0, 100)).toBe(curve.y);
  });

  it('is the debiased moving average of the formula', () => {
    const curve = { x: [0, 1, 3], y: [1, 2, 4] };
    const d = Math.sqrt(0.81) ** (1000 / 1000);
    const expected = [1, (d * 1 + 2) / (d + 1), (d ** 3 * 1 + d ** 2 * 2 + 4) / (d ** 3 + d ** 2 + 1)];
    Array.from(smoothed(curve, 0.81, 1000)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
  });

  it('shows a loss that is no number, and goes on after it', () => {
    const values = Array.from(smoothed({ x: [0, 1, 2], y: [1, NaN, 1] }, 0.5, 10));
    expect(values[1]).toBeNaN();
    expect(values[2]).toBeCloseTo(1, 12);
  });
});

describe('points for pixels', () => {
  it('are few, in order, and keep the extremes of every pixel column', () => {
    const curve = noisy(100_000);
    curve.y[54_321] = 99;
    const { x, y } = pointsForPixels(curve, 0, 99_999, 300);
    expect(x.length).toBeLessThanOrEqual(4 * 300 + 8);
    expect([...x].sort((a, b) => a - b)).toEqual(x);
    for (let pixel = 0; pixel < 300; pixel++) {
      const inPixel = (at: number): boolean => Math.floor((at / 99_999) * 300) === pixel;
      const all = curve.y.filter((_, i) => inPixel(i));
      const kept = y.filter((_, i) => inPixel(x[i]!)) as number[];
      expect([Math.min(...kept), Math.max(...kept)]).toEqual([Math.min(...all), Math.max(...all)]);
    }
  });

  it('of a part go on beyond its ends, and a gap stays one', () => {
    expect(pointsForPixels({ x: [0, 1, 2, 3, 4, 5], y: [1, 2, NaN, 4, 5, 6] }, 1.5, 3.5, 100)).toEqual({ x: [1, 2, 3, 4], y: [2, null, 4, 5] });
  });
});

describe('reading a curve', () => {
  it('takes the nearest point, and none beyond its ends', () => {
    const curve = { x: [0, 10, 20], y: [1, 2, 3] };
    expect([0, 4, 6, 19, 31].map((at) => valueAt(curve, at))).toEqual([1, 1, 2, 3, undefined]);
    expect(valueAt({ x: [], y: [] }, 0)).toBeUndefined();
  });

  it('knows the extent of a part', () => {
    expect(extent({ x: [0, 1, 2, 3], y: [9, 1, NaN, 4] }, 1, 3)).toEqual([1, 4]);
    expect(extent({ x: [0, 1], y: [NaN, NaN] }, 0, 1)).toBeUndefined();
  });
});
