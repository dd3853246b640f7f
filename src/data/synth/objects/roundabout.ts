import { bright, type Colour } from '../colour.ts';
import { drawRoad } from '../road.ts';
import type { Scene } from '../scene.ts';
import { circle, type Frame } from '../shapes.ts';
import { drawTree } from '../vegetation.ts';

/** A roundabout of this outer radius with the roads that lead to it; ring and middle are salient, the roads are not. */
export function drawRoundabout(scene: Scene, { x, y, heading }: Frame, radius: number, arms: number): void {
  const asphalt = scene.pick<Colour>([[112, 112, 112], [96, 97, 100], [132, 130, 126]]);
  const roadWidth = radius * scene.random.between(0.45, 0.6);
  for (let arm = 0; arm < arms; arm++) {
    const angle = heading + (2 * Math.PI * arm) / arms + scene.random.between(-0.12, 0.12);
    const bend = scene.random.between(-0.25, 0.25);
    const reach = 420;
    const end: [number, number] = [x + Math.cos(angle + bend) * reach, y + Math.sin(angle + bend) * reach];
    const middle: [number, number] = [x + Math.cos(angle) * reach * 0.4, y + Math.sin(angle) * reach * 0.4];
    drawRoad(scene, [[x, y], middle, end], { width: roadWidth, colour: asphalt, marked: true });
  }
  const inner = radius * scene.random.between(0.42, 0.58);
  scene.paint(circle(x, y, radius + 1), bright(asphalt, 1.25));
  scene.paint(circle(x, y, radius), (px, py) => bright(asphalt, 1 + 0.06 * scene.noise.fractal(px / 3, py / 3, 3)));
  scene.paint(circle(x, y, inner + 0.8), [190, 188, 182]);
  const middle = scene.pick<Colour>([[86, 116, 62], [110, 122, 72], [150, 130, 100]]);
  scene.paint(circle(x, y, inner), (px, py) => bright(middle, 1 + 0.15 * scene.noise.fractal(px / 4, py / 4, 3)));
  if (scene.chance(0.5)) {
    scene.paint(circle(x, y, inner * 0.55), bright(middle, 0.82));
    scene.paint(circle(x, y, inner * 0.2), [206, 204, 198]);
  } else {
    for (let tree = 0; tree < 5; tree++) {
      const angle = (tree * 2 * Math.PI) / 5;
      drawTree(scene, x + Math.cos(angle) * inner * 0.6, y + Math.sin(angle) * inner * 0.6, inner * 0.2);
    }
  }
  scene.markSalient('roundabout', circle(x, y, radius));
}
