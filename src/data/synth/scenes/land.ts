import { bright, type Colour } from '../colour.ts';
import { desert } from '../grounds/desert.ts';
import { fields } from '../grounds/fields.ts';
import { grass } from '../grounds/grass.ts';
import { Parcels } from '../grounds/parcels.ts';
import { drawBuilding } from '../objects/building.ts';
import { drawRoundabout } from '../objects/roundabout.ts';
import { drawTank } from '../objects/tank.ts';
import { drawVehicle } from '../objects/vehicle.ts';
import { curve, drawRoad, type RoadStyle } from '../road.ts';
import type { Scene } from '../scene.ts';
import { box, circle, grown, type Frame, type Point } from '../shapes.ts';
import { drawTree } from '../vegetation.ts';

const asphalts: readonly Colour[] = [[108, 108, 110], [92, 93, 96], [128, 126, 122]];
const dirt: readonly Colour[] = [[176, 156, 122], [158, 140, 112]];

/** Farmland with a road, vehicles on it or a farm; round parcels and bales look like tanks and vehicles. */
export function paintFarmland(scene: Scene): void {
  const parcels = new Parcels(scene, scene.random.between(26, 60));
  scene.canvas.fill(fields(scene, parcels));
  addRoundParcels(scene, scene.chance(0.4) ? scene.count(1, 3) : 0);
  addBales(scene, scene.chance(0.5) ? scene.count(4, 18) : 0);
  switch (scene.pick(['road', 'road', 'farm', 'tanks'] as const)) {
    case 'road':
      addRoadWithVehicles(scene, scene.chance(0.7) ? asphalts : dirt, scene.count(1, 6));
      break;
    case 'farm':
      addBuildings(scene, scene.count(1, 4), 12, 34, parcels.heading);
      break;
    case 'tanks':
      addTankRow(scene, scene.random.between(4, 11));
      break;
  }
  addTrees(scene, scene.count(5, 50), 1, 3);
}

/** Desert with a track and vehicles, a compound, or tanks; boulders and shrubs look like vehicles. */
export function paintDesert(scene: Scene): void {
  scene.canvas.fill(desert(scene));
  addBoulders(scene, scene.count(4, 40));
  switch (scene.pick(['road', 'road', 'compound', 'tanks'] as const)) {
    case 'road':
      addRoadWithVehicles(scene, scene.chance(0.4) ? asphalts : dirt, scene.count(1, 6));
      break;
    case 'compound':
      addBuildings(scene, scene.count(2, 5), 8, 30, scene.random.between(0, Math.PI));
      break;
    case 'tanks':
      addTankRow(scene, scene.random.between(3.5, 13));
      break;
  }
  addTrees(scene, scene.count(0, 30), 0.6, 1.4);
}

/** Meadow and wood with a roundabout, a road or a large building. */
export function paintCountryside(scene: Scene): void {
  scene.canvas.fill(grass(scene, scene.random.between(0.1, 0.55)));
  switch (scene.pick(['roundabout', 'roundabout', 'road', 'building'] as const)) {
    case 'roundabout': {
      const radius = scene.random.between(11, 30);
      const place = scene.reserve(radius * 1.3, undefined, radius * 2);
      if (place !== undefined) drawRoundabout(scene, { ...place, heading: scene.random.between(0, 2 * Math.PI) }, radius, scene.count(3, 5));
      break;
    }
    case 'road':
      addRoadWithVehicles(scene, asphalts, scene.count(2, 7));
      break;
    case 'building':
      addBuildings(scene, scene.count(1, 3), 24, 75, scene.random.between(0, Math.PI));
      break;
  }
  addTrees(scene, scene.count(4, 30), 1.2, 3.4);
}

function addRoadWithVehicles(scene: Scene, colours: readonly Colour[], vehicles: number): void {
  const { random, width, height } = scene;
  const angle = random.between(0, 2 * Math.PI);
  const end = (direction: number): Point => [width / 2 + Math.cos(direction) * 260, height / 2 + Math.sin(direction) * 260];
  const bend: Point = [random.between(0.25, 0.75) * width, random.between(0.25, 0.75) * height];
  const path: [Point, Point, Point] = [end(angle), bend, end(angle + Math.PI + random.between(-0.7, 0.7))];
  const style: RoadStyle = { width: random.between(7, 16), colour: scene.pick(colours), marked: colours === asphalts };
  drawRoad(scene, path, style);
  const points = curve(path);
  const carLength = style.width * random.between(0.55, 0.75);
  for (const point of points) scene.take({ x: point[0], y: point[1] }, style.width);
  const used: Point[] = [];
  for (let attempt = 0; attempt < 40 && used.length < vehicles; attempt++) {
    const i = random.integer(points.length - 1);
    const share = random.uniform();
    const [from, to] = [points[i]!, points[i + 1]!];
    const side = scene.chance(0.5) ? 1 : -1;
    const heading = Math.atan2(to[1] - from[1], to[0] - from[0]) + (side < 0 ? Math.PI : 0);
    const x = from[0] + (to[0] - from[0]) * share - Math.sin(heading) * style.width * 0.24;
    const y = from[1] + (to[1] - from[1]) * share + Math.cos(heading) * style.width * 0.24;
    const isLorry = scene.chance(0.2);
    const length = isLorry ? carLength * 1.9 : carLength;
    const isInside = x > length && y > length && x < width - length && y < height - length;
    if (!isInside || used.some(([ux, uy]) => Math.hypot(ux - x, uy - y) < carLength * 3)) continue;
    used.push([x, y]);
    drawVehicle(scene, { x, y, heading }, length);
  }
}

function addBuildings(scene: Scene, count: number, shortest: number, longest: number, heading: number): void {
  for (let i = 0; i < count; i++) {
    const length = scene.random.between(shortest, longest);
    const place = scene.reserve(length * 0.75, undefined, length * 0.7);
    if (place === undefined) continue;
    const frame: Frame = { ...place, heading: heading + scene.pick([0, Math.PI / 2, Math.PI, -Math.PI / 2]) };
    const yard = box(frame, length * 1.5, length * 1.25, 2);
    scene.paint(yard, (x, y) => bright([158, 148, 130], 1 + 0.12 * scene.noise.fractal(x / 6, y / 6, 3)), 0.75);
    drawBuilding(scene, frame, length);
  }
}

/** One to three rows of tanks of one size inside a low wall. */
export function addTankRow(scene: Scene, radius: number): void {
  const [columns, rows] = [scene.count(1, 4), scene.count(1, 3)];
  const pitch = radius * scene.random.between(2.6, 3.3);
  const reach = (pitch * Math.hypot(columns, rows)) / 2;
  const place = scene.reserve(reach, undefined, Math.min(reach, scene.width * 0.4));
  if (place === undefined) return;
  const heading = scene.random.between(0, Math.PI);
  const yard = box({ ...place, heading }, columns * pitch, rows * pitch, 1);
  scene.paint(grown(yard, 0.9), [186, 178, 162], 0.9);
  scene.paint(yard, (x, y) => bright([150, 140, 122], 1 + 0.1 * scene.noise.fractal(x / 8, y / 8, 3)));
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      if (scene.chance(0.1)) continue;
      const [u, v] = [(column - (columns - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch];
      const x = place.x + u * Math.cos(heading) - v * Math.sin(heading);
      const y = place.y + u * Math.sin(heading) + v * Math.cos(heading);
      drawTank(scene, { x, y, heading }, radius * scene.random.between(0.85, 1));
    }
  }
}

/** Irrigated circles: flat and round like a tank, but without height. */
function addRoundParcels(scene: Scene, count: number): void {
  for (let i = 0; i < count; i++) {
    const radius = scene.random.between(5, 30);
    const place = scene.reserve(radius);
    if (place === undefined) continue;
    const crop = scene.pick<Colour>([[84, 108, 58], [132, 128, 82], [168, 150, 112], [192, 182, 150]]);
    scene.paint(circle(place.x, place.y, radius), (x, y) => {
      const ring = 0.04 * Math.sin(Math.hypot(x - place.x, y - place.y) * 2.4);
      return bright(crop, 1 + ring + 0.14 * scene.noise.fractal(x / 12, y / 12, 3));
    });
  }
}

function addBales(scene: Scene, count: number): void {
  const place = scene.reserve(30);
  if (place === undefined) return;
  for (let i = 0; i < count; i++) {
    const bale = circle(place.x + scene.random.between(-26, 26), place.y + scene.random.between(-26, 26), scene.random.between(0.8, 1.3));
    scene.shadow(bale, 1.2, 0.5);
    scene.paint(bale, bright([196, 178, 126], scene.random.between(0.85, 1.1)));
  }
}

function addBoulders(scene: Scene, count: number): void {
  for (let i = 0; i < count; i++) {
    const [x, y] = [scene.random.between(0, scene.width), scene.random.between(0, scene.height)];
    const size = scene.random.between(1, 3.6);
    const boulder = box({ x, y, heading: scene.random.between(0, Math.PI) }, size, size * scene.random.between(0.5, 0.9), size * 0.3);
    scene.shadow(boulder, size * 0.5, 0.5);
    scene.paint(boulder, bright(scene.pick<Colour>([[204, 186, 154], [140, 118, 94], [112, 98, 82]]), scene.random.between(0.85, 1.15)));
  }
}

function addTrees(scene: Scene, count: number, smallest: number, largest: number): void {
  for (let i = 0; i < count; i++) {
    const place = { x: scene.random.between(0, scene.width), y: scene.random.between(0, scene.height) };
    const radius = scene.random.between(smallest, largest);
    if (scene.isFree(place, radius + 4)) drawTree(scene, place.x, place.y, radius);
  }
}
