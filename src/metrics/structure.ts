import { blocksAround, centroidOf, momentsTogether, type Block, type Centroid, type Moments } from './blocks.ts';
import { numpyMeanIsExact } from './numpy-mean.ts';
import { scaled, type Mask, type SaliencyMap, type Scale } from './planes.ts';
import type { Tally } from './tally.ts';

/** What the two protocols' S-measures differ in. */
export interface StructureRules {
  /** Added to the rounded centroid: 1 where the split includes the centroid's row and column, as MATLAB's ranges do. */
  readonly centroidShift: 0 | 1;
  /** Added to a block's denominator. */
  readonly epsilon: number;
  /** Whether a block in which map and mask are constant scores 1 only if numpy's mean of the constant is exact (see numpy-mean.ts). */
  readonly numpyMeans: boolean;
}

/**
 * S-measure, α = 0.5: max(0, ½·S_object + ½·S_region). An object without pixels counts as an empty mask.
 * Standard deviations of one pixel are 0 and blocks without pixels weigh 0, so that the result is always finite.
 * @param blocks around the object's centroid
 * @param means of the normalised map and of the (soft) mask
 */
export function structureMeasure(map: SaliencyMap, mask: Mask, blocks: readonly Block[], { mean, maskMean }: Pick<Tally, 'mean' | 'maskMean'>, rules: StructureRules): number {
  if (mask.foregroundCount === 0) return 1 - mean;
  if (maskMean === 1) return mean;
  return Math.max(0, 0.5 * objectSimilarity(blocks, map, mask) + 0.5 * regionSimilarity(blocks, map, rules));
}

/** S_o and S_r themselves; the mask has both object and background pixels. */
export function structureParts(map: SaliencyMap, mask: Mask, rules: StructureRules): { object: number; region: number; centroid: Centroid } {
  const centroid = centroidOf(mask, map, rules.centroidShift);
  const blocks = blocksAround(centroid, map, mask);
  return { object: objectSimilarity(blocks, map, mask), region: regionSimilarity(blocks, map, rules), centroid };
}

/** S_o = μ·O(p on the object) + (1 − μ)·O(1 − p on the background), μ the object's share of the image. */
function objectSimilarity(blocks: readonly Block[], map: SaliencyMap, mask: Mask): number {
  const { normalised } = map;
  const object = blocks.map((block) => block.object).reduce(momentsTogether);
  const background = blocks.map((block) => block.background).reduce(momentsTogether);
  const share = mask.foregroundCount / mask.foreground.length;
  return share * uniformity(scaled(object.mean, normalised), object, normalised) + (1 - share) * uniformity(1 - scaled(background.mean, normalised), background, normalised);
}

/** O(x) = 2m / (m² + 1 + s), s the unbiased standard deviation; 0 for no pixels. */
function uniformity(mean: number, moments: Moments, { unit, range }: Scale): number {
  if (moments.count === 0) return 0;
  const deviation = moments.count > 1 ? Math.sqrt(moments.squares / (moments.count - 1)) / (unit * range) : 0;
  return (2 * mean) / (mean * mean + 1 + deviation);
}

/** S_r: the blocks' structural similarities, weighted by area. */
function regionSimilarity(blocks: readonly Block[], map: SaliencyMap, rules: StructureRules): number {
  const pixels = map.height * map.width;
  let sum = 0;
  for (const block of blocks) sum += ((block.rows * block.columns) / pixels) * blockSimilarity(block, map, rules);
  return sum;
}

/** A = 4·x̄·ȳ·σxy, B = (x̄² + ȳ²)(σx² + σy²): A/(B+ε), 1 where both are 0, 0 where only A is. May be negative. */
function blockSimilarity(block: Block, map: SaliencyMap, rules: StructureRules): number {
  const { normalised } = map;
  const scale = 1 / (normalised.unit * normalised.range);
  const { object, background } = block;
  const all = momentsTogether(object, background);
  const degrees = Math.max(all.count - 1, 1);
  const x = scaled(all.mean, normalised);
  const y = object.count / all.count;
  const varianceX = (scale * scale * all.squares) / degrees;
  const varianceY = (object.count * (1 - y)) / degrees;
  const covariance = (scale * object.count * (object.mean - all.mean)) / degrees;
  const a = 4 * x * y * covariance;
  const b = (x * x + y * y) * (varianceX + varianceY);
  if (a !== 0) return a / (b + rules.epsilon);
  if (b !== 0) return 0;
  return !rules.numpyMeans || numpyMeanIsExact(x, block.rows, block.columns, map.width) ? 1 : 0;
}
