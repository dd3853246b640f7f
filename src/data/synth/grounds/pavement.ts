import type { Shader } from '../canvas.ts';
import { bright, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';

/** Concrete slabs with joints, patches and stains, turned by `heading`. */
export function pavement(scene: Scene, heading: number, colour: Colour): Shader {
  const { noise } = scene;
  const [cosine, sine] = [Math.cos(heading), Math.sin(heading)];
  const slab = scene.random.between(9, 15);
  return (x, y) => {
    const [u, v] = [(x * cosine + y * sine) / slab, (y * cosine - x * sine) / slab];
    const tone = 0.06 * (noise.cell(Math.floor(u), Math.floor(v)) - 0.5);
    const joint = Math.min(u - Math.floor(u), v - Math.floor(v)) < 0.045 ? -0.1 : 0;
    const stain = -0.12 * Math.max(0, noise.fractal(x / 18, y / 18, 4));
    return bright(colour, 1 + tone + joint + stain + 0.035 * noise.at(x / 1.4, y / 1.4));
  };
}
