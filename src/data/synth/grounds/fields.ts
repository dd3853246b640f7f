import type { Shader } from '../canvas.ts';
import { bright, mix, smoothstep, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';
import { insideBy, type Parcels } from './parcels.ts';

const crops: readonly Colour[] = [
  [96, 112, 62], [74, 98, 56], [122, 124, 74], [148, 134, 92], [168, 148, 106], [118, 98, 74], [88, 106, 70], [138, 140, 88], [106, 88, 68],
];

interface Crop {
  readonly colour: Colour;
  readonly alongU: boolean;
  readonly period: number;
  readonly contrast: number;
  readonly patchiness: number;
}

/** Farmland: every parcel has its crop, its rows and its thin spots; tracks and hedges run between. */
export function fields(scene: Scene, parcels: Parcels): Shader {
  const { noise, random } = scene;
  const planted = parcels.all.map((parcel): Crop => ({
    colour: bright(scene.pick(crops), random.between(0.82, 1.12)),
    alongU: scene.chance(parcel.right - parcel.left > parcel.bottom - parcel.top ? 0.8 : 0.2), // rows run the long way
    period: random.between(2.2, 5),
    contrast: scene.chance(0.6) ? random.between(0.02, 0.1) : 0,
    patchiness: random.between(0.05, 0.2),
  }));
  const track: Colour = scene.pick<Colour>([[170, 154, 122], [146, 132, 104]]);
  const hedge: Colour = [62, 76, 44];
  const isHedge = parcels.all.map(() => scene.chance(0.4));
  return (x, y) => {
    const [u, v] = parcels.turned(x + 1.2 * noise.at(x / 30, y / 30), y + 1.2 * noise.at(x / 30 + 7, y / 30));
    const parcel = parcels.at(u, v);
    const { colour, alongU, period, contrast, patchiness } = planted[parcel.index]!;
    const row = Math.sin(((alongU ? v : u) * 2 * Math.PI) / period);
    const patch = noise.fractal(x / 38 + parcel.index, y / 38, 4);
    const fine = noise.fractal(x / 1.6, y / 1.6, 2);
    const crop = bright(colour, 1 + contrast * row + patchiness * patch + 0.07 * fine);
    const inside = insideBy(parcel, u, v);
    if (inside > 3) return crop;
    const edge = isHedge[parcel.index]! ? bright(hedge, 0.85 + 0.5 * noise.fractal(x / 2.4, y / 2.4, 2)) : bright(track, 1 + 0.1 * fine);
    return mix(edge, crop, smoothstep(0.5, 1.3, inside + 0.5 * noise.at(x / 4, y / 4)));
  };
}
