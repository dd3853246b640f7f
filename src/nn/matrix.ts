/**
 * The constant matrices of linear resizing: one axis of a map is resized by multiplying with one of them.
 * They are functions of the two sizes alone and are made once.
 */
import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';

/** Row-major. Not to be changed once made. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

const made = new Map<string, Matrix>();

function once(key: string, rows: number, columns: number, fill: (data: Float32Array) => void): Matrix {
  const known = made.get(key);
  if (known !== undefined) return known;
  const matrix = { rows, columns, data: new Float32Array(rows * columns) };
  fill(matrix.data);
  made.set(key, matrix);
  return matrix;
}

/** Bilinear resampling with aligned corners: row i reads at i·(from − 1)/(to − 1); a single output reads index 0. Shape [to, from]. */
export function bilinearMatrix(from: number, to: number): Matrix {
  return once(`bilinear ${from} ${to}`, to, from, (data) => {
    for (let row = 0; row < to; row++) {
      const position = to > 1 ? (row * (from - 1)) / (to - 1) : 0;
      const left = Math.min(Math.floor(position), from - 1);
      const right = Math.min(left + 1, from - 1);
      const fraction = position - left;
      data[row * from + left]! += 1 - fraction;
      data[row * from + right]! += fraction;
    }
  });
}

/** Nearest neighbour as PyTorch does it: row i reads at ⌊i·from/to⌋. Shape [to, from]. */
export function nearestMatrix(from: number, to: number): Matrix {
  return once(`nearest ${from} ${to}`, to, from, (data) => {
    for (let row = 0; row < to; row++) data[row * from + Math.floor((row * from) / to)] = 1;
  });
}

/** Of the cubic convolution of PyTorch's resizing. */
const CUBIC = -0.75;

function cubicWeight(distance: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * CUBIC : 0;
}

/** Bicubic resampling (a = −0.75) with aligned corners; beyond the border the outermost value goes on. Shape [to, from]. */
export function bicubicMatrix(from: number, to: number): Matrix {
  return once(`bicubic ${from} ${to}`, to, from, (data) => {
    for (let row = 0; row < to; row++) {
      const position = to > 1 ? (row * (from - 1)) / (to - 1) : 0;
      const left = Math.floor(position);
      for (let tap = left - 1; tap <= left + 2; tap++) data[row * from + Math.min(Math.max(tap, 0), from - 1)]! += cubicWeight(position - tap);
    }
  });
}

/** Bilinear resampling with half-pixel centres: row i reads at (i + ½)·from/to − ½, not below 0. Shape [to, from]. */
export function halfPixelMatrix(from: number, to: number): Matrix {
  return once(`half-pixel ${from} ${to}`, to, from, (data) => {
    for (let row = 0; row < to; row++) {
      const position = Math.max(0, ((row + 0.5) * from) / to - 0.5);
      const left = Math.min(Math.floor(position), from - 1);
      const right = Math.min(left + 1, from - 1);
      data[row * from + left]! += 1 - (position - left);
      data[row * from + right]! += position - left;
    }
  });
}

/**
 * Bicubic resampling (a = −0.75) with half-pixel centres. Without a margin the outermost entry goes on beyond the border, shape
 * [to, from]; with one the input brings so many entries more on either side, shape [to, margin + from + margin].
 */
export function cubicRowsMatrix(from: number, to: number, margin = 0): Matrix {
  const columns = from + 2 * margin;
  return once(`cubic ${from} ${to} ${margin}`, to, columns, (data) => {
    for (let row = 0; row < to; row++) {
      const position = ((row + 0.5) * from) / to - 0.5;
      const left = Math.floor(position);
      for (let tap = left - 1; tap <= left + 2; tap++) data[row * columns + Math.min(Math.max(tap + margin, 0), columns - 1)]! += cubicWeight(position - tap);
    }
  });
}

/** Adaptive average pooling: row i averages the indices ⌊i·from/to⌋ … ⌈(i+1)·from/to⌉ − 1, which overlap unless `to` divides `from`. Shape [to, from]. */
export function averageMatrix(from: number, to: number): Matrix {
  return once(`average ${from} ${to}`, to, from, (data) => {
    for (let row = 0; row < to; row++) {
      const first = Math.floor((row * from) / to);
      const end = Math.ceil(((row + 1) * from) / to);
      data.fill(1 / (end - first), row * from + first, row * from + end);
    }
  });
}

/**
 * Bilinear resampling as a zero-padded filter of three taps sees it: the resampling rows shifted by −1, 0 and 1, side by side.
 * Shape [to, 3·from], columns ordered (tap, index).
 */
export function tapMatrix(from: number, to: number): Matrix {
  return once(`taps ${from} ${to}`, to, 3 * from, (data) => {
    const bilinear = bilinearMatrix(from, to).data;
    for (let row = 0; row < to; row++) {
      for (let tap = 0; tap < 3; tap++) {
        const source = row + tap - 1;
        if (source < 0 || source >= to) continue;
        data.set(bilinear.subarray(source * from, (source + 1) * from), (row * 3 + tap) * from);
      }
    }
  });
}

/** The orthonormal two-dimensional Fourier transform of flattened maps of `rows`×`columns`: real and imaginary part, both symmetric. */
export function fourierMatrices(rows: number, columns: number): { readonly real: Matrix; readonly imaginary: Matrix } {
  const size = rows * columns;
  const scale = 1 / Math.sqrt(size);
  const part = (name: string, of: (angle: number) => number): Matrix =>
    once(`fourier ${name} ${rows} ${columns}`, size, size, (data) => {
      for (let from = 0; from < size; from++) {
        for (let to = 0; to < size; to++) {
          const turns = (Math.floor(from / columns) * Math.floor(to / columns)) / rows + ((from % columns) * (to % columns)) / columns;
          data[from * size + to] = scale * of(-2 * Math.PI * turns);
        }
      }
    });
  return { real: part('real', Math.cos), imaginary: part('imaginary', Math.sin) };
}

/** Shape [n, n]. */
export function identityMatrix(size: number): Matrix {
  return once(`identity ${size}`, size, size, (data) => {
    for (let i = 0; i < size; i++) data[i * size + i] = 1;
  });
}

/** The Kronecker product: applies `a` to the rows and `b` to the columns of a flattened map at once. Shape [a.rows·b.rows, a.columns·b.columns]. */
export function kroneckerProduct(a: Matrix, b: Matrix): Matrix {
  const data = new Float32Array(a.data.length * b.data.length);
  let next = 0;
  for (let aRow = 0; aRow < a.rows; aRow++) {
    for (let bRow = 0; bRow < b.rows; bRow++) {
      for (let aColumn = 0; aColumn < a.columns; aColumn++) {
        const factor = a.data[aRow * a.columns + aColumn]!;
        for (let bColumn = 0; bColumn < b.columns; bColumn++) data[next++] = factor * b.data[bRow * b.columns + bColumn]!;
      }
    }
  }
  return { rows: a.rows * b.rows, columns: a.columns * b.columns, data };
}

export function constant(matrix: Matrix): Tensor2D {
  return tensor2d(matrix.data, [matrix.rows, matrix.columns]);
}
