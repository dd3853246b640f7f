import { bright, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';
import { polygon, stroke, union, type Frame, type Point, type Shape } from '../shapes.ts';

const paints: readonly Colour[] = [[238, 238, 236], [226, 228, 230], [206, 209, 212], [232, 226, 214], [150, 156, 160]];
const accents: readonly Colour[] = [[40, 66, 128], [170, 46, 44], [36, 108, 92], [212, 150, 40], [70, 74, 80]];

/** An aircraft of this length on the ground; all of it is salient. */
export function drawAircraft(scene: Scene, frame: Frame, length: number): void {
  const isAirliner = length > 16;
  const half = length / 2;
  const radius = length * (isAirliner ? 0.052 : 0.045);
  const span = length * scene.random.between(0.44, 0.5);
  const sweep = isAirliner ? 0.26 : 0.08;
  const mirrored = (points: readonly Point[], side: number): Point[] => points.map(([u, v]) => [u, v * side]);
  const wing: Point[] = [[0.1 * length, 0], [0.1 * length - sweep * span, span], [0.03 * length - sweep * span, span], [-0.1 * length, 0]];
  const tail: Point[] = [[-0.38 * length, 0], [-0.46 * length, 0.19 * length], [-0.5 * length, 0.19 * length], [-0.475 * length, 0]];
  const fuselage = union(
    stroke(frame, [half - radius, 0], [-0.2 * length, 0], radius),
    stroke(frame, [-0.2 * length, 0], [-half + radius * 0.4, 0], radius, radius * 0.35),
  );
  const wings = union(...[-1, 1].flatMap((side) => [polygon(frame, mirrored(wing, side)), polygon(frame, mirrored(tail, side))]));
  const engines: Shape[] = isAirliner
    ? [-1, 1].flatMap((side) => (length > 40 ? [0.34, 0.62] : [0.38]).map((out) => {
        const v = side * out * span;
        const u = 0.1 * length - sweep * Math.abs(v);
        return stroke(frame, [u + 0.045 * length, v], [u - 0.02 * length, v], radius * 0.5);
      }))
    : [];
  const whole = union(fuselage, wings, ...engines);
  scene.shadow(whole, Math.min(5, length * 0.1), 0.5);

  const paint = scene.pick(paints);
  const accent = scene.pick(accents);
  scene.paint(wings, bright(paint, 0.86));
  for (const engine of engines) scene.paint(engine, bright(paint, 0.72));
  // A round fuselage: bright on the sunny side.
  const towardsSun = Math.sign(scene.sun.x * Math.sin(frame.heading) - scene.sun.y * Math.cos(frame.heading)) || 1;
  scene.paint(fuselage, (x, y) => {
    const across = ((y - frame.y) * Math.cos(frame.heading) - (x - frame.x) * Math.sin(frame.heading)) / radius;
    return bright(paint, 0.98 + 0.12 * towardsSun * across - 0.14 * across * across);
  });
  scene.paint(stroke(frame, [-0.36 * length, 0], [-0.47 * length, 0], radius * 0.3), accent);
  scene.paint(stroke(frame, [half - radius * 1.5, -radius * 0.35], [half - radius * 1.5, radius * 0.35], radius * 0.22), [58, 64, 74]);
  scene.markSalient('aircraft', whole);
}
