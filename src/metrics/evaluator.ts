import * as l10n from '@vscode/l10n';
import { blocksAround, centroidOf, histogramOfAll, rangeOfHistogram } from './blocks.ts';
import { MetricsError } from './errors.ts';
import type { Degeneracy, Evaluation, Evaluator, ImageScores, MetricsProtocol, Plane, Scores } from './metrics.ts';
import { checkPlane, type Mask, type SaliencyMap } from './planes.ts';
import { rulesOf, type ProtocolRules } from './rules.ts';
import { adaptiveScores, areaUnderRoc, emptyCurves, selectionCurves, type SelectionCurves } from './selection.ts';
import { structureMeasure } from './structure.ts';
import { meanAbsoluteError, tallyOf, type Tally } from './tally.ts';
import { weightedF } from './weighted-f.ts';

/** Starts the evaluation of a set of images under one protocol. */
export function createEvaluator(protocol: MetricsProtocol): Evaluator {
  const rules = rulesOf(protocol);
  const sums = emptyCurves(rules.thresholds.length);
  const perImage: ImageScores[] = [];
  return {
    protocol,
    get count() {
      return perImage.length;
    },
    add(prediction, groundTruth, height, width, id = String(perImage.length)) {
      checkPlane(prediction, height, width, l10n.t('The map of image "{0}"', id));
      checkPlane(groundTruth, height, width, l10n.t('The mask of image "{0}"', id));
      const { scores, curves } = evaluateImage(rules, prediction, groundTruth, height, width);
      for (const name of CURVE_NAMES) addTo(sums[name], curves[name]);
      const image = { id, ...scores };
      perImage.push(image);
      return image;
    },
    result: () => summarise(protocol, rules, sums, perImage),
  };
}

const CURVE_NAMES = ['precision', 'recall', 'falsePositiveRate', 'f', 'e'] as const satisfies readonly (keyof SelectionCurves)[];
const DEGENERACIES = ['empty-mask', 'faint-mask', 'full-mask', 'constant-map'] as const satisfies readonly Degeneracy[];

function evaluateImage(rules: ProtocolRules, prediction: Plane, groundTruth: Plane, height: number, width: number): { scores: Omit<ImageScores, 'id'>; curves: SelectionCurves } {
  const pixels = { values: rules.values(prediction), height, width };
  const mask = rules.mask(groundTruth);
  const blocks = blocksAround(centroidOf(mask, pixels, rules.structure.centroidShift), pixels, mask);
  const histogram = histogramOfAll(blocks);
  const map = rules.saliencyMap(pixels.values, height, width, histogram && rangeOfHistogram(histogram));
  const tally = tallyOf(map, mask, histogram);
  const nothingForNothing = rules.rewardsNothingForNothing && tally.maskMean === 0 && map.constant;
  const curves = selectionCurves(tally, rules.thresholds.length);
  if (nothingForNothing) for (const name of ['precision', 'recall', 'f'] as const) curves[name].fill(1);
  const adaptive = adaptiveScores(tally);
  const scores = {
    mae: meanAbsoluteError(tally),
    maxF: maximumOf(curves.f),
    meanF: averageOf(curves.f),
    adaptiveF: nothingForNothing ? 1 : adaptive.f,
    s: structureMeasure(map, mask, blocks, tally, rules.structure),
    maxE: maximumOf(curves.e),
    meanE: averageOf(curves.e),
    adaptiveE: adaptive.e,
    ...(rules.weightedF ? { weightedF: weightedF(map, mask) } : {}),
    auc: areaUnderRoc(curves),
    degenerate: degeneraciesOf(map, mask, tally),
  };
  return { scores, curves };
}

function degeneraciesOf(map: SaliencyMap, mask: Mask, { maskMean }: Tally): Degeneracy[] {
  const found: Degeneracy[] = [];
  if (maskMean === 0) found.push('empty-mask');
  else if (mask.foregroundCount === 0) found.push('faint-mask');
  else if (maskMean === 1) found.push('full-mask');
  if (map.constant) found.push('constant-map');
  return found;
}

function summarise(protocol: MetricsProtocol, rules: ProtocolRules, sums: SelectionCurves, perImage: readonly ImageScores[]): Evaluation {
  const images = perImage.length;
  if (images === 0) throw new MetricsError('no-images', l10n.t('No image was evaluated yet.'));
  const mean = (measure: (image: Scores) => number): number => perImage.reduce((sum, image) => sum + measure(image), 0) / images;
  const curve = (name: keyof SelectionCurves): Float64Array => sums[name].map((sum) => sum / images);
  const curves = {
    thresholds: rules.thresholds.slice(),
    precision: curve('precision'),
    recall: curve('recall'),
    f: curve('f'),
    e: curve('e'),
    falsePositiveRate: curve('falsePositiveRate'),
  };
  return {
    protocol,
    images,
    mae: mean((image) => image.mae),
    maxF: maximumOf(curves.f),
    meanF: averageOf(curves.f),
    adaptiveF: mean((image) => image.adaptiveF),
    s: mean((image) => image.s),
    maxE: maximumOf(curves.e),
    meanE: averageOf(curves.e),
    adaptiveE: mean((image) => image.adaptiveE),
    ...(rules.weightedF ? { weightedF: mean((image) => image.weightedF ?? 0) } : {}),
    auc: areaUnderRoc(curves),
    curves,
    perImage: [...perImage],
    degenerate: Object.fromEntries(
      DEGENERACIES.map((kind) => [kind, perImage.filter((image) => image.degenerate.includes(kind)).map((image) => image.id)]),
    ) as Record<Degeneracy, string[]>,
  };
}

function addTo(sums: Float64Array, values: Float64Array): void {
  for (let j = 0; j < sums.length; j++) sums[j]! += values[j]!;
}

function maximumOf(values: Float64Array): number {
  return values.reduce((best, value) => Math.max(best, value));
}

function averageOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value) / values.length;
}
