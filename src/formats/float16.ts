/**
 * IEEE 754 binary16, kept in a Uint16Array (the Node versions we support have no Float16Array).
 * To float16: rounded to nearest, ties to even; beyond ±65504 it overflows to infinity as the standard says. Back: exact.
 */

/** The largest finite float16. */
export const largestFloat16 = 65504;

const float32Infinity = 0x7f800000;
/** 2⁻¹⁴, the smallest normal float16, as float32 bits. */
const smallestNormal = 0x38800000;
/** 2⁻²⁵: this and everything below rounds to zero. */
const roundsToZero = 0x33000000;
/** The exponents' biases differ by 112. */
const biasDifference = 112 << 23;

/** float32 → float16 bits, value by value. */
export function encodeFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i++) halves[i] = encodeBits(words[i]!);
  return halves;
}

/** float16 bits → float32, value by value. */
export function decodeFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) words[i] = decodeBits(halves[i]!);
  return values;
}

/** bfloat16 bits (the upper half of a float32) → float32. */
export function decodeBfloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return values;
}

function encodeBits(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > float32Infinity) return sign | 0x7e00 | ((magnitude >>> 13) & 0x3ff); // NaN, made quiet
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and more
  if (magnitude >= smallestNormal) {
    const rebased = magnitude - biasDifference;
    const roundUpFromHalf = 0xfff + ((rebased >>> 13) & 1);
    return sign | ((rebased + roundUpFromHalf) >>> 13); // a carry moves into the exponent, up to infinity: as it should
  }
  if (magnitude <= roundsToZero) return sign;
  // Subnormal: a multiple of 2⁻²⁴.
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - (magnitude >>> 23);
  const multiple = significand >>> shift;
  const rest = significand & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const roundsUp = rest > half || (rest === half && (multiple & 1) === 1);
  return sign | (roundsUp ? multiple + 1 : multiple);
}

function decodeBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | float32Infinity | (fraction << 13);
  if (exponent > 0) return sign | ((exponent << 23) + biasDifference) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: fraction · 2⁻²⁴; its highest bit becomes the implicit one.
  const highest = 31 - Math.clz32(fraction);
  return sign | ((highest + 103) << 23) | ((fraction << (23 - highest)) & 0x7fffff);
}
