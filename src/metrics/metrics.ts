/**
 * The two evaluation protocols. Their numbers are not interchangeable:
 * - `scrkd448`: the rules of the official SCRKD evaluator (soft mask, 255 thresholds j/254, centroid without the
 *   MATLAB shift), for comparing with the published tables. Maps and masks are 448×448 there, but any size is accepted.
 * - `pysod`: the rules of PySODMetrics (binary mask, 256 levels, centroid shifted by one, normalised MAE), at the mask's
 *   original size, for comparing with the rest of the literature.
 */
export type MetricsProtocol = 'scrkd448' | 'pysod';

/** A saliency map or a mask, row-major: bytes 0…255, or numbers in [0, 1]. */
export type Plane = Uint8Array | Float32Array;

/** The scalar measures of one image, or of a whole set. All lie in [0, 1], E excepted (at most HW / (HW − 1)). */
export interface Scores {
  /** Mean absolute error; of the map as given (`scrkd448`) or min-max normalised (`pysod`). */
  readonly mae: number;
  /** F-measure, β² = 0.3: the best threshold, the mean over thresholds, and at min(2·mean(p), 1). */
  readonly maxF: number;
  readonly meanF: number;
  readonly adaptiveF: number;
  /** S-measure, α = 0.5. */
  readonly s: number;
  /** E-measure: the best threshold, the mean over thresholds, and at min(2·mean(p), 1). */
  readonly maxE: number;
  readonly meanE: number;
  readonly adaptiveE: number;
  /** Weighted F-measure, β = 1; only `pysod` defines it. */
  readonly weightedF?: number;
  /** Area under the ROC curve: trapezoids over the thresholds, no anchor points added. */
  readonly auc: number;
}

/** Mean curves over the images, one value per threshold, thresholds ascending: a pixel is selected where p ≥ threshold. */
export interface Curves {
  /** In [0, 1]: j/254 (`scrkd448`, 255 values) or k/255 (`pysod`, 256 values). */
  readonly thresholds: Float64Array;
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly f: Float64Array;
  readonly e: Float64Array;
  /** Recall's counterpart on the background, the x-axis of the ROC curve (its y-axis is `recall`). */
  readonly falsePositiveRate: Float64Array;
}

/**
 * What is unusual about an image; its numbers are finite all the same:
 * - `empty-mask`: no mask value above zero. F = 0, S = 1 − mean(p), E rewards background; only in `scrkd448` a map
 *   that is constant too counts as a perfect F, as in the official code.
 * - `faint-mask`: a soft mask without a pixel of at least one half; S treats it as empty (`scrkd448` only).
 * - `full-mask`: every mask value is one. S = mean(p), E rewards foreground.
 * - `constant-map`: the prediction has one value; min-max normalising turns it into 0 (`scrkd448`) or leaves it (`pysod`).
 */
export type Degeneracy = 'empty-mask' | 'faint-mask' | 'full-mask' | 'constant-map';

export interface ImageScores extends Scores {
  readonly id: string;
  readonly degenerate: readonly Degeneracy[];
}

export interface Evaluation extends Scores {
  readonly protocol: MetricsProtocol;
  readonly images: number;
  readonly curves: Curves;
  readonly perImage: readonly ImageScores[];
  /** The ids of the images with each peculiarity: report them beside the table. */
  readonly degenerate: Readonly<Record<Degeneracy, readonly string[]>>;
}

/**
 * Accumulates a test set image by image. Every image weighs the same; curves are averaged pointwise over the images
 * and only then reduced, so `maxF` of a set is not the mean of the images' `maxF`.
 */
export interface Evaluator {
  readonly protocol: MetricsProtocol;
  /** Images added so far. */
  readonly count: number;
  /**
   * @param prediction H·W saliencies: bytes, or numbers in [0, 1]. `pysod` truncates numbers to bytes (255·p), as saving a PNG does.
   * @param groundTruth H·W mask: bytes, or numbers in [0, 1] (an 8-bit mask divided by 255). `scrkd448` keeps it soft; `pysod` takes bytes above 128.
   * @param id the image's name in `perImage`; its running number when left out.
   * @returns this image's own numbers.
   * @throws MetricsError `shape` (lengths do not fit H×W) or `value` (a number outside [0, 1], or NaN).
   */
  add(prediction: Plane, groundTruth: Plane, height: number, width: number, id?: string): ImageScores;
  /** @throws MetricsError `no-images` before the first `add`. */
  result(): Evaluation;
}
