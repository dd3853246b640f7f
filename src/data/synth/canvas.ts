import type { GrayRaster, RgbRaster, Size } from '../raster.ts';
import type { Colour } from './colour.ts';
import type { Shape } from './shapes.ts';

/** The colour of the ground at a point, in scene units. */
export type Shader = (x: number, y: number) => Colour;

/** Sub-samples along each side of a pixel that a border crosses. */
const subsamples = 4;

/**
 * A picture in the making. Coordinates are scene units: the shorter side is 256 / zoom of them whatever the picture's size, so that a
 * scene looks the same at every size.
 */
export class Canvas {
  readonly width: number;
  readonly height: number;
  /** Pixels a scene unit. */
  readonly scale: number;
  /** Interleaved, 0 … 255, not rounded. */
  readonly rgb: Float32Array;

  constructor({ width, height }: Size, zoom = 1) {
    this.width = width;
    this.height = height;
    this.scale = (Math.min(width, height) / 256) * zoom;
    this.rgb = new Float32Array(width * height * 3);
  }

  /** Sets every pixel. */
  fill(shader: Shader): void {
    let at = 0;
    for (let row = 0; row < this.height; row++) {
      for (let column = 0; column < this.width; column++) {
        const [red, green, blue] = shader((column + 0.5) / this.scale, (row + 0.5) / this.scale);
        this.rgb[at++] = red;
        this.rgb[at++] = green;
        this.rgb[at++] = blue;
      }
    }
  }

  /** Paints a shape; borders are blended by the covered share of a pixel. */
  paint(shape: Shape, colour: Colour | Shader, opacity = 1): void {
    const shader = typeof colour === 'function' ? colour : () => colour;
    this.cover(shape, (pixel, coverage, x, y) => {
      const share = coverage * opacity;
      const [red, green, blue] = shader(x, y);
      this.rgb[3 * pixel]! += (red - this.rgb[3 * pixel]!) * share;
      this.rgb[3 * pixel + 1]! += (green - this.rgb[3 * pixel + 1]!) * share;
      this.rgb[3 * pixel + 2]! += (blue - this.rgb[3 * pixel + 2]!) * share;
    });
  }

  /** Darkens a shape as a shadow does: blue sky light remains. */
  darken(shape: Shape, strength: number): void {
    this.cover(shape, (pixel, coverage) => {
      const share = coverage * strength;
      this.rgb[3 * pixel]! *= 1 - share;
      this.rgb[3 * pixel + 1]! *= 1 - 0.95 * share;
      this.rgb[3 * pixel + 2]! *= 1 - 0.84 * share;
    });
  }

  /** Calls back for every pixel that a shape touches, with the covered share of the pixel (in sixteenths) and its centre. */
  cover(shape: Shape, visit: (pixel: number, coverage: number, x: number, y: number) => void): void {
    const { scale, width, height } = this;
    const firstColumn = Math.max(0, Math.floor(shape.left * scale));
    const lastColumn = Math.min(width - 1, Math.floor(shape.right * scale));
    const firstRow = Math.max(0, Math.floor(shape.top * scale));
    const lastRow = Math.min(height - 1, Math.floor(shape.bottom * scale));
    const border = 0.75 / scale; // half the diagonal of a pixel, and a little for distances that are not exact
    for (let row = firstRow; row <= lastRow; row++) {
      const y = (row + 0.5) / scale;
      for (let column = firstColumn; column <= lastColumn; ) {
        const distance = shape.distance((column + 0.5) / scale, y);
        // The border is at least that far away: all pixels up to there are on the same side of it.
        const alike = Math.max(1, Math.floor((Math.abs(distance) - border) * scale));
        if (distance <= border) {
          const end = Math.min(lastColumn, column + alike - 1);
          for (let each = column; each <= end; each++) {
            const coverage = distance < -border ? 1 : this.#coverage(shape, each, row);
            if (coverage > 0) visit(row * width + each, coverage, (each + 0.5) / scale, y);
          }
        }
        column += alike;
      }
    }
  }

  #coverage(shape: Shape, column: number, row: number): number {
    let inside = 0;
    for (let j = 0; j < subsamples; j++) {
      for (let i = 0; i < subsamples; i++) {
        const x = (column + (i + 0.5) / subsamples) / this.scale;
        const y = (row + (j + 0.5) / subsamples) / this.scale;
        if (shape.distance(x, y) < 0) inside++;
      }
    }
    return inside / subsamples ** 2;
  }

  toRaster(): RgbRaster {
    const { width, height } = this;
    return { width, height, channels: 3, data: new Uint8Array(Uint8ClampedArray.from(this.rgb).buffer) };
  }
}

/** The covered shares of a picture's pixels as 8-bit gray. */
export function toMask(coverage: Float32Array, { width, height }: Size): GrayRaster {
  const data = new Uint8Array(coverage.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.round(255 * coverage[i]!);
  return { width, height, channels: 1, data };
}
