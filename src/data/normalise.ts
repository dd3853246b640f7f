import type { GrayRaster, RgbRaster } from './raster.ts';

/** Channel means in [0, 1] of the EORSSD training images, used for every dataset and backbone (SCRKD, official data loader). */
export const imageMean = [0.3412, 0.3798, 0.3583] as const;
/** Channel standard deviations in [0, 1], same source. */
export const imageDeviation = [0.1148, 0.1042, 0.099] as const;

/** (value / 255 − mean) / deviation for each channel and byte, each operation in float32 as PyTorch does it. */
const normalised = imageMean.map((mean, channel) =>
  Float32Array.from({ length: 256 }, (_, value) => Math.fround(Math.fround(Math.fround(value / 255) - Math.fround(mean)) / Math.fround(imageDeviation[channel]!))),
) as [Float32Array, Float32Array, Float32Array];

/** An RGB image as [height, width, 3] for a network. */
export function normaliseImage({ data }: RgbRaster): Float32Array {
  const [red, green, blue] = normalised;
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    values[i] = red[data[i]!]!;
    values[i + 1] = green[data[i + 1]!]!;
    values[i + 2] = blue[data[i + 2]!]!;
  }
  return values;
}

/** A mask as [height, width, 1] in [0, 1]. */
export function normaliseMask({ data }: GrayRaster): Float32Array {
  return Float32Array.from(data, (value) => value / 255);
}
