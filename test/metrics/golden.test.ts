import { describe, expect, test } from 'vitest';
import { createEvaluator } from '../../src/metrics/evaluator.ts';
import type { Evaluation, MetricsProtocol, Plane, Scores } from '../../src/metrics/metrics.ts';
import { rulesOf } from '../../src/metrics/rules.ts';
import { alignmentSum } from '../../src/metrics/selection.ts';
import { structureParts } from '../../src/metrics/structure.ts';
import { tallyOf } from '../../src/metrics/tally.ts';
import { binarised, goldenMasks, goldenPrediction, HEIGHT, WIDTH } from './planes.ts';

type Golden = Partial<Record<keyof Scores, number>>;

interface Case {
  readonly name: string;
  readonly prediction?: Float32Array;
  readonly mask: Plane;
  readonly scrkd448: Golden;
  readonly pysod: Golden;
}

/** Half a unit of the last digit of the [C] values, which were computed in float32. */
const FLOAT32 = 2e-7;

const cases: readonly Case[] = [
  {
    name: 'A: an object of 58 pixels',
    mask: goldenMasks.A,
    scrkd448: { mae: 0.1862867, maxF: 0.97416013, meanF: 0.80387062, s: 0.71156943, maxE: 0.9910453, meanE: 0.76316166 },
    pysod: { mae: 0.17196038, maxF: 0.97416021, meanF: 0.80341141, s: 0.61615213, maxE: 0.99104521, meanE: 0.76339716, adaptiveF: 0.19117647, adaptiveE: 0.27387527, weightedF: 0.82783919 },
  },
  {
    name: 'B: a soft mask',
    mask: goldenMasks.B,
    scrkd448: { mae: 0.11813578, maxF: 0.76252878, meanF: 0.70283502, s: 0.74781799, maxE: 0.78538293, meanE: 0.69818985, auc: 0.81957781 },
    pysod: { mae: 0.15133197, maxF: 0.99236641, meanF: 0.83586193, s: 0.66806676, maxE: 0.99985994, meanE: 0.78961122 },
  },
  {
    name: 'C: an empty mask',
    mask: goldenMasks.C,
    scrkd448: { mae: 0.58762896, maxF: 0, meanF: 0, s: 0.40671521, auc: 0 },
    pysod: { mae: 0.59176913, maxF: 0, meanF: 0, s: 0.40823087, maxE: 0.98319328, meanE: 0.41209296, weightedF: 0 },
  },
  {
    name: 'D: a full mask',
    mask: goldenMasks.D,
    scrkd448: { mae: 0.41237107, maxF: 1, meanF: 0.83677649, s: 0.59328479, maxE: 120 / 119, auc: 0 },
    pysod: { mae: 0.40823087, maxF: 1, meanF: 0.83523709, s: 0.59176913, maxE: 1.00840336, meanE: 0.5963104 },
  },
  {
    name: 'E: a constant map',
    prediction: new Float32Array(HEIGHT * WIDTH).fill(0.4),
    mask: goldenMasks.A,
    scrkd448: { mae: 0.49666664, maxF: 0.54876268, meanF: 0.00215201, s: 0.38333333, maxE: 30 / 119, meanE: 30 / 119, auc: 0.5 },
    pysod: { mae: 0.49666667, maxF: 0.54876274, meanF: 0.22079126, s: 0.39460784, maxE: 30 / 119, meanE: 30 / 119 },
  },
  {
    name: 'F: an object in the first column',
    mask: goldenMasks.F,
    scrkd448: { mae: 0.54900879, maxF: 0.52, meanF: 0.10413701, maxE: 0.94640583 },
    pysod: { maxF: 0.45882353, meanF: 0.10372485, s: 0.29572846, maxE: 0.91846925 },
  },
  {
    name: 'G: an object of one pixel',
    mask: goldenMasks.G,
    scrkd448: { mae: 0.58059525, maxF: 0.04024768, maxE: 0.99565828 },
    pysod: { maxF: 0.04290429, s: 0.26702233, maxE: 0.63184891 },
  },
  {
    name: 'H: an object in the last column',
    mask: goldenMasks.H,
    scrkd448: { mae: 0.59726334, maxF: 0.06459627, s: 0.25499627, maxE: 0.91993827 },
    pysod: { maxE: 0.87950201 },
  },
];

function evaluate(protocol: MetricsProtocol, { prediction = goldenPrediction, mask }: Pick<Case, 'prediction' | 'mask'>): Evaluation {
  const evaluator = createEvaluator(protocol);
  if (protocol === 'pysod') {
    const bytes = Uint8Array.from(prediction, (value) => Math.trunc(Math.fround(255 * value)));
    evaluator.add(bytes, binarised(mask), HEIGHT, WIDTH);
  } else evaluator.add(prediction, mask, HEIGHT, WIDTH);
  return evaluator.result();
}

function expectScores(actual: Scores, golden: Golden, tolerance: number): void {
  for (const [measure, value] of Object.entries(golden) as [keyof Scores, number][]) {
    expect(Math.abs((actual[measure] ?? NaN) - value), `${measure}: ${actual[measure]} instead of ${value}`).toBeLessThan(tolerance);
  }
}

describe('golden values', () => {
  test.each(cases)('$name', (item) => {
    expectScores(evaluate('scrkd448', item), item.scrkd448, FLOAT32);
    expectScores(evaluate('pysod', item), item.pysod, 5.1e-9);
  });

  test.each(cases)('every number is finite: $name', (item) => {
    for (const protocol of ['scrkd448', 'pysod'] as const) {
      const { curves, perImage } = evaluate(protocol, item);
      const scores = Object.values({ ...perImage[0]! }).filter((value) => typeof value === 'number');
      const points = [curves.precision, curves.recall, curves.falsePositiveRate, curves.f, curves.e].flatMap((curve) => [...curve]);
      expect(scores).toHaveLength(protocol === 'pysod' ? 10 : 9);
      expect([...scores, ...points].filter((value) => !Number.isFinite(value))).toEqual([]);
    }
  });
});

describe('case A in detail', () => {
  const evaluation = evaluate('scrkd448', { mask: goldenMasks.A });

  test('the mask has 58 pixels', () => expect(goldenMasks.A.filter((value) => value > 0)).toHaveLength(58));

  test('precision and recall at thresholds 64, 127 and 200', () => {
    const { precision, recall, f } = evaluation.curves;
    for (const [index, expected] of [[64, 0.69047618], [127, 0.82857144], [200, 0.96666664]] as const) {
      expect(precision[index]).toBeCloseTo(expected, 6);
      expect(recall[index]).toBe(1);
    }
    expect(f.indexOf(evaluation.maxF)).toBe(195);
  });

  test('area under the ROC curve: not below what the official code prints, whose sort leaves equal rates in any order', () => {
    expect(evaluation.auc).toBeCloseTo(0.99568963, 7);
    expect(evaluation.auc).toBeGreaterThan(0.99276972);
  });

  test('object and region parts of S, and where the image is split', () => {
    const rules = rulesOf('scrkd448');
    const parts = structureParts(rules.saliencyMap(goldenPrediction, HEIGHT, WIDTH), rules.mask(goldenMasks.A), rules.structure);
    expect(parts.object).toBeCloseTo(0.89123, 5);
    expect(parts.region).toBeCloseTo(0.53191, 5);
    expect(parts.centroid).toEqual({ x: 4, y: 3 });
  });
});

test('without the rule for empty and full masks every selection would have an E of about one quarter', () => {
  const rules = rulesOf('scrkd448');
  for (const plane of [goldenMasks.C, goldenMasks.D]) {
    const tally = tallyOf(rules.saliencyMap(goldenPrediction, HEIGHT, WIDTH), rules.mask(plane));
    const half = tally.maskCounts.map((count) => count / 2);
    expect(alignmentSum(half, tally.pixels / 2, tally) / (tally.pixels - 1)).toBeCloseTo(0.2521, 5);
  }
});
