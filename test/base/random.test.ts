import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';

describe('Random', () => {
  test('is a function of its keys alone', () => {
    const first = Array.from({ length: 5 }, ((random) => () => random.uniform())(new Random(2025, 'order', 3)));
    const again = Array.from({ length: 5 }, ((random) => () => random.uniform())(new Random(2025, 'order', 3)));
    expect(again).toEqual(first);
    expect(new Random(2025, 'order', 4).uniform()).not.toBe(first[0]);
    expect(new Random('ab', 'c').word()).not.toBe(new Random('a', 'bc').word());
  });

  test('uniform and normal draws have the moments they should', () => {
    const random = new Random('moments');
    const count = 40_000;
    const mean = (draw: () => number) => Array.from({ length: count }, draw).reduce((sum, x) => sum + x, 0) / count;
    expect(mean(() => random.uniform())).toBeCloseTo(0.5, 1);
    expect(mean(() => random.normal())).toBeCloseTo(0, 1);
    expect(mean(() => random.normal() ** 2)).toBeCloseTo(1, 1);
  });

  test('a permutation holds every index once and all orders are about equally likely', () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = [...new Random('permutation', i).permutation(3)];
      expect([...order].sort()).toEqual([0, 1, 2]);
      seen.set(order.join(''), (seen.get(order.join('')) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const times of seen.values()) expect(Math.abs(times - 1000)).toBeLessThan(150);
  });
});
