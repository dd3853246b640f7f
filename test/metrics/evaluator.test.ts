import { describe, expect, test } from 'vitest';
import { MetricsError } from '../../src/metrics/errors.ts';
import { createEvaluator } from '../../src/metrics/evaluator.ts';
import { binaryMask } from '../../src/metrics/mask.ts';
import type { MetricsProtocol, Plane } from '../../src/metrics/metrics.ts';
import { postprocess } from '../../src/metrics/postprocess.ts';
import { goldenMasks, goldenPrediction, HEIGHT, WIDTH } from './planes.ts';

const PIXELS = HEIGHT * WIDTH;

function scoresOf(protocol: MetricsProtocol, map: Plane, mask: Plane): ReturnType<ReturnType<typeof createEvaluator>['add']> {
  return createEvaluator(protocol).add(map, mask, HEIGHT, WIDTH);
}

function reasonOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof MetricsError) return `${error.reason}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

describe('a set of images', () => {
  test('measures are means, curves are averaged before they are reduced', () => {
    const evaluator = createEvaluator('scrkd448');
    const a = evaluator.add(goldenPrediction, goldenMasks.A, HEIGHT, WIDTH, 'a');
    const f = evaluator.add(goldenPrediction, goldenMasks.F, HEIGHT, WIDTH, 'f');
    const both = evaluator.result();
    expect(both.images).toBe(2);
    expect(both.mae).toBeCloseTo((a.mae + f.mae) / 2, 12);
    expect(both.s).toBeCloseTo((a.s + f.s) / 2, 12);
    expect(both.meanF).toBeCloseTo((a.meanF + f.meanF) / 2, 12);
    expect(both.maxF).toBeLessThan((a.maxF + f.maxF) / 2 - 0.01);
    expect(both.perImage.map((image) => image.id)).toEqual(['a', 'f']);
  });

  test('images go by their running number when unnamed, and a result is a snapshot', () => {
    const evaluator = createEvaluator('pysod');
    evaluator.add(goldenPrediction, goldenMasks.A, HEIGHT, WIDTH);
    const first = evaluator.result();
    evaluator.add(goldenPrediction, goldenMasks.C, HEIGHT, WIDTH);
    expect(first.perImage.map((image) => image.id)).toEqual(['0']);
    expect(evaluator.result().degenerate).toEqual({ 'empty-mask': ['1'], 'faint-mask': [], 'full-mask': [], 'constant-map': [] });
  });

  test('thresholds ascend from 0 to 1', () => {
    for (const [protocol, count] of [['scrkd448', 255], ['pysod', 256]] as const) {
      const evaluator = createEvaluator(protocol);
      evaluator.add(goldenPrediction, goldenMasks.A, HEIGHT, WIDTH);
      const { thresholds } = evaluator.result().curves;
      expect([thresholds.length, thresholds[0], thresholds.at(-1)]).toEqual([count, 0, 1]);
    }
  });
});

describe('degenerate images', () => {
  test('nothing found where nothing is: perfect under scrkd448, F = 0 under pysod', () => {
    const black = new Uint8Array(PIXELS);
    expect(scoresOf('scrkd448', black, black)).toMatchObject({ mae: 0, maxF: 1, meanF: 1, adaptiveF: 1, s: 1, degenerate: ['empty-mask', 'constant-map'] });
    expect(scoresOf('pysod', black, black)).toMatchObject({ mae: 0, maxF: 0, s: 1 });
  });

  test('a soft mask that never reaches one half counts as empty for S only', () => {
    const faint = Uint8Array.from(goldenMasks.A, (value) => value / 3);
    const scores = scoresOf('scrkd448', goldenPrediction, faint);
    expect(scores.degenerate).toEqual(['faint-mask']);
    expect(scores.s).toBeCloseTo(scoresOf('scrkd448', goldenPrediction, goldenMasks.C).s, 12);
    expect(scores.maxF).toBeGreaterThan(0.3);
  });

  test('a mask that is object everywhere but not fully has no background to be similar to', () => {
    const strong = new Uint8Array(PIXELS).fill(200);
    const { s, degenerate } = scoresOf('scrkd448', goldenPrediction, strong);
    expect(degenerate).toEqual([]);
    expect(s).toBeGreaterThan(0);
    expect(s).toBeLessThan(1);
  });

  test('an image of one pixel', () => {
    for (const protocol of ['scrkd448', 'pysod'] as const) {
      const scores = createEvaluator(protocol).add(Uint8Array.of(90), Uint8Array.of(255), 1, 1);
      expect(Object.values({ ...scores }).filter((value) => typeof value === 'number' && !Number.isFinite(value))).toEqual([]);
    }
  });
});

describe('kinds of input', () => {
  test.each([0, 1, 2, 3])('a binary mask, for every byte, %i bytes into its memory', (offset) => {
    const bytes = Uint8Array.from({ length: 259 }, (_, i) => (i * 37) & 255);
    const plane = new Uint8Array(new ArrayBuffer(offset + bytes.length), offset);
    plane.set(bytes);
    const { foreground, foregroundCount } = binaryMask(plane);
    expect([...foreground]).toEqual([...bytes].map((byte) => (byte > 128 ? 1 : 0)));
    expect(foregroundCount).toBe(bytes.filter((byte) => byte > 128).length);
  });

  test('bytes and the same numbers in [0, 1] give the same scores', () => {
    const bytes = Uint8Array.from(goldenPrediction, (value) => Math.round(255 * value));
    const numbers = Float32Array.from(bytes, (value) => value / 255);
    const softBytes = Uint8Array.from(goldenMasks.B, (value) => Math.round(255 * value));
    const softNumbers = Float32Array.from(softBytes, (value) => value / 255);
    for (const protocol of ['scrkd448', 'pysod'] as const) {
      const fromBytes = scoresOf(protocol, bytes, softBytes);
      const fromNumbers = scoresOf(protocol, numbers, softNumbers);
      for (const measure of ['mae', 'maxF', 'meanF', 'adaptiveF', 's', 'maxE', 'meanE', 'adaptiveE', 'auc'] as const) {
        expect(fromNumbers[measure]).toBeCloseTo(fromBytes[measure], 6);
      }
    }
  });

  test('a map that equals the mask is perfect', () => {
    for (const protocol of ['scrkd448', 'pysod'] as const) {
      const { mae, maxF, s, auc } = scoresOf(protocol, goldenMasks.A, goldenMasks.A);
      expect([mae, maxF]).toEqual([0, 1]);
      expect(s).toBeCloseTo(1, 12);
      expect(auc).toBe(1);
    }
  });

  test('sizes and values that cannot be are refused by name', () => {
    const evaluator = createEvaluator('pysod');
    const mask = goldenMasks.A;
    expect(reasonOf(() => evaluator.add(goldenPrediction, mask, HEIGHT, WIDTH + 1, 'ship'))).toMatch(/^shape: The map of image "ship" has 120 values; 12 x 11 needs 132\.$/);
    expect(reasonOf(() => evaluator.add(goldenPrediction, mask.subarray(1), HEIGHT, WIDTH, 'ship'))).toMatch(/^shape: The mask of image "ship"/);
    expect(reasonOf(() => evaluator.add(goldenPrediction, mask, 2.5, 48))).toMatch(/^shape: .*2\.5 x 48/);
    const broken = goldenPrediction.slice();
    broken[23] = NaN;
    expect(reasonOf(() => evaluator.add(broken, mask, HEIGHT, WIDTH, 'ship'))).toMatch(/^value: .*"ship" holds NaN at row 2, column 3/);
    broken[23] = 1.5;
    expect(reasonOf(() => evaluator.add(broken, mask, HEIGHT, WIDTH))).toMatch(/^value: .*1\.5/);
    expect(reasonOf(() => evaluator.result())).toMatch(/^no-images/);
  });
});

describe('postprocess, the map that the official code saves', () => {
  test('stretches to the full range and truncates', () => {
    expect([...postprocess(Float32Array.of(0.1, 0.35, 0.6, 0.5999))]).toEqual([0, 127, 255, 254]);
  });

  test('a map that never exceeds a quarter holds nothing', () => {
    expect([...postprocess(Float32Array.of(0.1, 0.2, 0.2499))]).toEqual([0, 0, 0]);
    expect([...postprocess(Float32Array.of(0.1, 0.25))]).toEqual([0, 63]);
  });

  test('a constant map is black', () => expect([...postprocess(Float32Array.of(0.7, 0.7))]).toEqual([0, 0]));
});
