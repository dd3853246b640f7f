import type { ImageFacts } from '../dataset/check.ts';
import { thumbnailSide } from '../dataset/near-duplicates.ts';
import { decodeImage } from './decode.ts';
import { resize } from './resize.ts';

/** Decodes an image whole, so that damage behind its header shows, and sums it up for `checkDataset`. @throws DataError `unreadable`, `too-large`, `animated` */
export async function inspectImage(path: string): Promise<ImageFacts> {
  const image = await decodeImage(path);
  const { data } = resize(image, { height: thumbnailSide, width: thumbnailSide }, 'bilinear');
  const thumbnail = Float32Array.from({ length: data.length / 3 }, (_, i) => 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!);
  return { width: image.width, height: image.height, thumbnail };
}
