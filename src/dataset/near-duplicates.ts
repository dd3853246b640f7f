import type { Sample } from './dataset.ts';

/** Side of the thumbnail that pictures are compared by, and of the coarser one that picks the candidates. */
export const thumbnailSide = 24;
const coarseSide = 8;

/** The luma of an image shrunk to 24 × 24, row by row, each value in 0 … 255. */
export type Thumbnail = Float32Array;

export interface Thumbnailed {
  readonly sample: Sample;
  readonly thumbnail: Thumbnail;
}

export interface NearDuplicate {
  readonly test: Sample;
  readonly train: Sample;
  /** Pearson's correlation of the two thumbnails, at most 1. */
  readonly correlation: number;
  /** Whether one has to be flipped or turned to equal the other. */
  readonly turned: boolean;
}

/** Copies that were re-encoded, shrunk, brightened or cropped by a few percent stay above; different aerial photographs reach about 0.8. */
const duplicateFrom = 0.95;
const candidateFrom = 0.88;
/** Below this standard deviation (in gray levels) a picture is all but flat, and its thumbnail mostly noise. */
const flatBelow = 1;

/** Of every test image its most similar training image, under the eight symmetries of the square, where the two are as good as equal. */
export function findNearDuplicates(train: readonly Thumbnailed[], test: readonly Thumbnailed[]): NearDuplicate[] {
  const candidates = train.flatMap(({ sample, thumbnail }) => {
    const fine = standardised(thumbnail);
    return fine === undefined ? [] : [{ sample, fine, coarse: coarsened(fine) }];
  });
  return test.flatMap(({ sample, thumbnail }) => {
    const fine = standardised(thumbnail);
    if (fine === undefined) return [];
    let best: NearDuplicate | undefined;
    for (const [index, view] of symmetries(fine).entries()) {
      const coarse = coarsened(view);
      for (const candidate of candidates) {
        if (dot(coarse, candidate.coarse) < candidateFrom) continue;
        const correlation = dot(view, candidate.fine);
        if (correlation >= duplicateFrom && correlation > (best?.correlation ?? 0)) best = { test: sample, train: candidate.sample, correlation, turned: index > 0 };
      }
    }
    return best === undefined ? [] : [best];
  });
}

/** Mean 0 and length 1, so that a product is a correlation; undefined for a picture that shows next to nothing. */
function standardised(values: Float32Array): Float32Array | undefined {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return length < flatBelow * Math.sqrt(values.length) ? undefined : values.map((value) => (value - mean) / length);
}

function coarsened(fine: Float32Array): Float32Array {
  const coarse = new Float32Array(coarseSide * coarseSide);
  const factor = thumbnailSide / coarseSide;
  for (let i = 0; i < fine.length; i++) coarse[Math.floor(Math.floor(i / thumbnailSide) / factor) * coarseSide + Math.floor((i % thumbnailSide) / factor)]! += fine[i]!;
  const length = Math.sqrt(dot(coarse, coarse));
  return length === 0 ? coarse : coarse.map((value) => value / length);
}

/** The eight symmetries of the square; the first is the picture itself. */
function symmetries(fine: Float32Array): Float32Array[] {
  const last = thumbnailSide - 1;
  return Array.from({ length: 8 }, (_, which) =>
    fine.map((_value, i) => {
      let [y, x] = [Math.floor(i / thumbnailSide), i % thumbnailSide];
      if ((which & 1) !== 0) x = last - x;
      if ((which & 2) !== 0) y = last - y;
      if ((which & 4) !== 0) [y, x] = [x, y];
      return fine[y * thumbnailSide + x]!;
    }),
  );
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
