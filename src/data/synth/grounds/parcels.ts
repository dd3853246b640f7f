import type { Scene } from '../scene.ts';
import { toScene, type Point } from '../shapes.ts';

/** A rectangle of ground in the turned coordinates of its `Parcels`. */
export interface Parcel {
  /** Position in `Parcels.all`. */
  readonly index: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

type Node = { readonly parcel: Parcel } | { readonly axis: 'u' | 'v'; readonly at: number; readonly low: Node; readonly high: Node };

/** Ground divided again and again by straight lines, at one angle to the picture: fields, or the blocks of a town. */
export class Parcels {
  readonly all: Parcel[] = [];
  readonly heading: number;
  readonly #root: Node;
  readonly #cosine: number;
  readonly #sine: number;
  readonly #centre: Point;

  /** Parcels have sides of about `least` to twice `least`, in scene units. */
  constructor(scene: Scene, least: number) {
    this.heading = scene.random.between(0, Math.PI / 2);
    this.#cosine = Math.cos(this.heading);
    this.#sine = Math.sin(this.heading);
    this.#centre = [scene.width / 2, scene.height / 2];
    const reach = Math.hypot(scene.width, scene.height) / 2 + 2;
    this.#root = this.#divide(scene, { left: -reach, top: -reach, right: reach, bottom: reach }, least);
  }

  #divide(scene: Scene, area: Omit<Parcel, 'index'>, least: number): Node {
    const [width, height] = [area.right - area.left, area.bottom - area.top];
    const longer = Math.max(width, height);
    const stops = longer < least * 2.1 || (longer < least * 3.2 && scene.chance(0.18));
    if (stops) {
      const parcel = { ...area, index: this.all.length };
      this.all.push(parcel);
      return { parcel };
    }
    const share = scene.random.between(0.36, 0.64);
    if (width >= height) {
      const at = area.left + width * share;
      return { axis: 'u', at, low: this.#divide(scene, { ...area, right: at }, least), high: this.#divide(scene, { ...area, left: at }, least) };
    }
    const at = area.top + height * share;
    return { axis: 'v', at, low: this.#divide(scene, { ...area, bottom: at }, least), high: this.#divide(scene, { ...area, top: at }, least) };
  }

  /** The turned coordinates of a point of the scene. */
  turned(x: number, y: number): Point {
    const [dx, dy] = [x - this.#centre[0], y - this.#centre[1]];
    return [dx * this.#cosine + dy * this.#sine, dy * this.#cosine - dx * this.#sine];
  }

  /** The scene coordinates of a turned point. */
  toScene(u: number, v: number): Point {
    return toScene({ x: this.#centre[0], y: this.#centre[1], heading: this.heading }, u, v);
  }

  /** The parcel at a turned point. */
  at(u: number, v: number): Parcel {
    let node = this.#root;
    while (!('parcel' in node)) node = (node.axis === 'u' ? u : v) < node.at ? node.low : node.high;
    return node.parcel;
  }
}

/** How far a turned point lies inside its parcel. */
export function insideBy({ left, top, right, bottom }: Parcel, u: number, v: number): number {
  return Math.min(u - left, right - u, v - top, bottom - v);
}
