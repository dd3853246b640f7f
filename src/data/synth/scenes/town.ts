import { bright, mix, smoothstep, type Colour } from '../colour.ts';
import { insideBy, Parcels, type Parcel } from '../grounds/parcels.ts';
import { drawBuilding, drawHouse, drawRoof } from '../objects/building.ts';
import { drawRoundabout } from '../objects/roundabout.ts';
import { drawStadium } from '../objects/stadium.ts';
import type { Place, Scene } from '../scene.ts';
import { box, circle, grown, toScene } from '../shapes.ts';
import { drawTree } from '../vegetation.ts';
import { addTankRow } from './land.ts';

const tiles: readonly Colour[] = [[148, 92, 72], [126, 84, 70], [164, 116, 90], [112, 110, 112], [136, 128, 120], [92, 92, 98]];

/** Blocks of houses along streets; a stadium, a roundabout or a large building stands out, ordinary roofs do not. */
export function paintTown(scene: Scene): void {
  const parcels = new Parcels(scene, scene.random.between(34, 52));
  fillBlocks(scene, parcels);
  const landmark = scene.pick(['stadium', 'stadium', 'roundabout', 'building'] as const);
  const radius = { stadium: scene.random.between(24, 58), roundabout: scene.random.between(13, 26), building: scene.random.between(26, 46) }[landmark];
  const place = scene.reserve(radius * 1.12, undefined, radius * 1.2) ?? { x: scene.width / 2, y: scene.height / 2 };
  const heading = parcels.heading + scene.pick([0, Math.PI / 2]);
  const square = box({ ...place, heading: parcels.heading }, radius * 2.3, radius * 2.05, 3);
  const ragged = { ...grown(square, 3), distance: (x: number, y: number) => 0.75 * (square.distance(x, y) + 3 * scene.noise.fractal(x / 11, y / 11, 3)) };
  if (landmark !== 'roundabout') scene.paint(ragged, (x, y) => bright([146, 142, 132], 1 + 0.12 * scene.noise.fractal(x / 9, y / 9, 4)), 0.9);
  if (landmark === 'roundabout') drawRoundabout(scene, { ...place, heading: parcels.heading }, radius, 4);
  addHouses(scene, parcels, landmark === 'roundabout' ? streetsOf(scene, parcels, place, radius) : () => true);
  if (landmark === 'stadium') drawStadium(scene, { ...place, heading }, radius * 1.9);
  if (landmark === 'building') drawBuilding(scene, { ...place, heading }, radius * 1.35);
}

/** Sheds, yards and storage tanks; flat light roofs and painted circles look like tanks. */
export function paintIndustry(scene: Scene): void {
  const parcels = new Parcels(scene, scene.random.between(40, 62));
  fillBlocks(scene, parcels, [150, 144, 134]);
  for (let i = scene.count(1, 3); i > 0; i--) addTankRow(scene, scene.random.between(3.5, 14));
  for (let i = scene.count(0, 3); i > 0; i--) {
    const radius = scene.random.between(3, 8);
    const place = scene.reserve(radius);
    if (place === undefined) continue;
    scene.paint(circle(place.x, place.y, radius), [206, 204, 196], 0.7);
    scene.paint(circle(place.x, place.y, radius * 0.88), [150, 146, 138], 0.8);
  }
  for (const parcel of parcels.all) {
    const [u, v] = [(parcel.left + parcel.right) / 2, (parcel.top + parcel.bottom) / 2];
    const [long, wide] = [(parcel.right - parcel.left) * scene.random.between(0.3, 0.6), (parcel.bottom - parcel.top) * scene.random.between(0.25, 0.5)];
    const [x, y] = parcels.toScene(u, v);
    if (!scene.isFree({ x, y }, Math.hypot(long, wide) / 2 + 2) || scene.chance(0.2)) continue;
    const frame = { x, y, heading: parcels.heading };
    drawRoof(scene, frame, box(frame, long, wide), scene.random.between(2, 6), bright(scene.pick<Colour>([[140, 140, 137], [116, 122, 128], [124, 108, 98], [150, 148, 140]]), 0.92), scene.count(0, 5), [long * 0.4, wide * 0.4]);
    scene.take({ x, y }, Math.hypot(long, wide) / 2);
  }
  addYardGoods(scene, parcels);
  for (let tree = scene.count(10, 45); tree > 0; tree--) {
    const place = { x: scene.random.between(0, scene.width), y: scene.random.between(0, scene.height) };
    if (scene.isFree(place, 4)) drawTree(scene, place.x, place.y, scene.random.between(1, 2.6));
  }
}

/** Stacks, boxes and heaps between the sheds: small, bright, and not salient. */
function addYardGoods(scene: Scene, parcels: Parcels): void {
  for (let group = scene.count(4, 12); group > 0; group--) {
    const place = { x: scene.random.between(0, scene.width), y: scene.random.between(0, scene.height) };
    if (!scene.isFree(place, 10)) continue;
    const heading = parcels.heading + scene.pick([0, Math.PI / 2]);
    const paint = scene.pick<Colour>([[168, 96, 70], [92, 112, 138], [186, 182, 172], [110, 100, 88]]);
    const [long, wide] = [scene.random.between(2.5, 6), scene.random.between(1.4, 2.4)];
    for (let item = scene.count(2, 8); item > 0; item--) {
      const [x, y] = toScene({ ...place, heading }, scene.random.between(-8, 8), wide * 1.15 * scene.count(-3, 3));
      const goods = box({ x, y, heading }, long, wide);
      scene.shadow(goods, 1, 0.5);
      scene.paint(goods, bright(paint, scene.random.between(0.75, 1.15)));
    }
  }
}

const streetWidth = 7;

/** Streets between the blocks; gardens, or one colour of yard, inside. */
function fillBlocks(scene: Scene, parcels: Parcels, yard?: Colour): void {
  const { noise } = scene;
  const asphalt = scene.pick<Colour>([[112, 111, 110], [98, 98, 100], [126, 124, 120]]);
  const garden = scene.pick<Colour>([[92, 104, 64], [112, 112, 76], [104, 98, 76]]);
  const paving: Colour = yard ?? [150, 142, 128];
  const share = parcels.all.map(() => scene.random.between(0, 0.55) + (yard === undefined ? 0 : scene.pick([0.05, 0.35, 0.6])));
  scene.canvas.fill((x, y) => {
    const [u, v] = parcels.turned(x, y);
    const parcel = parcels.at(u, v);
    const inside = insideBy(parcel, u, v);
    const street = bright(asphalt, 1 + 0.07 * noise.fractal(x / 3, y / 3, 2) + 0.06 * noise.at(x / 28, y / 28));
    if (inside < streetWidth / 2 - 0.5) return inside < 0.25 && Math.floor((u + v) / 3) % 2 === 0 ? bright(asphalt, 1.3) : street;
    const isPaved = smoothstep(-0.1, 0.1, noise.fractal(x / 16 + parcel.index, y / 16, 3) + share[parcel.index]! - 0.35);
    const block = bright(mix(garden, paving, isPaved), 1 + 0.16 * noise.fractal(x / 4, y / 4, 3));
    return mix(bright(asphalt, 1.18), block, smoothstep(streetWidth / 2 + 0.4, streetWidth / 2 + 1.4, inside));
  });
}

/** No house may stand on a street of the roundabout. */
function streetsOf(scene: Scene, parcels: Parcels, centre: Place, radius: number): (place: Place) => boolean {
  const [u, v] = parcels.turned(centre.x, centre.y);
  return ({ x, y }) => {
    const [pu, pv] = parcels.turned(x, y);
    return Math.min(Math.abs(pu - u), Math.abs(pv - v)) > radius * 0.45 + 9 + 0.18 * Math.max(Math.abs(pu - u), Math.abs(pv - v));
  };
}

function addHouses(scene: Scene, parcels: Parcels, allowed: (place: Place) => boolean): void {
  const { random } = scene;
  const palette = [scene.pick(tiles), scene.pick(tiles), scene.pick(tiles)];
  const isVisible = ({ x, y }: Place) => x > -14 && y > -14 && x < scene.width + 14 && y < scene.height + 14;
  for (const parcel of parcels.all) {
    const pitch = random.between(11, 15);
    for (const { u, v, heading } of lots(parcel, pitch)) {
      const [x, y] = parcels.toScene(u + random.between(-1, 1), v + random.between(-1, 1));
      const [length, width] = [pitch * random.between(0.6, 0.88), random.between(6, 8.5)];
      if (!isVisible({ x, y }) || !scene.isFree({ x, y }, 6) || !allowed({ x, y }) || scene.chance(0.08)) continue;
      drawHouse(scene, { x, y, heading: parcels.heading + heading }, length, width, bright(scene.pick(palette), random.between(0.85, 1.12)));
    }
    for (let tree = scene.count(2, 9); tree > 0; tree--) {
      const [x, y] = parcels.toScene(random.between(parcel.left + 4, parcel.right - 4), random.between(parcel.top + 4, parcel.bottom - 4));
      if (isVisible({ x, y }) && scene.isFree({ x, y }, 3) && allowed({ x, y })) drawTree(scene, x, y, random.between(1, 2.6));
    }
  }
}

/** Building lots along the four sides of a block. */
function* lots({ left, top, right, bottom }: Parcel, pitch: number): Generator<{ u: number; v: number; heading: number }> {
  const setback = streetWidth / 2 + 6.5;
  for (let u = left + setback; u < right - setback + 1; u += pitch) {
    yield { u, v: top + setback, heading: 0 };
    if (bottom - top > 4 * setback - 8) yield { u, v: bottom - setback, heading: 0 };
  }
  for (let v = top + setback + pitch; v < bottom - setback - pitch + 1; v += pitch) {
    yield { u: left + setback, v, heading: Math.PI / 2 };
    if (right - left > 4 * setback - 8) yield { u: right - setback, v, heading: Math.PI / 2 };
  }
}
