/**
 * Bicubic resizing (a = −0.75, half-pixel centres) of a table of learned position biases along its two token axes, as
 * `torch.nn.functional.interpolate` does it: the outermost entry goes on beyond the border.
 */
import { concat, expandDims, matMul, reshape, slice, type Rank, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.ts';
import { constant, cubicRowsMatrix, type Matrix } from './matrix.ts';

/** Up to so many entries the resampling matrix of a whole axis is used as it is. */
const LARGEST_MATRIX = 8_000_000;
/** Entries on either side of its place that an output entry reads. */
const REACH = 2;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** M·X for a stack of X [n,g,rows,columns]. */
function fromLeft(matrix: Matrix, stack: Tensor4D): Tensor4D {
  const product = (x: Tensor4D, isTransposed: boolean): Tensor4D => matMul(expandDims(expandDims(constant(matrix), 0), 0), x, isTransposed, false);
  return withGradient<Tensor4D>([stack], ([x]) => ({ value: product(x as Tensor4D, false), saved: [] }), (dy) => [product(dy, true)]);
}

/**
 * Axis 1 of [n,from,columns] resampled to `to` entries. The weights repeat with the period from/gcd : to/gcd, so the axis is cut into
 * gcd blocks that overlap by the filter's reach, and all blocks take one small matrix.
 */
function resizeRows(table: Tensor3D, to: number): Tensor3D {
  const [count, from, columns] = table.shape;
  if (from === to) return table;
  const blocks = from * to <= LARGEST_MATRIX ? 1 : greatestCommonDivisor(from, to);
  const [read, made] = [from / blocks, to / blocks];
  if (blocks === 1) return reshape(fromLeft(cubicRowsMatrix(from, to), reshape<Rank.R4>(table, [count, 1, from, columns])), [count, to, columns]);
  const further = Math.ceil((2 * REACH) / read);
  const row = (at: number): Tensor3D => slice(table, [0, at, 0], [count, 1, columns]);
  const after = new Array<Tensor3D>(further * read - REACH).fill(row(from - 1));
  const padded = concat([row(0), row(0), table, ...after], 1);
  const cut = reshape<Rank.R4>(padded, [count, blocks + further, read, columns]);
  const shifted = Array.from({ length: further + 1 }, (_, start) => slice<Rank.R4, Tensor4D>(cut, [0, start, 0, 0], [count, blocks, read, columns]));
  const windows = slice<Rank.R4, Tensor4D>(concat(shifted, 2), [0, 0, 0, 0], [count, blocks, read + 2 * REACH, columns]);
  return reshape(fromLeft(cubicRowsMatrix(read, made, REACH), windows), [count, to, columns]);
}

/** [1,n,rows,columns] → [1,n,toRows,toColumns]. */
export function resizeTable(table: Tensor4D, toRows: number, toColumns: number): Tensor4D {
  const [, count, rows, columns] = table.shape;
  if (rows === toRows && columns === toColumns) return table;
  const byRows = resizeRows(reshape<Rank.R3>(table, [count, rows, columns]), toRows);
  if (columns === toColumns) return reshape(byRows, [1, count, toRows, columns]);
  const flat = reshape<Rank.R2>(byRows, [count * toRows, columns]);
  return reshape(matMul(flat, constant(cubicRowsMatrix(columns, toColumns)), false, true), [1, count, toRows, toColumns]);
}
