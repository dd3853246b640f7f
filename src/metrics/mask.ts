import type { Mask } from './planes.ts';
import type { Plane } from './metrics.ts';

/** A mask with two values: the object is where a byte exceeds `above`. */
export function binaryMask(bytes: Uint8Array, above: number): Mask {
  const foreground = new Uint8Array(bytes.length);
  let foregroundCount = 0;
  for (let i = 0; i < bytes.length; i++) {
    const inside = bytes[i]! > above ? 1 : 0;
    foreground[i] = inside;
    foregroundCount += inside;
  }
  return {
    palette: Float64Array.of(0, 1),
    counts: Float64Array.of(bytes.length - foregroundCount, foregroundCount),
    indices: foreground,
    foreground,
    foregroundCount,
    mean: foregroundCount / bytes.length,
  };
}

/** A mask that keeps its soft values, as the official SCRKD evaluator does; the object is where it is at least one half. */
export function softMask(plane: Plane): Mask {
  const { palette, indices } = plane instanceof Uint8Array ? paletteOfBytes(plane) : paletteOfNumbers(plane);
  const counts = new Float64Array(palette.length);
  for (const index of indices) counts[index]!++;
  const inside = Uint8Array.from(palette, (value) => (value >= 0.5 ? 1 : 0));
  const foreground = new Uint8Array(plane.length);
  for (let i = 0; i < foreground.length; i++) foreground[i] = inside[indices[i]!]!;
  let foregroundCount = 0;
  let sum = 0;
  for (let k = 0; k < palette.length; k++) {
    if (inside[k] === 1) foregroundCount += counts[k]!;
    sum += counts[k]! * palette[k]!;
  }
  return { palette, counts, indices, foreground, foregroundCount, mean: sum / plane.length };
}

interface Indexed {
  readonly palette: Float64Array;
  readonly indices: Uint8Array | Uint32Array;
}

function paletteOfBytes(bytes: Uint8Array): Indexed {
  const used = new Uint8Array(256);
  for (const byte of bytes) used[byte] = 1;
  const indexOf = new Uint8Array(256);
  const palette: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    if (used[byte] === 1) indexOf[byte] = palette.push(byte / 255) - 1;
  }
  const indices = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) indices[i] = indexOf[bytes[i]!]!;
  return { palette: Float64Array.from(palette), indices };
}

/** Numbers are an 8-bit mask divided by 255 as a rule; more than 256 different ones work too, at a cost in time. */
function paletteOfNumbers(numbers: Float32Array): Indexed {
  const indexOf = new Map<number, number>();
  const indices = Uint32Array.from(numbers, (value) => {
    const known = indexOf.get(value);
    if (known !== undefined) return known;
    indexOf.set(value, indexOf.size);
    return indexOf.size - 1;
  });
  return { palette: Float64Array.from(indexOf.keys()), indices };
}
