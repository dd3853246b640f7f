import * as l10n from '@vscode/l10n';
import { applyView, type View } from './augment.ts';
import { decodeImage, decodeMask } from './decode.ts';
import { DataError } from './errors.ts';
import { normaliseImage } from './normalise.ts';
import type { GrayRaster, RgbRaster, Size } from './raster.ts';
import { resize } from './resize.ts';

/** What a decoding thread is asked for. */
export interface PrepareRequest {
  /** Paths of the image and its mask. */
  readonly image: string;
  readonly mask: string;
  readonly view: View;
  readonly imageSizes: readonly Size[];
  /** The mask keeps its size without this. */
  readonly maskSize?: Size;
}

export interface PreparedSample {
  /** [height, width, 3] for each of the requested sizes, normalised. */
  readonly images: readonly Float32Array[];
  readonly mask: GrayRaster;
}

/** An image and its mask as they lie on the disk. */
export interface DecodedPair {
  readonly image: RgbRaster;
  readonly mask: GrayRaster;
}

/** Sides of an image and its mask may differ by this share: a mask of another scale is fine, one of another picture is not. */
const aspectTolerance = 0.05;

/** @throws DataError `unreadable`, `too-large`, `animated`, `size-mismatch` */
export async function decodePair(imagePath: string, maskPath: string): Promise<DecodedPair> {
  const image = await decodeImage(imagePath);
  const mask = await decodeMask(maskPath);
  refuseAnotherShape(imagePath, image, mask);
  return { image, mask };
}

/** @param path of the image or saliency map, for the message. @throws DataError `size-mismatch` */
export function refuseAnotherShape(path: string, image: Size, mask: Size): void {
  const ratio = (image.width * mask.height) / (image.height * mask.width);
  if (Math.abs(Math.log(ratio)) <= aspectTolerance) return;
  throw new DataError('size-mismatch', l10n.t('{0} has {1} × {2} pixels, its mask {3} × {4}; expected the same shape.', path, image.width, image.height, mask.width, mask.height));
}

/** Views, resizes and normalises; each size is resized straight from the augmented original (SCRKD, official data loader). */
export function preparePair({ image, mask }: DecodedPair, request: PrepareRequest): PreparedSample {
  const viewed = applyView(image, request.view);
  const viewedMask = applyView(mask, request.view);
  return {
    images: request.imageSizes.map((size) => normaliseImage(resize(viewed, size, 'bilinear'))),
    mask: request.maskSize === undefined ? viewedMask : resize(viewedMask, request.maskSize, 'bilinear'),
  };
}

/** Decoded originals by image path, the longest unused leaving first; small datasets are decoded once instead of once an epoch. */
export class PairCache {
  readonly #pairs = new Map<string, DecodedPair>();
  #bytes = 0;

  constructor(readonly maxBytes: number) {}

  async get(imagePath: string, maskPath: string): Promise<DecodedPair> {
    const known = this.#pairs.get(imagePath);
    if (known !== undefined) {
      this.#pairs.delete(imagePath);
      this.#pairs.set(imagePath, known);
      return known;
    }
    const pair = await decodePair(imagePath, maskPath);
    this.#pairs.set(imagePath, pair);
    this.#bytes += bytesOf(pair);
    for (const [path, oldest] of this.#pairs) {
      if (this.#bytes <= this.maxBytes) break;
      this.#pairs.delete(path);
      this.#bytes -= bytesOf(oldest);
    }
    return pair;
  }
}

function bytesOf({ image, mask }: DecodedPair): number {
  return image.data.length + mask.data.length;
}
