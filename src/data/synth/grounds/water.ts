import type { Shader } from '../canvas.ts';
import { mix, smoothstep, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';

const depths: readonly (readonly [Colour, Colour])[] = [
  [[18, 46, 66], [34, 72, 92]],
  [[22, 58, 70], [46, 92, 98]],
  [[40, 66, 66], [70, 96, 88]],
  [[28, 40, 52], [52, 66, 78]],
  [[52, 74, 64], [86, 104, 84]],
];

/** Open water: broad currents, swell, short waves, and the sun's glitter on one side. */
export function water(scene: Scene): Shader {
  const { noise, random } = scene;
  const [deep, light] = scene.pick(depths);
  const wind = random.between(0, Math.PI);
  const [cosine, sine] = [Math.cos(wind), Math.sin(wind)];
  const wavelength = random.between(4, 9);
  const roughness = random.between(0.35, 1);
  const glitter = scene.chance(0.45) ? random.between(0.5, 1.2) : 0;
  const [glintX, glintY] = [random.between(-0.2, 1.2) * scene.width, random.between(-0.2, 1.2) * scene.height];
  return (x, y) => {
    const along = x * cosine + y * sine;
    const across = y * cosine - x * sine;
    const current = noise.fractal(x / 110, y / 70, 3);
    const warp = noise.at(x / 24, y / 24);
    const swell = Math.sin(((along + 5 * warp) * 2 * Math.PI) / wavelength) * (0.4 + 0.6 * noise.at(x / 40 + 9, y / 40));
    const chop = noise.at(along / 1.5, across / 3.6) + 0.6 * noise.at(along / 0.9 + 40, across / 2);
    const brightness = 1 + roughness * (0.045 * swell + 0.1 * chop);
    const [red, green, blue] = mix(deep, light, 0.5 + 0.6 * current);
    if (glitter === 0) return [red * brightness, green * brightness, blue * brightness];
    const away = ((x - glintX) ** 2 + (y - glintY) ** 2) / 16000;
    const sheen = glitter * Math.exp(-away);
    const spark = sheen * (26 + 150 * smoothstep(0.45, 1.1, chop + 0.4 * swell));
    return [red * brightness + spark, green * brightness + spark * 0.98, blue * brightness + spark * 0.9];
  };
}
