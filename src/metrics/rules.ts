import { unreachable } from '../base/errors.ts';
import { binaryMask, softMask } from './mask.ts';
import type { MetricsProtocol, Plane } from './metrics.ts';
import { rangeOf, scaled, toBytes, type Mask, type Range, type SaliencyMap } from './planes.ts';
import type { StructureRules } from './structure.ts';

/** What a protocol decides; everything else is common. */
export interface ProtocolRules {
  /** In [0, 1], ascending. */
  readonly thresholds: Float64Array;
  readonly structure: StructureRules;
  /** Whether an empty mask met by a constant map is a perfect F (the official code inverts both). */
  readonly rewardsNothingForNothing: boolean;
  readonly weightedF: boolean;
  /** The values of a prediction that the protocol works on. */
  values(prediction: Plane): Plane;
  /** @param range of the values, where it is known already */
  saliencyMap(prediction: Plane, height: number, width: number, range?: Range): SaliencyMap;
  mask(groundTruth: Plane): Mask;
}

export function rulesOf(protocol: MetricsProtocol): ProtocolRules {
  switch (protocol) {
    case 'scrkd448':
      return scrkd448;
    case 'pysod':
      return pysod;
    default:
      return unreachable(protocol);
  }
}

const SCRKD_THRESHOLDS = 255;
const PYSOD_THRESHOLDS = 256;

/** linspace(0, 1, 255) as PyTorch makes it in float32: a float32 step, counted from the nearer end. */
const scrkdThresholds = Float64Array.from({ length: SCRKD_THRESHOLDS }, (_, j) => {
  const last = SCRKD_THRESHOLDS - 1;
  const step = Math.fround(1 / last);
  return Math.fround(j < SCRKD_THRESHOLDS >> 1 ? step * j : 1 - step * (last - j));
});

const scrkd448: ProtocolRules = {
  thresholds: scrkdThresholds,
  structure: { centroidShift: 0, epsilon: 1e-20, numpyMeans: false },
  rewardsNothingForNothing: true,
  weightedF: false,
  values: (prediction) => prediction,
  saliencyMap(values, height, width, { low, high } = rangeOf(values)) {
    const unit = values instanceof Uint8Array ? 255 : 1;
    const lowSaliency = Math.fround(low / unit);
    const range = Math.fround(Math.fround(high / unit) - lowSaliency);
    return {
      height,
      width,
      values,
      normalised: { unit, low: low / unit, range: range === 0 ? 1 : high / unit - low / unit },
      forError: { unit, low: 0, range: 1 },
      levelOf: (value) => (range === 0 ? 0 : scrkdLevel(Math.fround(Math.fround(Math.fround(value / unit) - lowSaliency) / range))),
      constant: range === 0,
    };
  },
  mask: softMask,
};

/** The index of the highest threshold ≤ saliency. */
function scrkdLevel(saliency: number): number {
  const last = SCRKD_THRESHOLDS - 1;
  let level = Math.min(Math.floor(saliency * last), last);
  while (level < last && saliency >= scrkdThresholds[level + 1]!) level++;
  while (level > 0 && saliency < scrkdThresholds[level]!) level--;
  return level;
}

const pysod: ProtocolRules = {
  thresholds: Float64Array.from({ length: PYSOD_THRESHOLDS }, (_, k) => k / 255),
  structure: { centroidShift: 1, epsilon: Number.EPSILON, numpyMeans: true },
  rewardsNothingForNothing: false,
  weightedF: true,
  values: toBytes,
  saliencyMap(prediction, height, width, known) {
    const values = toBytes(prediction);
    const { low, high } = known ?? rangeOf(values);
    const constant = low === high;
    const normalised = constant ? { unit: 255, low: 0, range: 1 } : { unit: 255, low: low / 255, range: high / 255 - low / 255 };
    return { height, width, values, normalised, forError: normalised, levelOf: (value) => Math.trunc(scaled(value, normalised) * 255), constant };
  },
  mask: (groundTruth) => binaryMask(groundTruth instanceof Uint8Array ? groundTruth : Uint8Array.from(groundTruth, (value) => Math.round(255 * value))),
};
