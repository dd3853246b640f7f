import type { Tally } from './tally.ts';

/** β² of the F-measure: precision counts more than recall. */
const BETA_SQUARED = 0.3;

/** How well one binary selection of pixels fits the mask. */
export interface SelectionScores {
  readonly precision: number;
  readonly recall: number;
  readonly falsePositiveRate: number;
  readonly f: number;
  readonly e: number;
}

/** Per threshold, ascending. */
export interface SelectionCurves {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly falsePositiveRate: Float64Array;
  readonly f: Float64Array;
  readonly e: Float64Array;
}

/**
 * Scores a selection given as counts: how many pixels of each mask value are selected.
 * A soft mask counts by its values: TP = Σ b·g, FP = Σ b·(1−g).
 */
export function scoreSelection(selectedOf: Float64Array, tally: Tally): SelectionScores {
  const { maskValues, maskMean, pixels } = tally;
  let selected = 0;
  let truePositive = 0;
  for (let k = 0; k < maskValues.length; k++) {
    selected += selectedOf[k]!;
    truePositive += selectedOf[k]! * maskValues[k]!;
  }
  const positive = maskMean * pixels;
  const negative = pixels - positive;
  const precision = selected > 0 ? truePositive / selected : 0;
  const recall = positive > 0 ? truePositive / positive : 0;
  return {
    precision,
    recall,
    falsePositiveRate: negative > 0 ? (selected - truePositive) / negative : 0,
    f: truePositive > 0 ? ((1 + BETA_SQUARED) * precision * recall) / (BETA_SQUARED * precision + recall) : 0,
    e: enhancedAlignment(selectedOf, selected, tally),
  };
}

/**
 * E-measure of one selection: φ = value − mean of the selection b and of the mask g, a = 2·φ_b·φ_g / (φ_b² + φ_g²),
 * Σ (a+1)²/4 / (HW−1). An empty mask rewards unselected pixels, a full one selected pixels (without this rule, which
 * the official SCRKD code lacks, a = 0 everywhere and every selection would score about one quarter).
 */
function enhancedAlignment(selectedOf: Float64Array, selected: number, tally: Tally): number {
  const denominator = Math.max(tally.pixels - 1, 1);
  if (tally.maskMean === 0) return (tally.pixels - selected) / denominator;
  if (tally.maskMean === 1) return selected / denominator;
  return alignmentSum(selectedOf, selected, tally) / denominator;
}

/** Σ over pixels of (a+1)²/4, without the rule for empty and full masks. */
export function alignmentSum(selectedOf: Float64Array, selected: number, { maskValues, maskCounts, maskMean, pixels }: Tally): number {
  const share = selected / pixels;
  let sum = 0;
  for (let k = 0; k < maskValues.length; k++) {
    const count = maskCounts[k]!;
    if (count === 0) continue;
    const deviation = maskValues[k]! - maskMean;
    const inside = selectedOf[k]!;
    sum += inside * alignment(1 - share, deviation) + (count - inside) * alignment(-share, deviation);
  }
  return sum;
}

function alignment(b: number, g: number): number {
  const squares = b * b + g * g;
  const a = squares > 0 ? (2 * b * g) / squares : 0;
  return ((a + 1) * (a + 1)) / 4;
}

/** The scores of the selections p ≥ threshold for every threshold. */
export function selectionCurves(tally: Tally, thresholdCount: number): SelectionCurves {
  const { groups } = tally;
  const values = tally.maskValues.length;
  const histogram = new Uint32Array(thresholdCount * values);
  for (let g = 0; g < groups.count.length; g++) histogram[groups.level[g]! * values + groups.mask[g]!]! += groups.count[g]!;

  const curves = emptyCurves(thresholdCount);
  const selectedOf = new Float64Array(values);
  for (let j = thresholdCount - 1; j >= 0; j--) {
    for (let k = 0; k < values; k++) selectedOf[k]! += histogram[j * values + k]!;
    const scores = scoreSelection(selectedOf, tally);
    curves.precision[j] = scores.precision;
    curves.recall[j] = scores.recall;
    curves.falsePositiveRate[j] = scores.falsePositiveRate;
    curves.f[j] = scores.f;
    curves.e[j] = scores.e;
  }
  return curves;
}

export function emptyCurves(thresholdCount: number): SelectionCurves {
  return {
    precision: new Float64Array(thresholdCount),
    recall: new Float64Array(thresholdCount),
    falsePositiveRate: new Float64Array(thresholdCount),
    f: new Float64Array(thresholdCount),
    e: new Float64Array(thresholdCount),
  };
}

/** The scores at the image's own threshold, min(2·mean(p), 1). */
export function adaptiveScores(tally: Tally): SelectionScores {
  const { groups } = tally;
  const threshold = Math.min(2 * tally.mean, 1);
  const selectedOf = new Float64Array(tally.maskValues.length);
  for (let g = 0; g < groups.count.length; g++) {
    if (groups.saliency[g]! >= threshold) selectedOf[groups.mask[g]!]! += groups.count[g]!;
  }
  return scoreSelection(selectedOf, tally);
}

/**
 * Trapezoids under recall over the false-positive rate, from the highest threshold to the lowest, no anchor points added.
 * (The official code sorts by the rate alone and leaves the order of equal rates to chance; ours is the one in which both
 * coordinates rise. On the mean curves of a set, where rates hardly coincide, the two agree.)
 */
export function areaUnderRoc({ recall, falsePositiveRate }: Pick<SelectionCurves, 'recall' | 'falsePositiveRate'>): number {
  let area = 0;
  for (let j = recall.length - 2; j >= 0; j--) {
    area += ((falsePositiveRate[j]! - falsePositiveRate[j + 1]!) * (recall[j]! + recall[j + 1]!)) / 2;
  }
  return area;
}
