import { bright, mix, smoothstep, type Colour } from '../colour.ts';
import { grass } from '../grounds/grass.ts';
import { pavement } from '../grounds/pavement.ts';
import { drawAircraft } from '../objects/aircraft.ts';
import { drawBuilding } from '../objects/building.ts';
import type { Scene } from '../scene.ts';
import { box, stroke, toScene, type Frame } from '../shapes.ts';

/** Parked aircraft on an apron beside grass; boxes, trolleys and painted lines are not salient. */
export function paintAirport(scene: Scene): void {
  const { random, noise } = scene;
  const heading = random.between(0, 2 * Math.PI);
  const centre: Frame = { x: scene.width / 2, y: scene.height / 2, heading };
  const concrete = scene.pick<Colour>([[164, 162, 156], [148, 148, 146], [180, 174, 160], [118, 118, 120]]);
  const [apron, meadow] = [pavement(scene, heading, concrete), grass(scene, 0)];
  const [cosine, sine] = [Math.cos(heading), Math.sin(heading)];
  const edge = random.between(40, 120);
  scene.canvas.fill((x, y) => {
    const depth = (y - centre.y) * cosine - (x - centre.x) * sine;
    const isGrass = smoothstep(edge - 0.8, edge + 0.8, depth + 0.6 * noise.at(x / 6, y / 6));
    if (isGrass === 0) return apron(x, y);
    return isGrass === 1 ? meadow(x, y) : mix(apron(x, y), meadow(x, y), isGrass);
  });
  const yellow: Colour = [196, 164, 72];
  scene.paint(stroke(centre, [-260, edge - 10], [260, edge - 10], 0.4), yellow, 0.75);
  scene.paint(stroke(centre, [-260, edge - 3], [260, edge - 3], 0.3), [214, 212, 204], 0.6);

  const length = scene.pick([14, 22, 34, 52, 70]) * random.between(0.85, 1.15);
  const pitch = length * random.between(1.12, 1.35);
  const facing = heading + Math.PI / 2 + random.between(-0.5, 0.5) * (scene.chance(0.5) ? 1 : 0);
  const row = edge - 16 - length * 0.62;
  if (scene.chance(0.4)) addTerminal(scene, centre, row - length * 0.8 - 22);
  for (const depth of length < 30 ? [row, row - pitch * 1.1, row - pitch * 2.2] : [row]) {
    for (let along = -170 + random.between(0, pitch); along < 170; along += pitch) {
      const [x, y] = toScene(centre, along, depth);
      const reach = length * 0.42;
      const isInside = x > reach && y > reach && x < scene.width - reach && y < scene.height - reach;
      if (!isInside || !scene.isFree({ x, y }, length * 0.4)) continue;
      const frame: Frame = { x, y, heading: facing + random.between(-0.04, 0.04) };
      scene.paint(stroke(frame, [-length * 0.3, 0], [length * 0.9, 0], 0.3), yellow, 0.7);
      scene.take({ x, y }, length * 0.4);
      if (scene.chance(0.72)) drawAircraft(scene, frame, length * random.between(0.88, 1));
      else scene.paint(stroke(frame, [-length * 0.2, -length * 0.3], [-length * 0.2, length * 0.3], 0.3), yellow, 0.6);
    }
  }
  addGroundEquipment(scene, heading, scene.count(5, 26), (x, y) => (y - centre.y) * cosine - (x - centre.x) * sine < edge - 6);
}

function addTerminal(scene: Scene, centre: Frame, depth: number): void {
  const [x, y] = toScene(centre, scene.random.between(-40, 40), depth);
  const length = scene.random.between(60, 110);
  if (x < 30 || y < 30 || x > scene.width - 30 || y > scene.height - 30) return;
  drawBuilding(scene, { x, y, heading: centre.heading + Math.PI }, length);
  scene.take({ x, y }, length * 0.62);
}

function addGroundEquipment(scene: Scene, heading: number, count: number, allowed: (x: number, y: number) => boolean): void {
  for (let i = 0; i < count; i++) {
    const [x, y] = [scene.random.between(4, scene.width - 4), scene.random.between(4, scene.height - 4)];
    if (!scene.isFree({ x, y }, 3) || !allowed(x, y)) continue;
    const item = box({ x, y, heading: heading + scene.pick([0, Math.PI / 2]) }, scene.random.between(1.4, 4), scene.random.between(1.1, 1.9));
    scene.shadow(item, 0.8, 0.5);
    scene.paint(item, bright(scene.pick<Colour>([[208, 208, 204], [172, 150, 70], [84, 98, 120], [120, 120, 118]]), scene.random.between(0.8, 1.1)));
  }
}
