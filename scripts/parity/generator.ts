/** The deterministic weights and inputs of parity records: FNV-1a of the key, murmur3's finaliser of the index, uniform with mean 0 and deviation 1. */
import type { HostTensor } from '../../src/engine/engine.ts';
import { elementCount, type ParameterSpec } from '../../src/nn/parameters.ts';

/** A salt is put before every key; filling rules look at the key without it. */
export interface Generator {
  readonly salt: string;
}

export function seedOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The value at a flat index in PyTorch layout. */
export function valueAt(seed: number, index: number): number {
  let x = (Math.imul(index, 2654435761) + seed) >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  x ^= x >>> 16;
  return ((2 * (x >>> 0)) / 4294967296 - 1) * Math.sqrt(3);
}

/** An image key as [B,H,W,C] from its values in NCHW order. */
export function imageTensor({ salt }: Generator, key: string, [batch, height, width, channels]: readonly [number, number, number, number], map = (value: number): number => value): HostTensor {
  const seed = seedOf(salt + key);
  const data = new Float32Array(batch * height * width * channels);
  let next = 0;
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let channel = 0; channel < channels; channel++) data[next++] = map(valueAt(seed, ((image * channels + channel) * height + row) * width + column));
      }
    }
  }
  return { shape: [batch, height, width, channels], dtype: 'float32', data };
}

/** How a parameter is filled, decided by its key without salt: the first rule that matches. */
function filling(key: string, shape: readonly number[]): (g: number) => number {
  if (key.includes('relative_pos_enc')) return (g) => 0.1 * g;
  if (/layer_scale.*weight/.test(key)) return (g) => 0.5 + 0.1 * g;
  if (/(running_mean|bias)$/.test(key)) return (g) => 0.05 * g;
  if (key.endsWith('running_var')) return (g) => 1 + 0.2 * g;
  const count = elementCount(shape);
  if (count === 1) return () => 0.25;
  if (shape.length === 1) return (g) => 1 + 0.1 * g;
  const scale = 1.2 / Math.sqrt(count / shape[0]!);
  return (g) => scale * g;
}

/** All parameters by their names; keys are `prefix` and the name. */
export function weightTensors({ salt }: Generator, specs: readonly ParameterSpec[], prefix = ''): Record<string, HostTensor> {
  return Object.fromEntries(
    specs.map(({ name, shape }) => {
      const seed = seedOf(salt + prefix + name);
      const fill = filling(prefix + name, shape);
      const data = new Float32Array(elementCount(shape));
      for (let index = 0; index < data.length; index++) data[index] = fill(valueAt(seed, index));
      return [name, { shape, dtype: 'float32' as const, data }];
    }),
  );
}

/** Noise of a step, uniform in [0, 1), from the key `noise/NAME`. */
export function noiseTensor({ salt }: Generator, name: string, shape: readonly number[]): HostTensor {
  const seed = seedOf(`${salt}noise/${name}`);
  const spread = 2 * Math.sqrt(3);
  return { shape, dtype: 'float32', data: Float32Array.from({ length: elementCount(shape) }, (_, index) => valueAt(seed, index) / spread + 0.5) };
}
