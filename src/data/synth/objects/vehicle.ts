import { bright, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';
import { box, toScene, type Frame } from '../shapes.ts';

const paints: readonly Colour[] = [[232, 232, 230], [206, 208, 210], [52, 54, 58], [150, 40, 38], [52, 78, 126], [120, 122, 124], [176, 168, 150]];

/** A car or a lorry of this length; all of it is salient. */
export function drawVehicle(scene: Scene, frame: Frame, length: number): void {
  const isLorry = length > 10;
  const width = length * (isLorry ? 0.3 : 0.44);
  const body = box(frame, length, width, width * (isLorry ? 0.08 : 0.3));
  const paint = scene.pick(paints);
  scene.shadow(body, isLorry ? 2.4 : 1.2, 0.55);
  scene.paint(body, bright(paint, 0.92));
  const part = (u: number, long: number, wide: number, colour: Colour) => {
    const [x, y] = toScene(frame, u * length, 0);
    scene.paint(box({ ...frame, x, y }, long * length, wide * width, 0.2), colour);
  };
  if (isLorry) {
    part(-0.1, 0.72, 0.94, bright(scene.pick<Colour>([[226, 226, 222], [150, 152, 150], [170, 120, 84]]), 1));
    part(0.32, 0.05, 0.9, [44, 46, 50]);
    part(0.42, 0.12, 0.86, paint);
  } else {
    part(0.16, 0.13, 0.78, [46, 52, 60]);
    part(-0.06, 0.26, 0.76, bright(paint, 1.08));
    part(-0.27, 0.1, 0.74, [52, 58, 66]);
  }
  scene.markSalient('vehicle', body);
}
