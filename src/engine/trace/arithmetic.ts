/** Element-wise operations of two and three operands, with the few simplifications that gradients ask for. */
import type { ClipByValueAttrs, LeakyReluAttrs } from '@tensorflow/tfjs-core';
import type { DType } from '../engine.ts';
import { type Evaluate, broadcastShape, elementwise } from './elementwise.ts';
import type { Graph } from './graph.ts';
import type { Binary, RecordingTable, Unary } from './kernel.ts';
import { type Symbolic, broadcastTo, dense, dtypeOf, splat, splatOf } from './symbolic.ts';
import { abs, floor, not, reciprocal, relu, sqrt, cast } from './unary.ts';

type BinaryRecording = (graph: Graph, a: Symbolic, b: Symbolic) => Symbolic;

/** The operand itself where the other one changes nothing but the shape. */
function unchanged(graph: Graph, tensor: Symbolic, other: Symbolic): Symbolic {
  return broadcastTo(graph, tensor, broadcastShape([tensor, other]));
}

function plain(operation: string, evaluate?: Evaluate): BinaryRecording {
  return (graph, a, b) => elementwise(graph, operation, [a, b], dtypeOf(a), { evaluate });
}

const plainAdd = plain('Add', (a, b) => a + b);
const plainSubtract = plain('Sub', (a, b) => a - b);
const plainMultiply = plain('Mul', (a, b) => a * b);
const plainDivide = plain('Div', (a, b) => a / b);
const plainMaximum = plain('Max', (a, b) => Math.max(a, b));
const plainPower = plain('Pow', (a, b) => a ** b);
export const minimum = plain('Min', (a, b) => Math.min(a, b));

export const add: BinaryRecording = (graph, a, b) => {
  if (splatOf(a) === 0) return unchanged(graph, b, a);
  if (splatOf(b) === 0) return unchanged(graph, a, b);
  return plainAdd(graph, a, b);
};

export const subtract: BinaryRecording = (graph, a, b) => (splatOf(b) === 0 ? unchanged(graph, a, b) : plainSubtract(graph, a, b));

/** 0 · x is 0 here even where x is not finite: a gradient that is known to vanish takes no part in the graph. */
export const multiply: BinaryRecording = (graph, a, b) => {
  if (splatOf(a) === 1) return unchanged(graph, b, a);
  if (splatOf(b) === 1) return unchanged(graph, a, b);
  if (splatOf(a) === 0 || splatOf(b) === 0) return splat(graph, 0, broadcastShape([a, b]), dtypeOf(a));
  return plainMultiply(graph, a, b);
};

/** Division by a known number is a product with its reciprocal, where that is as exact. */
export const divide: BinaryRecording = (graph, a, b) => {
  const divisor = splatOf(b);
  if (divisor === 1) return unchanged(graph, a, b);
  if (divisor !== undefined && divisor !== 0 && dtypeOf(a) === 'float32') return multiply(graph, a, splat(graph, Math.fround(1 / divisor), b.shape));
  return plainDivide(graph, a, b);
};

export const maximum: BinaryRecording = (graph, a, b) => (splatOf(b) === 0 && dtypeOf(a) === 'float32' ? unchanged(graph, relu(graph, a), b) : plainMaximum(graph, a, b));

const power: BinaryRecording = (graph, a, b) => {
  const exponent: number = splatOf(b) ?? NaN;
  switch (exponent) {
    case 1: return unchanged(graph, a, b);
    case 2: return unchanged(graph, multiply(graph, a, a), b);
    case 0.5: return unchanged(graph, sqrt(graph, a), b);
    case 1.5: return unchanged(graph, multiply(graph, a, sqrt(graph, a)), b);
    case -0.5: return unchanged(graph, reciprocal(graph, sqrt(graph, a)), b);
    default: return plainPower(graph, a, b);
  }
};

const squaredDifference: BinaryRecording = (graph, a, b) => {
  const difference = subtract(graph, a, b);
  return multiply(graph, difference, difference);
};

/** ⌊a / b⌋ as a float. ONNX divides integers towards zero, so they go through floats (exact below 2²⁴). */
function flooredQuotient(graph: Graph, a: Symbolic, b: Symbolic): Symbolic {
  return floor(graph, plainDivide(graph, cast(graph, a, 'float32'), cast(graph, b, 'float32')));
}

const floorModulo: BinaryRecording = (graph, a, b) => subtract(graph, a, multiply(graph, cast(graph, flooredQuotient(graph, a, b), dtypeOf(a)), b));

function comparison(operation: string, evaluate: (a: number, b: number) => boolean): BinaryRecording {
  return (graph, a, b) => elementwise(graph, operation, [a, b], 'bool', { evaluate: (x, y) => Number(evaluate(x, y)) });
}

export const greater = comparison('Greater', (a, b) => a > b);
const greaterOrEqual = comparison('GreaterOrEqual', (a, b) => a >= b);
export const less = comparison('Less', (a, b) => a < b);
const lessOrEqual = comparison('LessOrEqual', (a, b) => a <= b);
export const equal = comparison('Equal', (a, b) => a === b);
const and = comparison('And', (a, b) => a !== 0 && b !== 0);
/** Or as Not(And(Not, Not)): WebGPU has no Or. */
const or: BinaryRecording = (graph, a, b) => not(graph, and(graph, not(graph, a), not(graph, b)));

export function where(graph: Graph, condition: Symbolic, yes: Symbolic, no: Symbolic): Symbolic {
  return elementwise(graph, 'Where', [condition, yes, no], dtypeOf(yes), { evaluate: (chosen, a, b) => (chosen ? a : b) });
}

/** ONNX's PRelu broadcasts the slope to x, never x to the slope. */
function prelu(graph: Graph, x: Symbolic, slope: Symbolic): Symbolic {
  const shape = broadcastShape([x, slope]);
  const physical = dense(graph, broadcastTo(graph, x, shape), x.shape.length === shape.length ? x.order : shape.map((_, axis) => axis));
  const whole: Symbolic = { value: physical, order: x.shape.length === shape.length ? x.order : shape.map((_, axis) => axis), shape };
  return elementwise(graph, 'PRelu', [whole, slope], 'float32');
}

function clip(graph: Graph, x: Symbolic, low: number, high: number): Symbolic {
  const bounds = [low, high].map((bound) => splat(graph, bound, [], dtypeOf(x)));
  return elementwise(graph, 'Clip', [x, ...bounds], dtypeOf(x), { evaluate: (value, least, most) => Math.min(Math.max(value, least), most) });
}

/** sign(x) as a clipped multiple: −1, 0 or 1 in two passes (WebGPU has no Sign). */
function sign(graph: Graph, x: Symbolic): Symbolic {
  return clip(graph, multiply(graph, x, splat(graph, 1e30, [])), -1, 1);
}

const infinite = (graph: Graph): Symbolic => splat(graph, Infinity, []);

const of = (recording: BinaryRecording) => (graph: Graph, { a, b }: Binary) => recording(graph, a, b);

export const arithmeticRecordings: RecordingTable = {
  Add: of(add),
  Sub: of(subtract),
  Multiply: of(multiply),
  RealDiv: of(divide),
  FloorDiv: (graph, { a, b }: Binary) => cast(graph, flooredQuotient(graph, a, b), 'int32'), // whole numbers whatever the operands, in tfjs
  Mod: of(floorModulo),
  Maximum: of(maximum),
  Minimum: of(minimum),
  Pow: of(power),
  SquaredDifference: of(squaredDifference),
  Greater: of(greater),
  GreaterEqual: of(greaterOrEqual),
  Less: of(less),
  LessEqual: of(lessOrEqual),
  Equal: of(equal),
  NotEqual: (graph, { a, b }: Binary) => not(graph, equal(graph, a, b)),
  LogicalAnd: of(and),
  LogicalOr: of(or),
  AddN: (graph, inputs: Readonly<Record<string, Symbolic>>) => Object.values(inputs).reduce((sum, term) => add(graph, sum, term)),
  Select: (graph, { condition, t, e }: { condition: Symbolic; t: Symbolic; e: Symbolic }) => where(graph, condition, t, e),
  Prelu: (graph, { x, alpha }: Unary & { alpha: Symbolic }) => prelu(graph, x, alpha),
  LeakyRelu: (graph, { x }: Unary, { alpha }: LeakyReluAttrs) => elementwise(graph, 'LeakyRelu', [x], 'float32', { attributes: { alpha: { float: alpha } } }),
  ClipByValue: (graph, { x }: Unary, { clipValueMin, clipValueMax }: ClipByValueAttrs) => clip(graph, x, clipValueMin, clipValueMax),
  Relu6: (graph, { x }: Unary) => clip(graph, x, 0, 6),
  Sign: (graph, { x }: Unary) => sign(graph, x),
  IsFinite: (graph, { x }: Unary) => less(graph, abs(graph, x), infinite(graph)),
  IsInf: (graph, { x }: Unary) => equal(graph, abs(graph, x), infinite(graph)),
  IsNan: (graph, { x }: Unary) => not(graph, equal(graph, x, x)),
  Square: (graph, { x }: Unary) => multiply(graph, x, x),
  Log1p: (graph, { x }: Unary) => elementwise(graph, 'Log', [add(graph, x, splat(graph, 1, []))], 'float32'),
  Expm1: (graph, { x }: Unary) => subtract(graph, elementwise(graph, 'Exp', [x], 'float32'), splat(graph, 1, [])),
  /** dy where y ≥ 0, else dy · (y + 1). */
  EluGrad: (graph, { dy, y }: { dy: Symbolic; y: Symbolic }) => {
    const zero = splat(graph, 0, []);
    return multiply(graph, dy, add(graph, minimum(graph, y, zero), splat(graph, 1, [])));
  },
  Step: (graph, { x }: Unary, { alpha }: { alpha: number }) => step(graph, x, alpha),
  Cast: (graph, { x }: Unary, { dtype }: { dtype: DType }) => cast(graph, x, dtype),
};

/** 1 where x > 0, else alpha. The 0/1 mask is a HardSigmoid of a huge multiple: one pass and no bool tensor. */
function step(graph: Graph, x: Symbolic, alpha: number): Symbolic {
  const float = cast(graph, x, 'float32');
  if (alpha === 0) return elementwise(graph, 'HardSigmoid', [float], 'float32', { attributes: { alpha: { float: 1e30 }, beta: { float: 0 } }, evaluate: (value) => Number(value > 0) });
  return where(graph, greater(graph, float, splat(graph, 0, [])), splat(graph, 1, x.shape), splat(graph, alpha, x.shape));
}
