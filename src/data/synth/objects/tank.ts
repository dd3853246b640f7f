import { bright, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';
import { circle, grown, stroke, type Frame } from '../shapes.ts';

const paints: readonly Colour[] = [[232, 232, 228], [214, 214, 208], [188, 184, 174], [158, 128, 108], [206, 212, 206]];

/** A storage tank: a cylinder seen from above, with a fixed or a sunken floating roof. */
export function drawTank(scene: Scene, { x, y, heading }: Frame, radius: number): void {
  const roof = circle(x, y, radius);
  const paint = scene.pick(paints);
  const length = Math.hypot(scene.sun.x, scene.sun.y);
  const [sunX, sunY] = [scene.sun.x / length, scene.sun.y / length];
  scene.shadow(roof, radius * scene.random.between(0.5, 0.9), 0.6);
  scene.paint(roof, bright(paint, 0.8));
  if (scene.chance(0.4) && radius > 4) {
    // The floating roof lies below the rim, and the rim's shadow falls on it.
    const sunken = grown(roof, -Math.max(0.6, radius * 0.06));
    const depth = radius * scene.random.between(0.1, 0.35);
    scene.paint(sunken, (px, py) => {
      const lit = Math.hypot(px - sunX * depth - x, py - sunY * depth - y) < radius * 0.95;
      return bright(paint, (lit ? 0.9 : 0.52) + 0.04 * scene.noise.at(px / 2, py / 2));
    });
  } else {
    scene.paint(grown(roof, -Math.max(0.4, radius * 0.05)), (px, py) => {
      const [u, v] = [(px - x) / radius, (py - y) / radius];
      const seam = Math.abs(Math.sin(6 * Math.atan2(v, u))) < 0.08 ? -0.05 : 0; // the plates of a conical roof meet in rays
      return bright(paint, 1 - 0.13 * (u * sunX + v * sunY) + seam + 0.03 * scene.noise.at(px / 1.5, py / 1.5));
    });
    scene.paint(circle(x, y, Math.max(0.3, radius * 0.07)), bright(paint, 0.7));
  }
  if (radius > 3.5) scene.paint(stroke({ x, y, heading }, [radius * 0.45, 0], [radius * 1.02, 0], 0.35), bright(paint, 0.6), 0.8);
  scene.markSalient('storage-tank', roof);
}
