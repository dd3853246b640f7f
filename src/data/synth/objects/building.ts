import { bright, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';
import { box, grown, toScene, union, type Frame, type Shape } from '../shapes.ts';

const roofs: readonly Colour[] = [[196, 194, 188], [224, 224, 220], [120, 126, 132], [150, 98, 80], [92, 120, 140], [170, 160, 144]];

/** A large flat-roofed building made of one to three wings, its longest side about `length`. */
export function drawBuilding(scene: Scene, frame: Frame, length: number): void {
  const depth = length * scene.random.between(0.32, 0.55);
  const wings: Shape[] = [box(frame, length, depth)];
  const form = scene.pick(['bar', 'L', 'U', 'T'] as const);
  const wingAt = (u: number) => {
    const reach = length * scene.random.between(0.3, 0.45);
    const [x, y] = toScene(frame, u, depth / 2 + reach / 2 - 1);
    return box({ ...frame, x, y }, depth * 0.8, reach + 2);
  };
  if (form === 'L' || form === 'U') wings.push(wingAt(length / 2 - depth * 0.4));
  if (form === 'U') wings.push(wingAt(-length / 2 + depth * 0.4));
  if (form === 'T') wings.push(wingAt(0));
  const outline = union(...wings);
  const height = scene.random.between(3, 9) * Math.min(1, length / 40);
  drawRoof(scene, frame, outline, height, scene.pick(roofs), length > 18 ? 2 + scene.count(0, 4) : 0, [length * 0.4, depth * 0.3]);
  scene.markSalient('building', outline);
}

/** A flat roof with a parapet, and machines on it. */
export function drawRoof(scene: Scene, frame: Frame, outline: Shape, height: number, paint: Colour, machines: number, spread: readonly [number, number]): void {
  scene.shadow(outline, height, 0.6);
  scene.paint(outline, bright(paint, 1.12));
  scene.paint(grown(outline, -0.7), (x, y) => {
    const [u, v] = [(x - frame.x) * Math.cos(frame.heading) + (y - frame.y) * Math.sin(frame.heading), (y - frame.y) * Math.cos(frame.heading) - (x - frame.x) * Math.sin(frame.heading)];
    const panel = Math.abs(u % 6) < 0.35 || Math.abs(v % 9) < 0.3 ? -0.05 : 0;
    return bright(paint, 0.96 + panel + 0.06 * scene.noise.fractal(x / 7, y / 7, 3));
  });
  for (let i = 0; i < machines; i++) {
    const [x, y] = toScene(frame, scene.random.between(-spread[0], spread[0]), scene.random.between(-spread[1], spread[1]));
    const unit = box({ ...frame, x, y }, scene.random.between(1.2, 3.2), scene.random.between(1.2, 2.4));
    scene.shadow(unit, 1.4, 0.5);
    scene.paint(unit, bright([206, 206, 202], scene.random.between(0.7, 1.1)));
  }
}

/** A house with a gable roof; part of the background, never salient. */
export function drawHouse(scene: Scene, frame: Frame, length: number, width: number, paint: Colour): void {
  const outline = box(frame, length, width);
  scene.shadow(outline, scene.random.between(1.6, 3.2), 0.55);
  const towardsSun = scene.sun.x * Math.sin(frame.heading) - scene.sun.y * Math.cos(frame.heading); // the right-hand slope faces the sun above 0
  scene.paint(outline, (x, y) => {
    const v = (y - frame.y) * Math.cos(frame.heading) - (x - frame.x) * Math.sin(frame.heading);
    const ridge = Math.abs(v) < 0.35 ? 0.08 : 0;
    return bright(paint, 0.95 + 0.24 * Math.sign(v) * towardsSun + ridge + 0.07 * scene.noise.fractal(x / 1.8, y / 1.8, 2));
  });
}
