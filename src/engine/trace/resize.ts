/** Resizing as two products with constant matrices, so that its gradient is the two transposed products. */
import { storedProduct } from './contraction.ts';
import type { Graph, Value } from './graph.ts';
import type { RecordingTable } from './kernel.ts';
import { type Symbolic, dense } from './symbolic.ts';
import { fromNchw, nchw } from './window.ts';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

type Interpolation = (from: number, to: number, attributes: ResizeAttributes) => Float32Array;

function scaleOf(from: number, to: number, { alignCorners }: ResizeAttributes): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

/** Rows of linear interpolation, [to, from]. */
const linear: Interpolation = (from, to, attributes) => {
  const matrix = new Float32Array(to * from);
  const scale = scaleOf(from, to, attributes);
  for (let row = 0; row < to; row++) {
    const source = attributes.halfPixelCenters ? Math.max(0, (row + 0.5) * scale - 0.5) : row * scale;
    const below = Math.min(from - 1, Math.floor(source));
    const above = Math.min(from - 1, below + 1);
    matrix[row * from + below]! += 1 - (source - below);
    matrix[row * from + above]! += source - below;
  }
  return matrix;
};

/** Rows that pick the nearest source pixel, [to, from]. */
const nearest: Interpolation = (from, to, attributes) => {
  const matrix = new Float32Array(to * from);
  const scale = scaleOf(from, to, attributes);
  for (let row = 0; row < to; row++) {
    const source = (attributes.halfPixelCenters ? row + 0.5 : row) * scale;
    const chosen = attributes.alignCorners ? Math.round(source) : Math.floor(source);
    matrix[row * from + Math.max(0, Math.min(from - 1, chosen))] = 1;
  }
  return matrix;
};

function matrices(graph: Graph, interpolation: Interpolation, from: readonly number[], to: readonly number[], attributes: ResizeAttributes): [Value, Value] {
  const along = (axis: 0 | 1): Value => graph.constant(interpolation(from[axis]!, to[axis]!, attributes), [to[axis]!, from[axis]!], 'float32');
  return [along(0), along(1)];
}

function resize(graph: Graph, images: Symbolic, size: readonly number[], attributes: ResizeAttributes, interpolation: Interpolation): Symbolic {
  const value = dense(graph, images, nchw);
  const [rows, columns] = matrices(graph, interpolation, value.shape.slice(2), size, attributes);
  return fromNchw(storedProduct(graph, rows, storedProduct(graph, value, columns, false, true), false, false));
}

function resizeGradient(graph: Graph, images: Symbolic, dy: Symbolic, attributes: ResizeAttributes, interpolation: Interpolation): Symbolic {
  const value = dense(graph, dy, nchw);
  const [rows, columns] = matrices(graph, interpolation, images.shape.slice(1, 3), value.shape.slice(2), attributes);
  return fromNchw(storedProduct(graph, rows, storedProduct(graph, value, columns, false, false), true, false));
}

interface Forward { readonly images: Symbolic }
interface Backward extends Forward { readonly dy: Symbolic }
type SizedAttributes = ResizeAttributes & { readonly size: readonly number[] };

export const resizeRecordings: RecordingTable = {
  ResizeBilinear: (graph, { images }: Forward, a: SizedAttributes) => resize(graph, images, a.size, a, linear),
  ResizeBilinearGrad: (graph, { images, dy }: Backward, a: ResizeAttributes) => resizeGradient(graph, images, dy, a, linear),
  ResizeNearestNeighbor: (graph, { images }: Forward, a: SizedAttributes) => resize(graph, images, a.size, a, nearest),
  ResizeNearestNeighborGrad: (graph, { images, dy }: Backward, a: ResizeAttributes) => resizeGradient(graph, images, dy, a, nearest),
};
