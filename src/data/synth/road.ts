import { bright, type Colour } from './colour.ts';
import type { Scene } from './scene.ts';
import { stroke, union, type Frame, type Point, type Shape } from './shapes.ts';

export interface RoadStyle {
  readonly width: number;
  readonly colour: Colour;
  /** Edge lines and a broken line in the middle. */
  readonly marked: boolean;
}

const origin: Frame = { x: 0, y: 0, heading: 0 };
const pieces = 14;

/** Points along a curve through a start, a bend (a control point) and an end. */
export function curve([start, bend, end]: readonly [Point, Point, Point]): Point[] {
  return Array.from({ length: pieces + 1 }, (_, i) => {
    const t = i / pieces;
    const at = (axis: 0 | 1) => (1 - t) ** 2 * start[axis] + 2 * t * (1 - t) * bend[axis] + t ** 2 * end[axis];
    return [at(0), at(1)];
  });
}

/** Draws a road along a curve. */
export function drawRoad(scene: Scene, path: readonly [Point, Point, Point], { width, colour, marked }: RoadStyle): void {
  const points = curve(path);
  const band = (radius: number) => ribbon(points, radius);
  const verge = mixVerge(colour);
  scene.paint(band(width / 2 + 1.6), verge, 0.45);
  scene.paint(band(width / 2), (x, y) => bright(colour, 1 + 0.07 * scene.noise.fractal(x / 2.5, y / 2.5, 2) + 0.05 * scene.noise.at(x / 20, y / 20)));
  if (!marked || width < 4) return;
  let along = 0;
  for (let i = 0; i + 1 < points.length; i++) {
    const [from, to] = [points[i]!, points[i + 1]!];
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const heading = Math.atan2(to[1] - from[1], to[0] - from[0]);
    const frame = { x: from[0], y: from[1], heading };
    for (const side of [-1, 1]) scene.paint(stroke(frame, [0, side * (width / 2 - 0.8)], [length, side * (width / 2 - 0.8)], 0.22), [214, 212, 204], 0.6);
    for (let u = (4 - (along % 4)) % 4; u + 2 < length; u += 4) scene.paint(stroke(frame, [u, 0], [u + 2, 0], 0.22), [222, 220, 212], 0.8);
    along += length;
  }
}

/** Everything within `radius` of a line of points. */
export function ribbon(points: readonly Point[], radius: number): Shape {
  return union(...points.slice(1).map((to, i) => stroke(origin, points[i]!, to, radius)));
}

function mixVerge(colour: Colour): Colour {
  return [colour[0] * 0.5 + 76, colour[1] * 0.5 + 68, colour[2] * 0.5 + 52];
}
