/** Normalisation by the statistics of each image alone: layer norm over channels, group norm with one group over a whole map. */
import { add, mean, mul, rsqrt, square, sub, sum, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.ts';
import type { Layers } from './layers.ts';

/** x̂·γ + β, x̂ = (x − mean)/√(variance + ε) over the axes; γ and β [C]. One entry of the gradient tape. */
function normalise(x: Tensor4D, gamma: Tensor, beta: Tensor, axes: number[], epsilon: number): Tensor4D {
  const average = (map: Tensor4D): Tensor4D => mean(map, axes, true);
  return withGradient<Tensor4D>(
    [x, gamma, beta],
    ([input, g, b]) => {
      const centred = sub<Tensor4D>(input!, average(input as Tensor4D));
      const inverseDeviation = rsqrt(add(average(square(centred)), epsilon));
      const normalised = mul<Tensor4D>(centred, inverseDeviation);
      return { value: add(mul(normalised, g!), b!), saved: [normalised, inverseDeviation, g!] };
    },
    (dy, [normalised, inverseDeviation, g]) => {
      const along = mul<Tensor4D>(dy, g!);
      const centred = sub(along, average(along));
      const dx = mul(sub(centred, mul(normalised!, average(mul<Tensor4D>(along, normalised!)))), inverseDeviation!);
      return [dx, sum(mul(dy, normalised!), [0, 1, 2]), sum(dy, [0, 1, 2])];
    },
  );
}

/** Over the channels of every pixel of [B,H,W,C]. */
export function layerNorm(layers: Layers, map: Tensor4D, name: string, epsilon: number): Tensor4D {
  return normalise(map, layers.weight(`${name}.weight`), layers.weight(`${name}.bias`), [3], epsilon);
}

/** Group norm with one group: over all of an image's [H,W,C]; ε = 1e-5. */
export function imageNorm(layers: Layers, map: Tensor4D, name: string): Tensor4D {
  return normalise(map, layers.weight(`${name}.weight`), layers.weight(`${name}.bias`), [1, 2, 3], 1e-5);
}
