/** Element-wise operations of one operand. */
import type { DType } from '../engine.ts';
import { elementwise } from './elementwise.ts';
import type { Graph } from './graph.ts';
import { type RecordingTable, type Unary, cannotRecord } from './kernel.ts';
import { type Symbolic, dtypeOf } from './symbolic.ts';

type UnaryRecording = (graph: Graph, x: Symbolic) => Symbolic;

function plain(operation: string, evaluate?: (number: number) => number): UnaryRecording {
  return (graph, x) => elementwise(graph, operation, [x], dtypeOf(x), evaluate ? { evaluate: (number) => evaluate(number) } : {});
}

export const sqrt = plain('Sqrt', Math.sqrt);
export const reciprocal = plain('Reciprocal', (x) => 1 / x);
export const relu = plain('Relu', (x) => Math.max(0, x));
export const abs = plain('Abs', Math.abs);
export const floor = plain('Floor', Math.floor);
export const not = plain('Not', (x) => Number(x === 0));

/** ONNX's numbers of the element types. */
const elementType: Readonly<Record<DType, number>> = { float32: 1, int32: 6, bool: 9 };

export function cast(graph: Graph, x: Symbolic, dtype: DType): Symbolic {
  if (dtypeOf(x) === dtype) return x;
  if (!(dtype in elementType)) throw cannotRecord('cast', `${dtype} is none of float32, int32, bool`);
  return elementwise(graph, 'Cast', [x], dtype, { attributes: { to: elementType[dtype] }, evaluate: (number) => number });
}

const recordings: Readonly<Record<string, UnaryRecording>> = {
  Abs: abs,
  Acos: plain('Acos'),
  Acosh: plain('Acosh'),
  Asin: plain('Asin'),
  Asinh: plain('Asinh'),
  Atan: plain('Atan'),
  Atanh: plain('Atanh'),
  Ceil: plain('Ceil', Math.ceil),
  Cos: plain('Cos', Math.cos),
  Cosh: plain('Cosh', Math.cosh),
  Elu: plain('Elu'),
  Erf: plain('Erf'),
  Exp: plain('Exp', Math.exp),
  Floor: floor,
  Identity: (_, x) => x,
  Log: plain('Log', Math.log),
  LogicalNot: not,
  Neg: plain('Neg', (x) => -x),
  Reciprocal: reciprocal,
  Relu: relu,
  Round: plain('Round'),
  Rsqrt: (graph, x) => reciprocal(graph, sqrt(graph, x)),
  Selu: plain('Selu'),
  Sigmoid: plain('Sigmoid'),
  Sin: plain('Sin', Math.sin),
  Sinh: plain('Sinh', Math.sinh),
  Softplus: plain('Softplus'),
  Sqrt: sqrt,
  Tan: plain('Tan', Math.tan),
  Tanh: plain('Tanh', Math.tanh),
};

export const unaryRecordings: RecordingTable = Object.fromEntries(
  Object.entries(recordings).map(([kernel, record]) => [kernel, (graph: Graph, { x }: Unary) => record(graph, x)]),
);
