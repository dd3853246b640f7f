/**
 * A static graph in single-assignment form. Appending a node that exists already returns the existing one (value numbering),
 * so a step may compute the same thing twice at no cost. Dead code is left behind when the graph is walked from its outputs.
 */
import type { DType } from '../engine.ts';
import { sameShape, sizeOf } from '../host-tensor.ts';

/** Index lists of ONNX operations are 64-bit; no such value is ever computed at run time. */
export type ValueType = DType | 'int64';
export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** ONNX attributes: an integer, integers, a string or, marked, a float. */
export type Attribute = number | readonly number[] | string | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

interface ValueBase {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: ValueType;
}
export interface InputValue extends ValueBase { readonly kind: 'input'; readonly name: string }
/** `splat`: the one number of a constant of one element, which stands for any shape by broadcasting. */
export interface ConstantValue extends ValueBase { readonly kind: 'constant'; readonly data: ConstantData; readonly splat?: number }
export interface ResultValue extends ValueBase { readonly kind: 'result'; readonly node: Node; readonly index: number }
export type Value = InputValue | ConstantValue | ResultValue;

export interface Node {
  readonly operation: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly ResultValue[];
}

/** Folded constants of more elements are taken as they come. */
const mostCompared = 4096;

/** Equal for what computes the same. */
function keyOf(operation: string, inputs: readonly Value[], attributes: Attributes): string {
  return `${operation}|${inputs.map((value) => value.id).join(',')}|${JSON.stringify(attributes)}`;
}

export class Graph {
  #nextId = 0;
  readonly #nodes = new Map<string, readonly ResultValue[]>();
  readonly #constants = new Map<string, ConstantValue[]>();
  readonly #folded = new Map<string, ConstantValue>();

  input(name: string, shape: readonly number[], dtype: DType): InputValue {
    return { kind: 'input', id: this.#nextId++, shape, dtype, name };
  }

  /** A constant that is likely to be the only one of its contents, such as a frozen weight: no comparison with the others. */
  uniqueConstant(data: ConstantData, shape: readonly number[], dtype: ValueType): ConstantValue {
    const splat = data.length === 1 ? { splat: Number(data[0]) } : {};
    return { kind: 'constant', id: this.#nextId++, shape, dtype, data, ...splat };
  }

  /** A constant; equal contents of equal shape give the same value. The graph owns `data` from here on. */
  constant(data: ConstantData, shape: readonly number[], dtype: ValueType): ConstantValue {
    const key = `${dtype}|${shape.join(',')}|${hashOf(data)}`;
    const bucket = this.#constants.get(key);
    const known = bucket?.find((candidate) => sameBytes(candidate.data, data));
    if (known) return known;
    const value = this.uniqueConstant(data, shape, dtype);
    if (bucket) bucket.push(value);
    else this.#constants.set(key, [value]);
    return value;
  }

  /** What an operation makes of constants, computed once. Large results are not compared with other constants: that takes longer than it saves. */
  folded(operation: string, inputs: readonly ConstantValue[], attributes: Attributes, compute: () => ConstantData, shape: readonly number[], dtype: ValueType): ConstantValue {
    const key = keyOf(operation, inputs, attributes);
    let value = this.#folded.get(key);
    if (value === undefined) {
      value = sizeOf(shape) > mostCompared ? this.uniqueConstant(compute(), shape, dtype) : this.constant(compute(), shape, dtype);
      this.#folded.set(key, value);
    }
    return value;
  }

  /** A constant of one element, of rank `rank`. */
  scalar(value: number, rank = 0, dtype: DType = 'float32'): ConstantValue {
    return this.constant(fill(dtype, 1, value), new Array<number>(rank).fill(1), dtype);
  }

  /** The index list an ONNX operation takes as an input: shape, axes, starts … */
  indices(list: readonly number[]): ConstantValue {
    return this.constant(BigInt64Array.from(list, BigInt), [list.length], 'int64');
  }

  /** Appends a node of one output. */
  node(operation: string, inputs: readonly Value[], attributes: Attributes, shape: readonly number[], dtype: ValueType = 'float32'): ResultValue {
    return this.nodeWithOutputs(operation, inputs, attributes, [shape], dtype)[0]!;
  }

  /** Appends a node of several outputs of one type. */
  nodeWithOutputs(operation: string, inputs: readonly Value[], attributes: Attributes, shapes: readonly (readonly number[])[], dtype: ValueType): readonly ResultValue[] {
    const key = keyOf(operation, inputs, attributes);
    const known = this.#nodes.get(key);
    if (known) return known;
    const outputs: ResultValue[] = [];
    const node: Node = { operation, inputs, attributes, outputs };
    shapes.forEach((shape, index) => outputs.push({ kind: 'result', id: this.#nextId++, shape, dtype, node, index }));
    this.#nodes.set(key, outputs);
    return outputs;
  }
}

/** `length` times one value, in a type's own array. */
export function fill(dtype: DType, length: number, value: number): Float32Array | Int32Array | Uint8Array {
  switch (dtype) {
    case 'float32': return new Float32Array(length).fill(value);
    case 'int32': return new Int32Array(length).fill(value);
    case 'bool': return new Uint8Array(length).fill(value);
  }
}

function bytesOf(data: ConstantData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** 32-bit FNV-1a over the words (over the bytes where they make no whole words). */
function hashOf(data: ConstantData): number {
  const words = data.byteLength % 4 === 0 && data.byteOffset % 4 === 0 ? new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4) : bytesOf(data);
  let hash = 0x811c9dc5;
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15; // whole words leave the low bits badly mixed
  }
  return hash >>> 0;
}

function sameBytes(a: ConstantData, b: ConstantData): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

/** A Reshape to `shape`: chains collapse, constants are re-labelled, and none is made where nothing changes. */
export function reshapeValue(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  if (value.kind === 'constant') return graph.folded('Reshape', [value], { shape }, () => value.data, shape, value.dtype);
  const source = value.kind === 'result' && value.node.operation === 'Reshape' ? value.node.inputs[0]! : value;
  if (sameShape(source.shape, shape)) return source;
  return graph.node('Reshape', [source, graph.indices(shape)], {}, shape, value.dtype);
}

/** The nodes that the outputs need, each after its inputs: post-order from the outputs in their order. */
export function evaluationOrder(outputs: readonly Value[]): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  for (const output of outputs) {
    if (output.kind !== 'result') continue;
    const stack = [{ node: output.node, next: 0 }]; // not recursive: a step is thousands of nodes deep
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = done.has(top.node) ? undefined : top.node.inputs[top.next++];
      if (input === undefined) {
        if (!done.has(top.node)) order.push(top.node);
        done.add(top.node);
        stack.pop();
      } else if (input.kind === 'result' && !done.has(input.node)) {
        stack.push({ node: input.node, next: 0 });
      }
    }
  }
  return order;
}

/** Bytes a value takes at run time. */
export function byteLengthOf(value: Value): number {
  const width = { float32: 4, int32: 4, bool: 1, int64: 8 }[value.dtype];
  return width * sizeOf(value.shape);
}
