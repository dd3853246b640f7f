import { bright, mix, smoothstep, type Colour } from '../colour.ts';
import type { Scene } from '../scene.ts';
import { norm, type Frame, type Shape } from '../shapes.ts';

/** An island about this far across: shallows and surf around, a beach, and vegetation or rock. The dry land is salient. */
export function drawIsland(scene: Scene, { x, y, heading }: Frame, diameter: number): void {
  const { noise } = scene;
  const radius = diameter / 2;
  const stretch = scene.random.between(0.6, 1);
  const [cosine, sine] = [Math.cos(heading), Math.sin(heading)];
  /** Height above the water in scene units of distance from the shore; the shore line is at 0. */
  const height = (px: number, py: number): number => {
    const [u, v] = [(px - x) * cosine + (py - y) * sine, ((py - y) * cosine - (px - x) * sine) / stretch];
    const ragged = 0.62 * noise.fractal(px / radius + 3, py / radius, 4);
    return (radius * 0.75 * (1 + ragged) - norm(u, v)) * stretch;
  };
  const land: Shape = { distance: (px, py) => -0.5 * height(px, py), left: x - diameter, top: y - diameter, right: x + diameter, bottom: y + diameter };
  const isRocky = scene.chance(0.35);
  const beach = isRocky ? 1.2 : Math.max(1.2, diameter * scene.random.between(0.03, 0.08));
  const sand: Colour = isRocky ? [128, 120, 108] : [208, 196, 164];
  const shallows: Colour = isRocky ? [70, 104, 108] : [92, 158, 152];
  const reef = diameter * (isRocky ? 0.06 : 0.16);
  scene.canvas.cover({ ...land, distance: (px, py) => -0.5 * (height(px, py) + reef) }, (pixel, coverage, px, py) => {
    const depth = -height(px, py) / reef;
    const share = coverage * (1 - smoothstep(0, 1, depth)) * 0.75;
    const foam = isRocky || depth < 0.25 ? smoothstep(0.25, 0, depth) * Math.max(0, 0.45 + noise.fractal(px / 3, py / 3, 2)) : 0;
    for (let channel = 0; channel < 3; channel++) {
      const at = 3 * pixel + channel;
      scene.canvas.rgb[at]! += (shallows[channel]! - scene.canvas.rgb[at]!) * share;
      scene.canvas.rgb[at]! += (228 - scene.canvas.rgb[at]!) * foam * 0.8;
    }
  });
  const steepness = Math.hypot(scene.sun.x, scene.sun.y);
  const [sunX, sunY] = [scene.sun.x / steepness, scene.sun.y / steepness];
  scene.paint(land, (px, py) => {
    const inland = height(px, py);
    const crowns = 1 - noise.cellular(px / 2.2, py / 2.2);
    const relief = noise.fractal((px - 2 * sunX) / 14, (py - 2 * sunY) / 14, 3) - noise.fractal(px / 14, py / 14, 3);
    const forest: Colour = bright([58, 78, 44], 0.62 + 0.6 * crowns + 0.5 * relief);
    const rock: Colour = bright([126, 118, 104], 0.85 + 0.9 * relief + 0.12 * noise.fractal(px / 2, py / 2, 3));
    const bare = smoothstep(0.05, 0.4, noise.fractal(px / 24, py / 24, 3) + (isRocky ? 0.35 : -0.15));
    const cover = mix(forest, rock, bare);
    const shore = smoothstep(beach * 0.6, beach * 1.4, inland + beach * 0.5 * noise.at(px / 5, py / 5));
    return mix(bright(sand, 1 + 0.08 * noise.fractal(px / 3, py / 3, 2) - 0.18 * smoothstep(beach * 0.4, 0, inland)), cover, shore);
  });
  scene.markSalient('island', land);
}
