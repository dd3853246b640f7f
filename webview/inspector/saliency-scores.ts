/** What a map is worth against its mask, at its own size: by the rules of `scrkd448` (soft mask), as in the selection during training. */
import { createEvaluator } from '../../src/metrics/evaluator.ts';
import type { ImageScores } from '../../src/metrics/metrics.ts';
import { rulesOf } from '../../src/metrics/rules.ts';
import { scoreSelection } from '../../src/metrics/selection.ts';
import { tallyOf, type Tally } from '../../src/metrics/tally.ts';
import type { Plane } from './plane.ts';

export interface ThresholdScores {
  readonly precision: number;
  readonly recall: number;
  readonly f: number;
  readonly iou: number;
}

const rules = rulesOf('scrkd448');
const tallies = new WeakMap<Plane, { mask: Uint8Array; tally: Tally }>();
const curves = new WeakMap<Plane, { mask: Uint8Array; values: readonly number[] }>();
const images = new WeakMap<Plane, { mask: Uint8Array; scores: ImageScores | undefined }>();

/** @param mask bytes, of the map's size */
function tallied(map: Plane, mask: Uint8Array): Tally {
  const known = tallies.get(map);
  if (known !== undefined && known.mask === mask) return known.tally;
  const tally = tallyOf(rules.saliencyMap(map.data, map.rows, map.columns), rules.mask(mask));
  tallies.set(map, { mask, tally });
  return tally;
}

/** Of the pixels whose raw saliency is at least `threshold`. A soft mask counts by its values. */
export function scoresAt(map: Plane, mask: Uint8Array, threshold: number): ThresholdScores {
  return scoresOf(tallied(map, mask), threshold);
}

function scoresOf(tally: Tally, threshold: number): ThresholdScores {
  const { groups, maskValues, maskMean, pixels } = tally;
  const selectedOf = new Float64Array(maskValues.length);
  for (let g = 0; g < groups.count.length; g++) if (groups.forError[g]! >= threshold) selectedOf[groups.mask[g]!]! += groups.count[g]!;
  const { precision, recall, f } = scoreSelection(selectedOf, tally);
  let selected = 0;
  let hits = 0;
  for (let k = 0; k < selectedOf.length; k++) {
    selected += selectedOf[k]!;
    hits += selectedOf[k]! * maskValues[k]!;
  }
  const union = selected + maskMean * pixels - hits;
  return { precision, recall, f, iou: union > 0 ? hits / union : 0 };
}

export const curvePoints = 51;

/** F over thresholds 0, 0.02, …, 1. */
export function fCurve(map: Plane, mask: Uint8Array): readonly number[] {
  const known = curves.get(map);
  if (known !== undefined && known.mask === mask) return known.values;
  const tally = tallied(map, mask);
  const values = Array.from({ length: curvePoints }, (_, i) => scoresOf(tally, i / (curvePoints - 1)).f);
  curves.set(map, { mask, values });
  return values;
}

/** MAE, F, S of the image; undefined where the map holds what is no saliency. */
export function imageScores(map: Plane, mask: Uint8Array): ImageScores | undefined {
  const known = images.get(map);
  if (known !== undefined && known.mask === mask) return known.scores;
  let scores: ImageScores | undefined;
  try {
    scores = createEvaluator('scrkd448').add(map.data, mask, map.rows, map.columns);
  } catch {
    scores = undefined;
  }
  images.set(map, { mask, scores });
  return scores;
}

export const hit = 1;
export const falsePositive = 2;
export const missing = 3;

export interface ErrorClasses {
  /** Per pixel: 0, `hit`, `falsePositive` or `missing`. */
  readonly classes: Uint8Array;
  readonly falsePositives: number;
  readonly missed: number;
}

const classified = new WeakMap<Plane, { mask: Uint8Array; threshold: number; errors: ErrorClasses }>();

/** The mask's object is where it is at least one half. */
export function errorClasses(map: Plane, mask: Uint8Array, threshold: number): ErrorClasses {
  const known = classified.get(map);
  if (known !== undefined && known.mask === mask && known.threshold === threshold) return known.errors;
  const errors = classify(map, mask, threshold);
  classified.set(map, { mask, threshold, errors });
  return errors;
}

function classify(map: Plane, mask: Uint8Array, threshold: number): ErrorClasses {
  const classes = new Uint8Array(map.data.length);
  let falsePositives = 0;
  let missed = 0;
  for (let i = 0; i < classes.length; i++) {
    const selected = map.data[i]! >= threshold;
    const object = mask[i]! >= 128;
    if (selected && object) classes[i] = hit;
    else if (selected) {
      classes[i] = falsePositive;
      falsePositives++;
    } else if (object) {
      classes[i] = missing;
      missed++;
    }
  }
  return { classes, falsePositives, missed };
}
