import { bright, mix, smoothstep, type Colour } from '../colour.ts';
import { water } from '../grounds/water.ts';
import { drawIsland } from '../objects/island.ts';
import { drawShip } from '../objects/ship.ts';
import { box, circle, toScene } from '../shapes.ts';
import type { Scene } from '../scene.ts';

/** Open water with ships of all sizes; white caps look like small boats. */
export function paintSea(scene: Scene): void {
  scene.canvas.fill(water(scene));
  addWhiteCaps(scene, scene.count(0, 40));
  const lane = scene.random.between(0, 2 * Math.PI);
  const count = scene.count(1, 6);
  const largest = scene.pick([14, 30, 60, 95]);
  for (let i = 0; i < count; i++) {
    const length = Math.max(7, largest * scene.random.between(0.35, 1));
    const place = scene.reserve(length * 0.65);
    if (place === undefined) continue;
    const heading = lane + (scene.chance(0.5) ? Math.PI : 0) + scene.random.between(-0.5, 0.5);
    drawShip(scene, { ...place, heading }, length, scene.chance(0.75) ? scene.random.between(0.35, 1) : 0);
  }
}

/** Islands with surf, rocks awash, and now and then a boat. */
export function paintIslands(scene: Scene): void {
  scene.canvas.fill(water(scene));
  addWhiteCaps(scene, scene.count(0, 20));
  addRocks(scene, scene.count(0, 6));
  const count = scene.count(1, 3);
  for (let i = 0; i < count; i++) {
    const diameter = scene.random.between(28, 150 / Math.sqrt(count));
    const place = scene.reserve(diameter * 0.62, undefined, diameter * 0.4);
    if (place !== undefined) drawIsland(scene, { ...place, heading: scene.random.between(0, Math.PI) }, diameter);
  }
  for (let i = scene.count(0, 2); i > 0; i--) {
    const length = scene.random.between(8, 15);
    const place = scene.reserve(length);
    if (place !== undefined) drawShip(scene, { ...place, heading: scene.random.between(0, 2 * Math.PI) }, length, scene.random.between(0.3, 0.9));
  }
}

/** A quay with containers and cranes; ships moored along it and under way. Containers are bright boxes like ships, and not salient. */
export function paintHarbour(scene: Scene): void {
  const { noise, random } = scene;
  const sea = water(scene);
  const heading = random.between(0, 2 * Math.PI);
  const [cosine, sine] = [Math.cos(heading), Math.sin(heading)];
  const [centreX, centreY] = [scene.width / 2, scene.height / 2];
  const depthOf = (x: number, y: number) => (y - centreY) * cosine - (x - centreX) * sine; // to the right of the quay's edge
  const edge = random.between(10, 50);
  const concrete = scene.pick<Colour>([[150, 148, 142], [168, 162, 150], [134, 134, 132]]);
  scene.canvas.fill((x, y) => {
    const depth = depthOf(x, y) - edge;
    const open = depth < 0.5 ? bright(sea(x, y), 1 - 0.35 * smoothstep(-3.5, -2.5, depth)) : concrete; // the wall's foot lies in the dark
    if (depth < -0.5) return open;
    const tone = 1 + 0.09 * noise.fractal(x / 24, y / 24, 4) + 0.05 * noise.at(x / 1.5, y / 1.5) + 0.2 * smoothstep(1.5, 0.5, depth);
    const land = mix(bright(concrete, tone), bright(concrete, 0.72), 0.7 * smoothstep(3.7, 2.7, Math.abs(depth - 13)));
    return mix(open, land, smoothstep(-0.5, 0.5, depth));
  });
  const frameAt = (along: number, depth: number) => {
    const [x, y] = toScene({ x: centreX, y: centreY, heading }, along, edge + depth);
    return { x, y, heading };
  };
  const containers: readonly Colour[] = [[150, 66, 50], [60, 90, 130], [170, 146, 90], [104, 118, 110], [180, 178, 172], [196, 110, 60]];
  for (let along = -190; along < 190; along += 15) {
    for (let depth = 22; depth < 150; depth += 9) {
      if (noise.at(along / 60, depth / 40) < -0.1 || scene.chance(0.25)) continue;
      const lot = box(frameAt(along, depth), 13, 6);
      scene.shadow(lot, 1.6, 0.5);
      for (const row of [-2, 0, 2]) scene.paint(box(frameAt(along, depth + row), 12.4, 1.8), bright(scene.pick(containers), random.between(0.75, 1.1)));
    }
  }
  for (let along = -150 + random.between(0, 40); along < 160; ) {
    const length = random.between(26, 80);
    const frame = frameAt(along + length / 2, -length * 0.14 - 1.5);
    const isInside = frame.x > 6 && frame.y > 6 && frame.x < scene.width - 6 && frame.y < scene.height - 6;
    if (isInside && scene.chance(0.6)) {
      drawShip(scene, { ...frame, heading: heading + (scene.chance(0.5) ? Math.PI : 0) }, length, 0);
      scene.take(frame, length * 0.5);
    }
    along += length + random.between(8, 50);
  }
  for (let i = scene.count(1, 3); i > 0; i--) {
    const length = random.between(8, 32);
    const place = scene.reserve(length * 0.6, ({ x, y }) => depthOf(x, y) < edge - length * 0.7);
    if (place !== undefined) drawShip(scene, { ...place, heading: random.between(0, 2 * Math.PI) }, length, random.between(0, 0.9));
  }
}

/** Breaking waves: short bright strokes along one direction. */
function addWhiteCaps(scene: Scene, count: number): void {
  const heading = scene.random.between(0, Math.PI);
  for (let i = 0; i < count; i++) {
    const [x, y] = [scene.random.between(0, scene.width), scene.random.between(0, scene.height)];
    const cap = box({ x, y, heading: heading + scene.random.between(-0.3, 0.3) }, scene.random.between(1.5, 5), scene.random.between(0.5, 1.3), 0.3);
    scene.paint(cap, [214, 222, 224], scene.random.between(0.25, 0.75));
  }
}

/** Rocks awash with a collar of foam; too small and too rough for islands. */
function addRocks(scene: Scene, count: number): void {
  for (let i = 0; i < count; i++) {
    const place = scene.reserve(6);
    if (place === undefined) return;
    const radius = scene.random.between(0.8, 2.4);
    const foam = { ...circle(place.x, place.y, radius * 2.4), distance: (x: number, y: number) => 0.6 * (Math.hypot(x - place.x, y - place.y) - radius * (1.7 + 1.2 * scene.noise.at(x / 2.5, y / 2.5))) };
    scene.paint(foam, (x, y) => bright([206, 218, 218], 0.8 + 0.2 * smoothstep(-1, 1, scene.noise.at(x, y))), 0.6);
    scene.paint(circle(place.x, place.y, radius), [86, 82, 74]);
  }
}
