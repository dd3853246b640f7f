import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { extentsOf, NearestObject } from '../../src/metrics/distance-transform.ts';

test.each([
  ['sparse', 0.01, 17, 23],
  ['dense', 0.4, 20, 20],
  ['flat', 0.1, 3, 60],
  ['tall', 0.1, 60, 3],
  ['lone', 0, 40, 90],
  ['few', 0.0006, 90, 90],
] as const)('nearest object pixels of a %s mask, against looking at all of them', (name, share, height, width) => {
  const random = new Random('distance-transform', name);
  const foreground = Uint8Array.from({ length: height * width }, () => (random.uniform() < share ? 1 : 0));
  foreground[random.integer(foreground.length)] = 1;
  const object = [...foreground.keys()].filter((i) => foreground[i] === 1).map((i) => ({ x: i % width, y: Math.floor(i / width) }));
  const nearest = new NearestObject(foreground, width, extentsOf(foreground, width).bounds);
  for (let y = 0; y < height; y++) {
    const from = random.integer(width);
    const wanted = Int32Array.from(Array.from({ length: width - from }, (_, i) => from + i).filter((x) => foreground[y * width + x] === 0));
    nearest.measure(y);
    nearest.resolve(wanted, wanted.length);
    for (const x of wanted) {
      const column = nearest.columns[x]!;
      const row = nearest.rows[column]!;
      expect(foreground[row * width + column]).toBe(1);
      const smallest = Math.min(...object.map((pixel) => (pixel.x - x) ** 2 + (pixel.y - y) ** 2));
      expect((column - x) ** 2 + (row - y) ** 2).toBe(smallest);
      expect(column).toBe(Math.min(...object.filter((pixel) => (pixel.x - x) ** 2 + (pixel.y - y) ** 2 === smallest).map((pixel) => pixel.x)));
    }
  }
});
