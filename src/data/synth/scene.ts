import { Random } from '../../base/random.ts';
import type { GrayRaster, Size } from '../raster.ts';
import { Canvas, toMask, type Shader } from './canvas.ts';
import type { Colour } from './colour.ts';
import { Noise } from './noise.ts';
import { swept, type Shape } from './shapes.ts';

export const objectClasses = ['ship', 'aircraft', 'storage-tank', 'stadium', 'island', 'building', 'roundabout', 'vehicle'] as const;
export type ObjectClass = (typeof objectClasses)[number];

/** One salient object of a finished scene. */
export interface SceneObject {
  readonly class: ObjectClass;
  /** Pixels: left, top, width, height of the pixels that the object covers by half or more. */
  readonly box: readonly [number, number, number, number];
  /** Number of those pixels. */
  readonly area: number;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A scene in the making: the picture, the light, what is salient, and which ground is taken. */
export class Scene {
  readonly canvas: Canvas;
  readonly noise: Noise;
  readonly random: Random;
  /** Extent in scene units. */
  readonly width: number;
  readonly height: number;
  /** Shadow of a unit of height. */
  readonly sun: { readonly x: number; readonly y: number };
  readonly objects: SceneObject[] = [];
  readonly #coverage: Float32Array;
  readonly #taken: (Place & { readonly radius: number })[] = [];

  constructor(size: Size, ...keys: readonly (string | number)[]) {
    this.random = new Random(...keys, 'layout');
    // Pictures are taken from different heights: half of them from closer by.
    this.canvas = new Canvas(size, this.chance(0.5) ? this.random.between(1, 1.25) : this.random.between(1.25, 2.3));
    this.noise = new Noise(new Random(...keys, 'texture'));
    this.width = size.width / this.canvas.scale;
    this.height = size.height / this.canvas.scale;
    const azimuth = this.random.between(0, 2 * Math.PI);
    const length = this.random.between(0.35, 1.1);
    this.sun = { x: Math.cos(azimuth) * length, y: Math.sin(azimuth) * length };
    this.#coverage = new Float32Array(size.width * size.height);
  }

  /** One of several, equally likely. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.random.integer(items.length)]!;
  }

  chance(share: number): boolean {
    return this.random.uniform() < share;
  }

  /** Whole numbers from low to high, both included. */
  count(low: number, high: number): number {
    return low + this.random.integer(high - low + 1);
  }

  /** A free circle of ground, reserved from now on; undefined where the scene is full. */
  reserve(radius: number, allowed: (place: Place) => boolean = () => true, margin = radius * 0.8): Place | undefined {
    for (let attempt = 0; attempt < 40; attempt++) {
      const place = { x: this.random.between(margin, this.width - margin), y: this.random.between(margin, this.height - margin) };
      if (this.isFree(place, radius) && allowed(place)) {
        this.take(place, radius);
        return place;
      }
    }
    return undefined;
  }

  isFree({ x, y }: Place, radius: number): boolean {
    return this.#taken.every((other) => Math.hypot(other.x - x, other.y - y) > other.radius + radius);
  }

  take({ x, y }: Place, radius: number): void {
    this.#taken.push({ x, y, radius });
  }

  /** Casts the shadow of something of this height. */
  shadow(shape: Shape, height: number, strength = 0.55): void {
    this.canvas.darken(swept(shape, this.sun.x * height, this.sun.y * height), strength);
  }

  paint(shape: Shape, colour: Colour | Shader, opacity?: number): void {
    this.canvas.paint(shape, colour, opacity);
  }

  /** Adds a shape to the mask as one object. */
  markSalient(objectClass: ObjectClass, shape: Shape): void {
    const { width } = this.canvas;
    let [left, top, right, bottom, area] = [Infinity, Infinity, -1, -1, 0];
    this.canvas.cover(shape, (pixel, coverage) => {
      this.#coverage[pixel] = Math.max(this.#coverage[pixel]!, coverage);
      if (coverage < 0.5) return;
      const [column, row] = [pixel % width, Math.floor(pixel / width)];
      [left, top, right, bottom] = [Math.min(left, column), Math.min(top, row), Math.max(right, column), Math.max(bottom, row)];
      area++;
    });
    if (area > 0) this.objects.push({ class: objectClass, box: [left, top, right - left + 1, bottom - top + 1], area });
  }

  /** 8-bit; 255 on salient objects, between at their borders. */
  mask(): GrayRaster {
    return toMask(this.#coverage, this.canvas);
  }
}
