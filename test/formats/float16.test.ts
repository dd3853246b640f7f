import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { decodeBfloat16, decodeFloat16, encodeFloat16 } from '../../src/formats/float16.ts';

const encode = (value: number): number => encodeFloat16(Float32Array.of(value))[0]!;
const decode = (half: number): number => decodeFloat16(Uint16Array.of(half))[0]!;

/** The value of a float16 by the standard's definition. */
function definition(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

describe('float16', () => {
  test.each([
    [0, 0x0000], [-0, 0x8000], [1, 0x3c00], [-2, 0xc000], [0.1, 0x2e66], [1 / 3, 0x3555],
    [65504, 0x7bff], [65519.996, 0x7bff], [65520, 0x7c00], [1e30, 0x7c00], [-1e30, 0xfc00],
    [2 ** -14, 0x0400], [2 ** -14 - 2 ** -25, 0x0400], [2 ** -14 - 2 ** -24, 0x03ff],
    [2 ** -24, 0x0001], [2 ** -25, 0x0000], [2 ** -25 * (1 + 2 ** -23), 0x0001], [1.5 * 2 ** -24, 0x0002], [2.5 * 2 ** -24, 0x0002], [2 ** -26, 0x0000],
    [1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02], [1 + 2 ** -11 + 2 ** -23, 0x3c01], [Infinity, 0x7c00], [-Infinity, 0xfc00],
  ])('%f is encoded as %i', (value, half) => {
    expect(encode(value)).toBe(half);
  });

  test('every float16 is decoded as the standard defines it and encoded back to itself', () => {
    for (let half = 0; half < 65536; half++) {
      const value = definition(half);
      if (!Object.is(decode(half), value)) expect.fail(`${half}: decoded ${decode(half)}, expected ${value}`);
      if (!Number.isNaN(value) && encode(value) !== half) expect.fail(`${half}: encoded back as ${encode(value)}`);
    }
    expect(decode(encode(NaN))).toBeNaN();
  });

  test('the nearest float16 is chosen, the even one of two equally near', () => {
    const random = new Random('float16');
    for (let i = 0; i < 20_000; i++) {
      const low = random.integer(0x7bff);
      const [a, b] = [definition(low), definition(low + 1)];
      const middle = (a + b) / 2; // exact in float32
      expect(encode(middle)).toBe(low % 2 === 0 ? low : low + 1);
      const value = Math.fround(random.between(a, b));
      if (value !== middle) expect(encode(value)).toBe(value < middle ? low : low + 1);
      expect(encode(-value)).toBe(encode(value) | 0x8000);
    }
  });

  test('views into larger buffers are read where they are', () => {
    const buffer = new Float32Array([9, 1, 2, 9]);
    expect([...encodeFloat16(buffer.subarray(1, 3))]).toEqual([0x3c00, 0x4000]);
  });

  test('bfloat16 is the upper half of a float32', () => {
    expect([...decodeBfloat16(Uint16Array.of(0x3f80, 0xc040, 0x7f80))]).toEqual([1, -3, Infinity]);
  });
});
