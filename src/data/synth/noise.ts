import type { Random } from '../../base/random.ts';

const directions = Array.from({ length: 16 }, (_, i) => [Math.cos((i * Math.PI) / 8), Math.sin((i * Math.PI) / 8)] as const);
const gradientX = Float64Array.from(directions, ([x]) => x);
const gradientY = Float64Array.from(directions, ([, y]) => y);

/** Perlin's gradient noise over the plane; features are about one unit across. */
export class Noise {
  readonly #table = new Uint8Array(512);

  constructor(random: Random) {
    const order = random.permutation(256);
    for (let i = 0; i < 512; i++) this.#table[i] = order[i & 255]!;
  }

  /** One octave, about [−1, 1], zero at whole coordinates. */
  at(x: number, y: number): number {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const u = x - column;
    const v = y - row;
    const left = this.#table[column & 255]!;
    const right = this.#table[(column + 1) & 255]!;
    const above = row & 255;
    const below = (row + 1) & 255;
    const fadeU = u * u * u * (u * (u * 6 - 15) + 10);
    const fadeV = v * v * v * (v * (v * 6 - 15) + 10);
    const top = this.#slope(left + above, u, v) * (1 - fadeU) + this.#slope(right + above, u - 1, v) * fadeU;
    const bottom = this.#slope(left + below, u, v - 1) * (1 - fadeU) + this.#slope(right + below, u - 1, v - 1) * fadeU;
    return (top * (1 - fadeV) + bottom * fadeV) * 1.5;
  }

  #slope(corner: number, u: number, v: number): number {
    const direction = this.#table[corner]! & 15;
    return gradientX[direction]! * u + gradientY[direction]! * v;
  }

  /** Octaves of doubling frequency and halving height, about [−1, 1]. */
  fractal(x: number, y: number, octaves: number): number {
    let sum = 0;
    let height = 0.55;
    for (let octave = 0; octave < octaves; octave++) {
      sum += height * this.at(x + octave * 17.3, y - octave * 9.1);
      x *= 2.03;
      y *= 2.03;
      height *= 0.5;
    }
    return sum;
  }

  /** Sharp crests, in [0, 1]: dunes, gullies, veins. */
  ridged(x: number, y: number, octaves: number): number {
    let sum = 0;
    let height = 0.5;
    for (let octave = 0; octave < octaves; octave++) {
      sum += height * (1 - Math.abs(this.at(x + octave * 31.7, y + octave * 5.9)));
      x *= 2.1;
      y *= 2.1;
      height *= 0.5;
    }
    return sum / (1 - 0.5 ** octaves);
  }

  /** A fixed number in [0, 1) for a whole-numbered cell. */
  cell(column: number, row: number): number {
    return (this.#table[(this.#table[column & 255]! + row) & 255]! + 0.5) / 256;
  }

  /** Distance to the nearest of the points scattered one a cell, about [0, 1]: crowns of a forest, pebbles. */
  cellular(x: number, y: number): number {
    const column = Math.floor(x);
    const row = Math.floor(y);
    let nearest = 4;
    for (let j = -1; j <= 1; j++) {
      for (let i = -1; i <= 1; i++) {
        const jitter = this.cell(column + i, row + j);
        const dx = column + i + jitter - x;
        const dy = row + j + ((jitter * 37) % 1) - y;
        nearest = Math.min(nearest, dx * dx + dy * dy);
      }
    }
    return Math.sqrt(nearest);
  }
}
