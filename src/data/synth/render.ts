import type { GrayRaster, RgbRaster, Size } from '../raster.ts';
import { applyAtmosphere } from './atmosphere.ts';
import { Scene, type SceneObject } from './scene.ts';
import { paintAirport } from './scenes/airport.ts';
import { paintCountryside, paintDesert, paintFarmland } from './scenes/land.ts';
import { paintHarbour, paintIslands, paintSea } from './scenes/sea.ts';
import { paintIndustry, paintTown } from './scenes/town.ts';

const painters = {
  sea: paintSea,
  islands: paintIslands,
  harbour: paintHarbour,
  farmland: paintFarmland,
  desert: paintDesert,
  countryside: paintCountryside,
  town: paintTown,
  industry: paintIndustry,
  airport: paintAirport,
} as const;

export type SceneKind = keyof typeof painters;
export const sceneKinds = Object.keys(painters) as readonly SceneKind[];

/** About 80 pixels of 256 × 256. */
const leastSalientShare = 0.0012;

export interface RenderedScene {
  readonly kind: SceneKind;
  readonly image: RgbRaster;
  readonly mask: GrayRaster;
  readonly objects: readonly SceneObject[];
}

/**
 * Paints one aerial scene: a function of its arguments alone. A layout in which next to nothing is salient is drawn again.
 * @param size in pixels; the ground shown does not depend on it
 */
export function renderScene(kind: SceneKind, size: Size, seed: number, id: string): RenderedScene {
  for (let attempt = 0; ; attempt++) {
    const keys = [seed, 'scene', id, attempt] as const;
    const scene = new Scene(size, ...keys);
    painters[kind](scene);
    const salient = scene.objects.reduce((sum, { area }) => sum + area, 0);
    if (salient < leastSalientShare * size.width * size.height && attempt < 20) continue;
    applyAtmosphere(scene, ...keys);
    return { kind, image: scene.canvas.toRaster(), mask: scene.mask(), objects: scene.objects };
  }
}
