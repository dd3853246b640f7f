/** Every recorded operation gives the numbers of tfjs's own CPU backend, forwards and, where it has a gradient, backwards. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { HostTensors, StepFunction } from '../../src/engine/engine.ts';
import { recordings, traceBackend } from '../../src/engine/trace/backend.ts';
import { booleans, eager, expectClose, integers, runOnce, traced, uniform, withGradients } from './support.ts';

interface Case {
  readonly inputs: HostTensors;
  readonly step: StepFunction;
  /** Forward only: no gradient, or one that tfjs gets wrong. */
  readonly gradient?: false;
  readonly tolerance?: number;
}

const small = (low = -2, high = 2): HostTensors => ({ x: uniform('x', [2, 3, 4], low, high) });
const pair = (low = -2, high = 2): HostTensors => ({ a: uniform('a', [2, 3, 4], low, high), b: uniform('b', [3, 1], low, high) });
const unary = (apply: (x: tf.Tensor) => tf.Tensor, low = -2, high = 2): Case => ({ inputs: small(low, high), step: ({ x }) => ({ y: apply(x!) }) });
const binary = (apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, low = -2, high = 2): Case => ({ inputs: pair(low, high), step: ({ a, b }) => ({ y: apply(a!, b!) }) });
const logical = (apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case => ({ inputs: { a: booleans('a', [3, 4]), b: booleans('b', [4]) }, step: ({ a, b }) => ({ y: apply(a!, b!) }), gradient: false });
const whole = (apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case => ({ inputs: { a: integers('a', [3, 4], -9, 9), b: integers('b', [4], 1, 5) }, step: ({ a, b }) => ({ y: apply(a!, b!) }), gradient: false });
const only = (single: Case): Case => ({ ...single, gradient: false });
const images = (shape: number[] = [2, 6, 7, 3]): HostTensors => ({ x: uniform('images', shape) });
const on4 = (shape: number[], apply: (x: tf.Tensor4D) => tf.Tensor): Case => ({ inputs: images(shape), step: ({ x }) => ({ y: apply(x as tf.Tensor4D) }) });
type Pad = number | 'valid' | 'same' | tf.backend_util.ExplicitPadding;
const conv = (stride: number, pad: Pad, kernel = 3, channels = [4, 5], size = [7, 8]): Case => ({
  inputs: { x: uniform('x', [2, ...size, channels[0]!]), filter: uniform('filter', [kernel, kernel, channels[0]!, channels[1]!], -0.5, 0.5) },
  step: ({ x, filter }) => ({ y: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad, 'NHWC', 1, typeof pad === 'string' ? undefined : 'floor') }),
});
const depthwise = (stride: number, pad: 'same' | 'valid', multiplier: number): Case => ({
  inputs: { x: uniform('x', [2, 7, 8, 4]), filter: uniform('filter', [3, 3, 4, multiplier]) },
  step: ({ x, filter }) => ({ y: tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad) }),
});
const matMul = (a: number[], b: number[], transposeA = false, transposeB = false): Case => ({
  inputs: { a: uniform('a', a), b: uniform('b', b) },
  step: (t) => ({ y: tf.matMul(t.a!, t.b!, transposeA, transposeB) }),
});

const cases: Record<string, Case> = {
  abs: unary(tf.abs), acos: unary(tf.acos, -0.9, 0.9), acosh: unary(tf.acosh, 1.1, 3), asin: unary(tf.asin, -0.9, 0.9), asinh: unary(tf.asinh), atan: unary(tf.atan), atanh: unary(tf.atanh, -0.9, 0.9),
  ceil: unary(tf.ceil), cos: unary(tf.cos), cosh: unary(tf.cosh), elu: unary(tf.elu), erf: unary(tf.erf), exp: unary(tf.exp), expm1: unary(tf.expm1), floor: unary(tf.floor),
  log: unary(tf.log, 0.1, 4), log1p: unary(tf.log1p, -0.5, 4), neg: unary(tf.neg), reciprocal: unary(tf.reciprocal, 0.5, 2), relu: unary(tf.relu), relu6: unary(tf.relu6, -3, 9), round: unary(tf.round),
  rsqrt: unary(tf.rsqrt, 0.2, 4), selu: unary(tf.selu), sigmoid: unary(tf.sigmoid, -9, 9), sign: unary(tf.sign), sin: unary(tf.sin), sinh: unary(tf.sinh), softplus: unary(tf.softplus, -9, 9), sqrt: unary(tf.sqrt, 0.2, 4),
  square: unary(tf.square), step: unary((x) => tf.step(x)), 'step with a slope': unary((x) => tf.step(x, 0.3)), tan: unary(tf.tan, -1, 1), tanh: unary(tf.tanh), identity: unary((x) => tf.clone(x)),
  leakyRelu: unary((x) => tf.leakyRelu(x, 0.2)), clipByValue: unary((x) => tf.clipByValue(x, -0.5, 0.7)),
  isNaN: only(unary((x) => tf.isNaN(tf.sqrt(x)))), isFinite: only(unary((x) => tf.isFinite(tf.log(tf.relu(x))))), isInf: only(unary((x) => tf.isInf(tf.log(tf.relu(x))))),
  'cast to whole numbers and back': only(unary((x) => tf.cast(tf.cast(tf.mul(x, 10), 'int32'), 'float32'))), 'cast to bool': only(unary((x) => tf.cast(tf.relu(x), 'bool'))),
  zerosLike: only(unary((x) => tf.add(tf.zerosLike(x), x))), onesLike: only(unary((x) => tf.onesLike(x))), fill: unary((x) => tf.add(x, tf.fill([4], 3))), range: unary((x) => tf.add(x, tf.range(0, 4))), linspace: unary((x) => tf.add(x, tf.linspace(0, 1, 4))),

  add: binary(tf.add), sub: binary(tf.sub), mul: binary(tf.mul), div: binary(tf.div, 0.5, 2), floorDiv: only(binary(tf.floorDiv, 0.5, 9)), mod: only(binary(tf.mod, 0.5, 9)), maximum: binary(tf.maximum), minimum: binary(tf.minimum),
  pow: binary(tf.pow, 0.2, 2), squaredDifference: binary(tf.squaredDifference), prelu: { inputs: { x: uniform('x', [2, 3, 4]), alpha: uniform('alpha', [4]) }, step: ({ x, alpha }) => ({ y: tf.prelu(x!, alpha!) }) },
  'prelu of one slope': { inputs: { x: uniform('x', [2, 3, 4]), alpha: uniform('alpha', [1]) }, step: ({ x, alpha }) => ({ y: tf.prelu(x!, alpha!) }) },
  'powers by a number': { inputs: small(0.2, 2), step: ({ x }) => ({ a: tf.pow(x!, 1), b: tf.pow(x!, 2), c: tf.pow(x!, 0.5), d: tf.pow(x!, 1.5), e: tf.pow(x!, -0.5), f: tf.pow(x!, 3) }) },
  'neutral operands': { inputs: small(), step: ({ x }) => ({ a: tf.add(x!, 0), b: tf.sub(x!, 0), c: tf.mul(x!, 1), d: tf.div(x!, 1), e: tf.mul(x!, 0), f: tf.div(x!, 4), g: tf.add(tf.zeros([5, 2, 3, 4]), x!), h: tf.maximum(x!, 0) }) },
  addN: { inputs: { a: uniform('a', [2, 3]), b: uniform('b', [2, 3]), c: uniform('c', [2, 3]) }, step: ({ a, b, c }) => ({ y: tf.addN([a!, b!, c!]) }) },
  greater: only(binary(tf.greater)), greaterEqual: only(binary(tf.greaterEqual)), less: only(binary(tf.less)), lessEqual: only(binary(tf.lessEqual)), equal: whole(tf.equal), notEqual: whole(tf.notEqual),
  logicalAnd: logical(tf.logicalAnd), logicalOr: logical(tf.logicalOr), logicalNot: logical((a) => tf.logicalNot(a)), 'whole arithmetic': whole((a, b) => tf.add(tf.mul(a, b), tf.sub(a, b))), 'whole floorDiv': whole(tf.floorDiv), 'whole maximum': whole((a, b) => tf.maximum(tf.minimum(a, b), 0)),
  where: { inputs: { c: booleans('c', [3, 4]), a: uniform('a', [3, 4]), b: uniform('b', [3, 4]) }, step: ({ c, a, b }) => ({ y: tf.where(c!, a!, b!) }) },

  sum: { inputs: small(), step: ({ x }) => ({ a: tf.sum(x!), b: tf.sum(x!, 1), c: tf.sum(x!, [0, -1], true) }) },
  mean: { inputs: small(), step: ({ x }) => ({ a: tf.mean(x!), b: tf.mean(x!, [0, 1]), c: tf.mean(x!, -1, true) }) },
  max: { inputs: small(), step: ({ x }) => ({ a: tf.max(x!), b: tf.max(x!, 1), c: tf.max(x!, 2, true) }) },
  min: { inputs: small(), step: ({ x }) => ({ a: tf.min(x!), b: tf.min(x!, 0) }) },
  'all and any': { inputs: { x: booleans('x', [4, 3]) }, step: ({ x }) => ({ a: tf.all(x!, 1), b: tf.any(x!, 1), c: tf.any(x!) }), gradient: false },
  'count of a mask': { inputs: { x: booleans('x', [4, 3]) }, step: ({ x }) => ({ y: tf.sum(x!, 0) }), gradient: false },
  'sum of a broadcast': { inputs: { x: uniform('x', [1, 3]) }, step: ({ x }) => ({ a: tf.sum(tf.tile(x!, [5, 1]), 0), b: tf.mean(tf.broadcastTo(x!, [2, 4, 3]), [0, 1]), c: tf.sum(tf.fill([2, 3], 1.5)) }) },
  'sum of a large tensor': { inputs: { x: uniform('x', [3, 40, 50, 7]) }, step: ({ x }) => ({ a: tf.sum(x!), b: tf.mean(x!) }), tolerance: 1e-4 },
  softmax: { inputs: small(), step: ({ x }) => ({ y: tf.softmax(x!) }) },
  'softmax over another axis': { inputs: { x: uniform('x', [3, 4]) }, step: ({ x }) => ({ y: tf.transpose(tf.softmax(tf.transpose(x!))) }) },
  logSoftmax: { inputs: small(), step: ({ x }) => ({ y: tf.logSoftmax(x!) }) },
  moments: { inputs: small(), step: ({ x }) => { const { mean, variance } = tf.moments(x!, [0, 1], true); return { mean, variance }; } },
  batchNorm: {
    inputs: { x: uniform('x', [2, 3, 3, 4]), mean: uniform('m', [4]), variance: uniform('v', [4], 0.5, 2), offset: uniform('o', [4]), scale: uniform('s', [4]) },
    step: ({ x, mean, variance, offset, scale }) => ({ y: tf.batchNorm(x!, mean as tf.Tensor1D, variance as tf.Tensor1D, offset, scale, 1e-3) }),
  },
  'layer norm': {
    inputs: { x: uniform('x', [2, 5, 8]), scale: uniform('s', [8]), offset: uniform('o', [8]) },
    step: ({ x, scale, offset }) => { const { mean, variance } = tf.moments(x!, -1, true); return { y: tf.add(tf.mul(tf.mul(tf.sub(x!, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale!), offset!) }; },
  },

  reshape: { inputs: small(), step: ({ x }) => ({ a: tf.reshape(x!, [6, 4]), b: tf.reshape(x!, [-1]), c: tf.reshape(tf.transpose(x!, [1, 0, 2]), [3, 8]), d: tf.reshape(tf.transpose(x!, [2, 0, 1]), [4, 6]), e: tf.reshape(tf.transpose(x!), [12, 1, 2]) }) },
  'reshape of a broadcast': { inputs: { x: uniform('x', [2, 1, 4]) }, step: ({ x }) => ({ a: tf.reshape(tf.tile(x!, [1, 3, 1]), [6, 4]), b: tf.reshape(tf.tile(x!, [1, 6, 1]), [2, 2, 3, 4]) }) },
  expandDims: { inputs: small(), step: ({ x }) => ({ a: tf.expandDims(x!, 1), b: tf.expandDims(x!, -1), c: tf.squeeze(tf.expandDims(tf.transpose(x!), 0)) }) },
  transpose: { inputs: small(), step: ({ x }) => ({ a: tf.transpose(x!), b: tf.transpose(x!, [1, 2, 0]), c: tf.transpose(tf.relu(tf.transpose(x!, [1, 2, 0])), [0, 2, 1]) }) },
  concat: { inputs: { a: uniform('a', [2, 3]), b: uniform('b', [2, 4]) }, step: ({ a, b }) => ({ y: tf.concat([a!, b!], 1), z: tf.concat([tf.transpose(a!), tf.zeros([1, 2]), tf.transpose(b!)], 0) }) },
  stack: { inputs: { a: uniform('a', [2, 3]), b: uniform('b', [2, 3]) }, step: ({ a, b }) => ({ y: tf.stack([a!, b!]), z: tf.stack([a!, b!], -1) }) },
  unstack: { inputs: small(), step: ({ x }) => { const [a, b, c] = tf.unstack(x!, 1); return { y: tf.sub(tf.mul(a!, b!), c!) }; } },
  slice: { inputs: small(), step: ({ x }) => ({ a: tf.slice(x!, [0, 1, 2], [2, 2, 1]), b: tf.slice(tf.transpose(x!), [1, 0, 0], [2, 3, 1]), c: tf.slice(tf.tile(tf.slice(x!, [0, 0, 0], [2, 1, 4]), [1, 5, 1]), [0, 1, 1], [1, 3, 2]) }) },
  stridedSlice: { inputs: small(), step: ({ x }) => ({ a: tf.stridedSlice(x!, [0, 2, 3], [2, 0, 0], [1, -1, -2]), b: tf.stridedSlice(x!, [0, 0, 0], [2, 3, 4], [1, 2, 3]), c: tf.stridedSlice(x!, [1, 2, 3], [0, 0, 0], [-1, -1, -1], 0, 7) }), gradient: false },
  reverse: { inputs: small(), step: ({ x }) => ({ a: tf.reverse(x!, [0, 2]), b: tf.reverse(tf.transpose(x!), 1) }) },
  split: { inputs: { x: uniform('x', [3, 8]) }, step: ({ x }) => { const [a, b, c] = tf.split(x!, [1, 5, 2], 1); const parts = tf.split(x!, 8, 1); return { a: tf.mul(a!, 2), b: tf.mul(b!, 3), c: c!, d: parts[6]! }; } },
  pad: { inputs: small(), step: ({ x }) => ({ a: tf.pad(x!, [[0, 0], [1, 2], [3, 0]]), b: tf.pad(tf.transpose(x!), [[1, 0], [0, 0], [0, 1]], 7) }) },
  tile: { inputs: small(), step: ({ x }) => ({ y: tf.tile(x!, [1, 2, 3]) }) },
  broadcastTo: { inputs: { x: uniform('x', [3, 1]) }, step: ({ x }) => ({ y: tf.broadcastTo(x!, [2, 3, 4]) }) },
  gather: { inputs: { table: uniform('t', [5, 3]), rows: integers('r', [2, 4], 0, 5) }, step: ({ table, rows }) => ({ a: tf.gather(table!, rows!), b: tf.gather(table!, tf.tensor1d([2, 0, 2], 'int32'), 1) }) },
  oneHot: { inputs: { x: integers('x', [2, 3], 0, 4) }, step: ({ x }) => ({ y: tf.oneHot(x!, 4) }), gradient: false },
  unsortedSegmentSum: { inputs: { x: uniform('x', [4, 3]), ids: integers('i', [4], 0, 3) }, step: ({ x, ids }) => ({ y: tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, 3) }), gradient: false },

  matMul: matMul([3, 4], [4, 5]), 'matMul, first transposed': matMul([4, 3], [4, 5], true), 'matMul, second transposed': matMul([3, 4], [5, 4], false, true), 'matMul, both transposed': matMul([4, 3], [5, 4], true, true),
  'batched matMul': matMul([2, 3, 4], [2, 4, 5]), 'matMul of a stack and one matrix': { inputs: { a: uniform('a', [1, 3, 4]), b: uniform('b', [2, 4, 5]) }, step: ({ a, b }) => ({ y: tf.matMul(a!, b!) }), gradient: false },
  'matMul of turned operands': { inputs: { a: uniform('a', [4, 2, 3]), b: uniform('b', [5, 2, 4]) }, step: ({ a, b }) => ({ y: tf.matMul(tf.transpose(a!, [1, 2, 0]), tf.transpose(b!, [1, 2, 0])) }) },
  'matMul of a broadcast': { inputs: { a: uniform('a', [1, 3, 1]), b: uniform('b', [2, 4, 5]) }, step: ({ a, b }) => ({ y: tf.matMul(tf.tile(a!, [2, 1, 4]), b!) }) },
  attention: {
    inputs: { q: uniform('q', [2, 4, 6, 8]), k: uniform('k', [2, 4, 5, 8]), v: uniform('v', [2, 4, 5, 8]) },
    step: ({ q, k, v }) => ({ y: tf.matMul(tf.softmax(tf.mul(tf.matMul(q!, k!, false, true), 0.2)), v!) }),
  },

  'conv2d 3x3 same': conv(1, 'same'), 'conv2d 3x3 valid': conv(1, 'valid'), 'conv2d 1x1': conv(1, 'valid', 1), 'conv2d 1x1 stride 2': conv(2, 'valid', 1), 'conv2d 3x3 stride 2 pad 1': conv(2, 1), 'conv2d 7x7 stride 2 pad 3': conv(2, 3, 7, [3, 4], [12, 13]), 'conv2d 3x3 stride 2 same': conv(2, 'same'),
  'conv2d padded by sides': conv(2, [[0, 0], [1, 1], [2, 2], [0, 0]]), 'conv2d of many pixels': conv(1, 'same', 3, [32, 3], [21, 20]), 'conv2d 1x1 of many pixels': conv(1, 'valid', 1, [3, 4], [29, 28]), 'conv2d stride 3': conv(3, 1),
  'conv2d of one image': { inputs: { x: uniform('x', [1, 6, 5, 3]), filter: uniform('f', [3, 3, 3, 2]) }, step: ({ x, filter }) => ({ y: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same') }) },
  'conv2d, dilated': { inputs: { x: uniform('x', [2, 9, 9, 3]), filter: uniform('f', [3, 3, 3, 2]) }, step: ({ x, filter }) => ({ y: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same', 'NHWC', 2) }), gradient: false },
  'depthwise same': depthwise(1, 'same', 1), 'depthwise stride 2': depthwise(2, 'same', 1), 'depthwise of two': depthwise(1, 'valid', 2),
  'depthwise, with a rest at the border': depthwise(2, 'valid', 1), 'depthwise of two, with a rest at the border': depthwise(3, 'valid', 2),
  'transposed conv2d': { inputs: { x: uniform('x', [2, 4, 5, 3]), filter: uniform('f', [3, 3, 2, 3]) }, step: ({ x, filter }) => ({ y: tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 8, 10, 2], 2, 'same') }) },
  'maxPool 3 stride 2 pad 1': on4([2, 8, 9, 4], (x) => tf.maxPool(x, 3, 2, 1, 'floor')), 'maxPool 2': on4([2, 6, 6, 3], (x) => tf.maxPool(x, 2, 2, 'valid')), 'maxPool same': on4([2, 7, 7, 2], (x) => tf.maxPool(x, 3, 1, 'same')),
  'avgPool 2': on4([2, 6, 6, 3], (x) => tf.avgPool(x, 2, 2, 'valid')), 'avgPool 3 same': only(on4([2, 7, 6, 3], (x) => tf.avgPool(x, 3, 1, 'same'))),
  // tfjs's own gradients of resizing are wrong unless height and width are equal (gradients.test.ts checks these by differences)
  'resizeBilinear, aligned': on4([2, 4, 4, 3], (x) => tf.image.resizeBilinear(x, [7, 7], true)), 'resizeBilinear': on4([2, 8, 8, 2], (x) => tf.image.resizeBilinear(x, [5, 5])), 'resizeBilinear, not square': only(on4([2, 4, 5, 3], (x) => tf.image.resizeBilinear(x, [7, 9], true))), 'resizeBilinear, half-pixel': only(on4([2, 4, 5, 3], (x) => tf.image.resizeBilinear(x, [8, 7], false, true))),
  resizeNearestNeighbor: only(on4([2, 4, 5, 2], (x) => tf.image.resizeNearestNeighbor(x, [8, 10]))), 'resizeNearestNeighbor, half-pixel': only(on4([2, 4, 5, 2], (x) => tf.image.resizeNearestNeighbor(x, [9, 7], false, true))),
};

const used = new Set<string>();

describe('a recorded operation equals the CPU backend', () => {
  traceBackend();
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('trace')) {
    tf.unregisterKernel(kernelName, 'trace');
    tf.registerKernel({ kernelName, backendName: 'trace', kernelFunc: (given) => { used.add(kernelName); return kernelFunc(given); } });
  }
  for (const [name, { inputs, step, gradient, tolerance }] of Object.entries(cases)) {
    it(name, async () => {
      expectClose(await runOnce(traced, step, inputs), await runOnce(eager, step, inputs), tolerance);
    });
    if (gradient === false) continue;
    it(`${name}: gradient`, async () => {
      const backwards = withGradients(step);
      expectClose(await runOnce(traced, backwards, inputs), await runOnce(eager, backwards, inputs), tolerance ?? 1e-4);
    });
  }
  // The same in operations whose gradients tfjs sums over the places of a broadcast itself.
  const others: Record<string, readonly [(a: tf.Tensor, b: tf.Tensor) => tf.Tensor, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor]> = {
    squaredDifference: [tf.squaredDifference, (a, b) => tf.square(tf.sub(a, b))],
    maximum: [tf.maximum, (a, b) => tf.add(a, tf.relu(tf.sub(b, a)))],
    minimum: [tf.minimum, (a, b) => tf.sub(a, tf.relu(tf.sub(a, b)))],
  };
  for (const [name, [apply, same]] of Object.entries(others)) {
    it(`the gradients of ${name} are those of its definition, of operands that are broadcast, too`, async () => {
      const { inputs, step } = binary(apply);
      expectClose(await runOnce(eager, withGradients(step), inputs), await runOnce(eager, withGradients(binary(same).step), inputs));
    });
  }
  // A resize is linear: Σ x · dx is the value, whatever tfjs's own gradients say.
  const resizes: Record<string, (x: tf.Tensor4D) => tf.Tensor> = {
    'bilinear, aligned': (x) => tf.image.resizeBilinear(x, [7, 9], true),
    'bilinear, half-pixel, smaller': (x) => tf.image.resizeBilinear(x, [3, 2], false, true),
    'nearest': (x) => tf.image.resizeNearestNeighbor(x, [8, 10]),
    'nearest, aligned': (x) => tf.image.resizeNearestNeighbor(x, [9, 7], true),
  };
  for (const [name, resize] of Object.entries(resizes)) {
    it(`the gradient of a resize (${name}) is its adjoint`, async () => {
      const inputs = images([2, 4, 5, 2]);
      const result = await runOnce(traced, withGradients(({ x }) => ({ y: resize(x as tf.Tensor4D) })), inputs);
      const product = Array.from(inputs.x!.data).reduce((sum, value, i) => sum + value * result['d x']!.data[i]!, 0);
      expect(product).toBeCloseTo(result.value!.data[0]!, 4);
    });
  }
  afterAll(() => {
    expect(Object.keys(recordings).filter((kernel) => !used.has(kernel)), 'recorded operations that no case uses').toEqual([]);
  });
});
