import { scaled, type Mask, type SaliencyMap } from './planes.ts';

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
export function scoreSelection(selectedOf: Float64Array, mask: Mask): SelectionScores {
  const { palette, counts } = mask;
  let selected = 0;
  let truePositive = 0;
  let pixels = 0;
  let positive = 0;
  for (let k = 0; k < palette.length; k++) {
    selected += selectedOf[k]!;
    truePositive += selectedOf[k]! * palette[k]!;
    pixels += counts[k]!;
    positive += counts[k]! * palette[k]!;
  }
  const precision = selected > 0 ? truePositive / selected : 0;
  const recall = positive > 0 ? truePositive / positive : 0;
  const negative = pixels - positive;
  return {
    precision,
    recall,
    falsePositiveRate: negative > 0 ? (selected - truePositive) / negative : 0,
    f: truePositive > 0 ? ((1 + BETA_SQUARED) * precision * recall) / (BETA_SQUARED * precision + recall) : 0,
    e: enhancedAlignment(selectedOf, selected, pixels, mask),
  };
}

/**
 * E-measure of one selection: φ = value − mean of the selection b and of the mask g, a = 2·φ_b·φ_g / (φ_b² + φ_g²),
 * Σ (a+1)²/4 / (HW−1). An empty mask rewards unselected pixels, a full one selected pixels (without this rule, which
 * the official SCRKD code lacks, a = 0 everywhere and every selection would score about one quarter).
 */
function enhancedAlignment(selectedOf: Float64Array, selected: number, pixels: number, mask: Mask): number {
  const denominator = Math.max(pixels - 1, 1);
  if (mask.mean === 0) return (pixels - selected) / denominator;
  if (mask.mean === 1) return selected / denominator;
  return alignmentSum(selectedOf, selected, pixels, mask) / denominator;
}

/** Σ over pixels of (a+1)²/4, without the rule for empty and full masks. */
export function alignmentSum(selectedOf: Float64Array, selected: number, pixels: number, mask: Mask): number {
  const share = selected / pixels;
  let sum = 0;
  for (let k = 0; k < mask.palette.length; k++) {
    const deviation = mask.palette[k]! - mask.mean;
    const inside = selectedOf[k]!;
    sum += inside * alignment(1 - share, deviation) + (mask.counts[k]! - inside) * alignment(-share, deviation);
  }
  return sum;
}

function alignment(b: number, g: number): number {
  const squares = b * b + g * g;
  const a = squares > 0 ? (2 * b * g) / squares : 0;
  return ((a + 1) * (a + 1)) / 4;
}

/** The scores of the selections p ≥ threshold for every threshold, from one histogram over (level, mask value). */
export function selectionCurves(map: SaliencyMap, mask: Mask, thresholdCount: number): SelectionCurves {
  const values = mask.palette.length;
  const histogram = new Uint32Array(thresholdCount * values);
  const { levels } = map;
  const { indices } = mask;
  for (let i = 0; i < levels.length; i++) histogram[levels[i]! * values + indices[i]!]!++;

  const curves = emptyCurves(thresholdCount);
  const selectedOf = new Float64Array(values);
  for (let j = thresholdCount - 1; j >= 0; j--) {
    for (let k = 0; k < values; k++) selectedOf[k]! += histogram[j * values + k]!;
    const scores = scoreSelection(selectedOf, mask);
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
export function adaptiveScores(map: SaliencyMap, mask: Mask, mean: number): SelectionScores {
  const threshold = Math.min(2 * mean, 1);
  const selectedOf = new Float64Array(mask.palette.length);
  const { values, normalised } = map;
  const { indices } = mask;
  for (let i = 0; i < values.length; i++) {
    if (scaled(values[i]!, normalised) >= threshold) selectedOf[indices[i]!]!++;
  }
  return scoreSelection(selectedOf, mask);
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
