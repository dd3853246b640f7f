import type { Shader } from '../canvas.ts';
import { bright, mix, smoothstep, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';

const sands: readonly (readonly [Colour, Colour])[] = [
  [[196, 166, 124], [168, 136, 98]],
  [[186, 164, 134], [150, 128, 104]],
  [[174, 142, 108], [136, 106, 82]],
  [[200, 184, 152], [170, 150, 120]],
];

/** Bare ground: dunes or gravel, shaded by the sun, with dry gullies. */
export function desert(scene: Scene): Shader {
  const { noise, random } = scene;
  const [light, dark] = scene.pick(sands);
  const wind = random.between(0, Math.PI);
  const [cosine, sine] = [Math.cos(wind), Math.sin(wind)];
  const dunes = scene.chance(0.5) ? random.between(0.5, 1.2) : 0.1;
  const ripple = random.between(2.5, 5);
  const length = Math.hypot(scene.sun.x, scene.sun.y);
  const [sunX, sunY] = [scene.sun.x / length, scene.sun.y / length];
  const relief = (x: number, y: number): number => {
    const [u, v] = [x * cosine + y * sine, y * cosine - x * sine];
    return dunes * 3.2 * noise.ridged(u / 46, v / 105, 2) + 2.4 * noise.fractal(x / 30, y / 30, 4);
  };
  const gullies = scene.chance(0.6) ? random.between(0.4, 1) : 0;
  return (x, y) => {
    const slope = relief(x + sunX, y + sunY) - relief(x - sunX, y - sunY); // rises away from the sun: lit
    const [u, v] = [x * cosine + y * sine, y * cosine - x * sine];
    const ripples = 0.03 * Math.sin(((u + 3 * noise.at(x / 14, y / 14)) * 2 * Math.PI) / ripple) * smoothstep(-0.2, 0.4, noise.at(u / 60, v / 60 + 3));
    const grain = 0.06 * noise.fractal(x / 1.5, y / 1.5, 2);
    const base = mix(light, dark, 0.5 + 0.7 * noise.fractal(x / 80 + 5, y / 80, 3));
    const gully = gullies * smoothstep(0.86, 0.97, noise.ridged(x / 95 + 20, y / 95, 3));
    return bright(mix(base, bright(dark, 0.86), gully), 1 + 0.3 * slope + ripples + grain);
  };
}
