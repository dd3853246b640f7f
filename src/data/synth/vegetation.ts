import { bright, type Colour } from './colour.ts';
import type { Scene } from './scene.ts';
import { circle, local, norm, type Shape } from './shapes.ts';

const leaves: readonly Colour[] = [[62, 82, 44], [74, 92, 50], [52, 74, 46], [88, 98, 58]];

/** One crown with its shadow. */
export function drawTree(scene: Scene, x: number, y: number, radius: number): void {
  const { noise } = scene;
  const crown: Shape = radius < 1.2 ? circle(x, y, radius) : local({ x, y, heading: 0 }, radius * 1.4, (u, v) => 0.7 * (norm(u, v) - radius * (1 + 0.25 * noise.at((x + u) / 1.6, (y + v) / 1.6))));
  const leaf = scene.pick(leaves);
  const length = Math.hypot(scene.sun.x, scene.sun.y);
  const [sunX, sunY] = [scene.sun.x / length, scene.sun.y / length];
  scene.shadow(crown, radius * 1.1, 0.5);
  scene.paint(crown, (px, py) => {
    const away = ((px - x) * sunX + (py - y) * sunY) / radius;
    return bright(leaf, 1.02 - 0.32 * away + 0.22 * noise.fractal(px / 1.4, py / 1.4, 2));
  });
}
