import { Random } from '../../base/random.ts';
import { smoothstep } from './colour.ts';
import type { Scene } from './scene.ts';

/**
 * What lies between the ground and the picture: cloud shadows, thin clouds, haze, a slight colour cast, the lens and the sensor.
 * Nothing here hides an object, so masks stay true.
 */
export function applyAtmosphere(scene: Scene, ...keys: readonly (string | number)[]): void {
  const weather = new Random(...keys, 'weather');
  addClouds(scene, weather);
  grade(scene, weather);
  blur(scene, (weather.between(0.38, 0.7) * Math.min(scene.canvas.width, scene.canvas.height)) / 256);
  addSensorNoise(scene, weather);
}

function addClouds(scene: Scene, weather: Random): void {
  const { canvas, noise } = scene;
  const hasShadows = weather.uniform() < 0.22;
  const hasClouds = weather.uniform() < 0.2;
  const haze = weather.uniform() < 0.35 ? weather.between(0.04, 0.16) : 0;
  if (!hasShadows && !hasClouds && haze === 0) return;
  const [offsetX, offsetY] = [weather.between(0, 90), weather.between(0, 90)];
  const density = weather.between(0.25, 0.5);
  let pixel = 0;
  for (let row = 0; row < canvas.height; row++) {
    for (let column = 0; column < canvas.width; column++, pixel += 3) {
      const [x, y] = [column / canvas.scale, row / canvas.scale];
      const shadow = hasShadows ? 0.42 * smoothstep(0.08, 0.32, noise.fractal(x / 130 + offsetX, y / 130, 4)) : 0;
      const cloud = hasClouds ? density * smoothstep(0.1, 0.65, noise.fractal(x / 105, y / 105 + offsetY, 5)) : 0;
      const veil = Math.min(0.55, cloud + haze);
      for (let channel = 0; channel < 3; channel++) {
        const lit = canvas.rgb[pixel + channel]! * (1 - shadow * (channel === 2 ? 0.85 : 1));
        canvas.rgb[pixel + channel] = lit + ((channel === 2 ? 226 : 218) - lit) * veil;
      }
    }
  }
}

/** Exposure, contrast and a slight colour cast. */
function grade({ canvas }: Scene, weather: Random): void {
  const exposure = weather.between(0.88, 1.12);
  const contrast = weather.between(0.86, 1.1);
  const cast = [weather.between(0.95, 1.04), weather.between(0.97, 1.03), weather.between(0.94, 1.06)];
  for (let i = 0; i < canvas.rgb.length; i++) canvas.rgb[i] = ((canvas.rgb[i]! - 110) * contrast + 110) * exposure * cast[i % 3]!;
}

/** The lens: a separable Gaussian of this deviation in pixels. */
function blur({ canvas }: Scene, deviation: number): void {
  const radius = Math.max(1, Math.ceil(2.5 * deviation));
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / deviation) ** 2));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const { width, height, rgb } = canvas;
  const pass = (input: Float32Array, output: Float32Array, count: number, length: number, step: number, lineStep: number) => {
    for (let line = 0; line < count; line++) {
      for (let i = 0; i < length; i++) {
        const at = line * lineStep + i * step;
        let [red, green, blue] = [0, 0, 0];
        for (let k = -radius; k <= radius; k++) {
          const from = line * lineStep + Math.min(length - 1, Math.max(0, i + k)) * step;
          const weight = weights[k + radius]! / sum;
          red += input[from]! * weight;
          green += input[from + 1]! * weight;
          blue += input[from + 2]! * weight;
        }
        output[at] = red;
        output[at + 1] = green;
        output[at + 2] = blue;
      }
    }
  };
  const rows = new Float32Array(rgb.length);
  pass(rgb, rows, height, width, 3, 3 * width);
  pass(rows, rgb, width, height, 3 * width, 3);
}

/** Shot noise grows with brightness; a part of it is common to the channels. */
function addSensorNoise({ canvas }: Scene, weather: Random): void {
  const level = weather.between(1.2, 4);
  for (let i = 0; i < canvas.rgb.length; i += 3) {
    const common = weather.uniform() + weather.uniform() - 1; // triangular: near enough to normal, and cheap
    for (let channel = 0; channel < 3; channel++) {
      const own = weather.uniform() - 0.5;
      const deviation = level * (0.6 + Math.sqrt(Math.max(0, canvas.rgb[i + channel]!)) / 20);
      canvas.rgb[i + channel]! += deviation * (1.4 * common + 1.6 * own);
    }
  }
}
