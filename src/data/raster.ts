/** An 8-bit image in memory, rows from the top, channels interleaved (gray or RGB). */
export interface Raster<Channels extends 1 | 3 = 1 | 3> {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  /** height · width · channels values. */
  readonly data: Uint8Array;
}
export type GrayRaster = Raster<1>;
export type RgbRaster = Raster<3>;

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** The key of a size in a batch: `${height}x${width}`. */
export function sizeKey(size: Size): string {
  return `${size.height}x${size.width}`;
}
