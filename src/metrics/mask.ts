import type { Plane } from './metrics.ts';
import type { Mask } from './planes.ts';

/** A mask with two values: the object is where a byte exceeds 128. */
export function binaryMask(bytes: Uint8Array): Mask {
  const foreground = new Uint8Array(bytes.length);
  let foregroundCount = 0;
  let i = 0;
  if (bytes.byteOffset % 4 === 0) {
    // Four bytes at a time: one exceeds 128 where its high bit is set and the other seven, plus 127, carry into it.
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    const target = new Uint32Array(foreground.buffer, 0, words.length);
    for (let w = 0; w < words.length; w++) {
      const word = words[w]!;
      const inside = ((((word & 0x7f7f7f7f) + 0x7f7f7f7f) & word) >>> 7) & 0x01010101;
      target[w] = inside;
      foregroundCount += Math.imul(inside, 0x01010101) >>> 24;
    }
    i = 4 * words.length;
  }
  for (; i < bytes.length; i++) {
    const inside = (128 - bytes[i]!) >>> 31; // the sign bit: no branch at the object's border
    foreground[i] = inside;
    foregroundCount += inside;
  }
  return { codes: foreground, values: Float64Array.of(0, 1), foreground, foregroundCount };
}

/** A mask that keeps its soft values, as the official SCRKD evaluator does; the object is where it is at least one half. */
export function softMask(plane: Plane): Mask {
  if (plane instanceof Uint8Array) return maskOf(plane, Float64Array.from({ length: 256 }, (_, byte) => byte / 255));
  // Numbers are an 8-bit mask divided by 255 as a rule; more than 256 different ones work too, at a cost in time.
  const codeOf = new Map<number, number>();
  const codes = Uint32Array.from(plane, (value) => {
    const known = codeOf.get(value);
    if (known !== undefined) return known;
    codeOf.set(value, codeOf.size);
    return codeOf.size - 1;
  });
  return maskOf(codes, Float64Array.from(codeOf.keys()));
}

function maskOf(codes: Uint8Array | Uint32Array, values: Float64Array): Mask {
  const isObject = Uint8Array.from(values, (value) => (value >= 0.5 ? 1 : 0));
  const foreground = new Uint8Array(codes.length);
  let foregroundCount = 0;
  for (let i = 0; i < codes.length; i++) {
    const inside = isObject[codes[i]!]!;
    foreground[i] = inside;
    foregroundCount += inside;
  }
  return { codes, values, foreground, foregroundCount };
}
