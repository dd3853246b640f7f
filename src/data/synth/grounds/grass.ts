import type { Shader } from '../canvas.ts';
import { bright, mix, smoothstep, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';

/** Meadows with bare spots; where `woods` is above 0, groups of trees cover about that share. */
export function grass(scene: Scene, woods: number): Shader {
  const { noise } = scene;
  const meadow = scene.pick<Colour>([[104, 118, 70], [122, 124, 78], [88, 108, 64]]);
  const soil = scene.pick<Colour>([[150, 132, 102], [132, 116, 92]]);
  const wood = scene.pick<Colour>([[58, 76, 42], [66, 86, 52], [52, 68, 46]]);
  const length = Math.hypot(scene.sun.x, scene.sun.y);
  const [sunX, sunY] = [scene.sun.x / length, scene.sun.y / length];
  const crown = 3.4;
  return (x, y) => {
    const group = noise.fractal(x / 62 + 3, y / 62, 4);
    const isWood = smoothstep(0.02, 0.08, group - 0.55 + 1.1 * woods);
    const bare = smoothstep(0.25, 0.6, noise.fractal(x / 34 + 11, y / 34, 4));
    const ground = bright(mix(meadow, soil, 0.7 * bare), 1 + 0.1 * noise.fractal(x / 2, y / 2, 3) + 0.12 * group);
    if (isWood === 0) return ground;
    // Crowns are lit on the side of the sun, and deep between.
    const here = noise.cellular(x / crown, y / crown);
    const sunny = noise.cellular((x - sunX) / crown, (y - sunY) / crown);
    const canopy = bright(wood, 1.16 - 0.75 * here + 1.1 * (here - sunny) * -1 + 0.1 * noise.at(x / 1.3, y / 1.3));
    return mix(ground, canopy, isWood);
  };
}
