/**
 * Random small networks that together use every recorded operation: the traced numbers are the eager ones, and the gradients are
 * those of finite differences.
 */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { HostTensor, HostTensors, StepFunction, TensorRecord } from '../../src/engine/engine.ts';
import { recordings, traceBackend } from '../../src/engine/trace/backend.ts';
import { eager, expectClose, runOnce, traced, uniform, feedsOf } from './support.ts';

const size = 6;
const channels = 4;
type Map4 = tf.Tensor4D;

/** From features [2, 6, 6, 4] to features of the same shape. Parameters are PyTorch-shaped; `noise` is not differentiated, so it may be cut and rounded. */
interface Layer {
  readonly parameters?: Readonly<Record<string, number[]>>;
  readonly apply: (x: Map4, p: TensorRecord, noise: Map4) => tf.Tensor;
  /** tfjs's own gradient of it is wrong. */
  readonly eagerGradient?: false;
}

const bounded = (x: tf.Tensor): tf.Tensor => tf.mul(tf.tanh(x), 0.8);
const positive = (x: tf.Tensor): tf.Tensor => tf.add(tf.square(x), 0.5);
const weight = (w: tf.Tensor | undefined): Map4 => tf.transpose(w as Map4, [2, 3, 1, 0]);
const filter = (outputs: number, inputs: number, kernel: number): number[] => [outputs, inputs, kernel, kernel];
const pixels = (x: tf.Tensor): tf.Tensor3D => tf.reshape(x, [2, size * size, channels]);
const grow = (x: tf.Tensor): tf.Tensor => tf.image.resizeBilinear(x as Map4, [size, size], true);

const layers: Record<string, Layer> = {
  'convolution and relu': { parameters: { w: filter(channels, channels, 3), b: [channels] }, apply: (x, { w, b }) => tf.relu(tf.add(tf.conv2d(x, weight(w), 1, 'same'), b!)) },
  'strided convolution, enlarged': { parameters: { w: filter(channels, channels, 3) }, apply: (x, { w }) => grow(tf.conv2d(x, weight(w), 2, 1, 'NHWC', 1, 'floor')) },
  'pointwise convolution': { parameters: { w: filter(channels, channels, 1), a: [channels] }, apply: (x, { w, a }) => tf.prelu(tf.conv2d(x, weight(w), 1, 'valid'), a!) },
  'depthwise convolution': { parameters: { w: [channels, 1, 3, 3] }, apply: (x, { w }) => tf.leakyRelu(tf.depthwiseConv2d(x, tf.transpose(w as Map4, [2, 3, 0, 1]), 1, 'same'), 0.1) },
  'max pooling': { apply: (x) => grow(tf.maxPool(x, 3, 2, 1, 'floor')) },
  'mean pooling': { apply: (x) => tf.image.resizeNearestNeighbor(tf.avgPool(x, 2, 2, 'valid'), [size, size]), eagerGradient: false },
  'half-pixel resize': { apply: (x) => tf.image.resizeBilinear(tf.image.resizeBilinear(x, [4, 3], false, true), [size, size], false, true), eagerGradient: false },
  'batch norm': { parameters: { g: [channels], b: [channels] }, apply: (x, { g, b }) => { const { mean, variance } = tf.moments(x, [0, 1, 2]); return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, b as tf.Tensor1D, g as tf.Tensor1D, 1e-2); } },
  'self-attention': { parameters: { q: [channels, channels] }, apply: (x, { q }) => { const t = pixels(x); const query = tf.matMul(t, tf.tile(tf.expandDims(q!, 0), [2, 1, 1])); return tf.reshape(tf.matMul(tf.softmax(tf.mul(tf.matMul(query, t, false, true), 0.3)), t), x.shape); } },
  'channel gate': { apply: (x) => tf.mul(x, tf.sigmoid(tf.mean(x, [1, 2], true))) },
  'log softmax': { apply: (x) => tf.exp(tf.mul(tf.logSoftmax(x), 0.5)) },
  'gelu': { apply: (x) => tf.mul(x, tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))) },
  'exponential units': { apply: (x) => tf.add(tf.elu(x), tf.sub(tf.selu(x), tf.softplus(x))) },
  'clipped units': { apply: (x) => tf.add(tf.relu6(x), tf.clipByValue(x, -1, 1)) },
  'trigonometry': { apply: (x) => tf.addN([tf.sin(x), tf.cos(x), tf.tan(tf.mul(bounded(x), 0.5)), tf.atan(x)]) },
  'inverse trigonometry': { apply: (x) => { const u = bounded(x); return tf.add(tf.asin(u), tf.acos(tf.mul(u, 0.5))); } },
  'hyperbolic functions': { apply: (x) => { const u = bounded(x); return tf.addN([tf.sinh(u), tf.cosh(u), tf.asinh(x), tf.atanh(u), tf.acosh(tf.add(positive(x), 1))]); } },
  'exponentials and logarithms': { apply: (x) => tf.addN([tf.exp(bounded(x)), tf.expm1(bounded(x)), tf.log(positive(x)), tf.log1p(tf.square(x))]) },
  'roots and reciprocals': { apply: (x) => tf.addN([tf.sqrt(positive(x)), tf.rsqrt(positive(x)), tf.reciprocal(positive(x)), tf.neg(tf.abs(x))]) },
  'powers and quotients': { apply: (x, _, noise) => tf.sub(tf.pow(positive(x), tf.sigmoid(x)), tf.div(x, positive(noise))) },
  'squared difference': { apply: (x, _, noise) => tf.squaredDifference(bounded(x), bounded(noise)) },
  'extremes': { apply: (x, _, noise) => tf.addN([tf.maximum(x, noise), tf.minimum(x, noise), tf.sub(x, tf.max(x, 3, true)), tf.sub(x, tf.min(x, [1, 2], true))]) },
  'comparisons choose': {
    apply: (x, _, noise) => {
      const inside = tf.logicalAnd(tf.greater(noise, -1), tf.lessEqual(noise, 1));
      const outside = tf.logicalOr(tf.less(noise, -1.5), tf.greaterEqual(noise, 1.5));
      const odd = tf.logicalAnd(tf.notEqual(noise, 0), tf.logicalNot(tf.equal(noise, 0.25)));
      return tf.where(tf.logicalOr(inside, tf.logicalAnd(outside, odd)), x, tf.mul(x, 0.3));
    },
  },
  'whole and broken numbers': { apply: (x, _, noise) => { const t = tf.mul(noise, 3); return tf.mul(x, tf.add(tf.mul(tf.addN([tf.floor(t), tf.ceil(t), tf.round(t), tf.step(t), tf.sign(t), tf.mod(t, 2)]), 0.1), tf.cast(tf.floorDiv(t, tf.fill(noise.shape, 2)), 'float32'))); } },
  'finite masks': { apply: (x, _, noise) => { const wild = tf.log(tf.relu(noise)); return tf.where(tf.logicalAnd(tf.isFinite(wild), tf.logicalNot(tf.logicalOr(tf.isNaN(wild), tf.isInf(wild)))), x, tf.zerosLike(x)); } },
  'whole tensor masks': { apply: (x, _, noise) => { const mask = tf.greater(noise, 0); return tf.mul(x, tf.add(tf.cast(tf.any(mask, 3, true), 'float32'), tf.cast(tf.all(mask, 3, true), 'float32'))); } },
  'shuffled channels': { apply: (x) => { const [a, b] = tf.split(x, 2, 3); const parts = tf.unstack(a!, 3); return tf.concat([b!, tf.stack([parts[1]!, parts[0]!], 3)], 3); } },
  'shifted window': { apply: (x) => tf.pad(tf.slice(x, [0, 1, 0, 0], [-1, size - 1, size - 2, -1]), [[0, 0], [0, 1], [1, 1], [0, 0]]) },
  'mirrored': { apply: (x) => tf.add(tf.reverse(x, 2), x) },
  'strided views': { apply: (x, _, noise) => tf.add(x, tf.tile(tf.stridedSlice(noise, [0, 0, 0, 0], [2, size, size, channels], [1, 2, 3, 1]), [1, 2, 3, 1])) },
  'gathered': { apply: (x) => tf.gather(x, tf.tensor1d([2, 0, 0, 1], 'int32'), 3) },
  'segments': { apply: (x, _, noise) => { const sums = tf.unsortedSegmentSum(tf.reshape(noise, [2 * size * size, channels]), tf.tensor1d(Array.from({ length: 2 * size * size }, (_v, i) => i % 3), 'int32'), 3); return tf.add(x, tf.mul(tf.sum(sums, 0), 0.05)); } },
  'positions': { apply: (x) => tf.add(x, tf.mul(tf.add(tf.range(0, channels), tf.linspace(-1, 1, channels)), tf.sum(tf.oneHot(tf.tensor1d([0, 2], 'int32'), channels), 0))) },
  'scaled by ones': { apply: (x) => tf.mul(tf.clone(x), tf.add(tf.onesLike(x), tf.mean(x))) },
};

function parametersOf(names: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(names.flatMap((name, depth) => Object.entries(layers[name]!.parameters ?? {}).map(([key, shape]) => [`${depth}/${key}`, shape])));
}

/** The mean square of the last features against the noise: one number that depends on every parameter. */
function network(names: readonly string[]): StepFunction {
  return (t) => {
    const differentiated = Object.keys(t).filter((key) => key !== 'noise');
    const loss = (...values: tf.Tensor[]): tf.Scalar => {
      const given = Object.fromEntries(differentiated.map((key, i) => [key, values[i]!]));
      let x = given.x as Map4;
      names.forEach((name, depth) => {
        const layer = layers[name]!;
        const own = Object.fromEntries(Object.keys(layer.parameters ?? {}).map((key) => [key, given[`${depth}/${key}`]!]));
        x = tf.add(tf.mul(x, 0.5), bounded(layer.apply(x, own, t.noise as Map4))); // keeps every network in a range where float32 is exact enough
      });
      return tf.mean(tf.square(tf.sub(x, t.noise!)));
    };
    const { value, grads } = tf.valueAndGrads(loss)(differentiated.map((key) => t[key]!));
    return { value, ...Object.fromEntries(differentiated.map((key, i) => [`d ${key}`, grads[i]!])) };
  };
}

const layerNames = Object.keys(layers);
const used = new Set<string>();
traceBackend();
for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('trace')) {
  tf.unregisterKernel(kernelName, 'trace');
  tf.registerKernel({ kernelName, backendName: 'trace', kernelFunc: (given) => { used.add(kernelName); return kernelFunc(given); } });
}

/** Every layer comes up in some network: three rounds over a shuffled list, five layers each. */
const networks: string[][] = [0, 1, 2].flatMap((round) => {
  const order = Array.from(new Random('networks', round).permutation(layerNames.length), (i) => layerNames[i]!);
  return Array.from({ length: Math.ceil(order.length / 5) }, (_, i) => order.slice(5 * i, 5 * i + 5));
});

describe('a random network', () => {
  it.each(networks.map((names, i) => ({ i, names, title: names.join(', ') })))('$title', async ({ i, names }) => {
    const parameters = parametersOf(names);
    const inputs: HostTensors = {
      x: uniform(`x ${i}`, [2, size, size, channels]),
      noise: uniform(`noise ${i}`, [2, size, size, channels]),
      ...Object.fromEntries(Object.entries(parameters).map(([name, shape]) => [name, uniform(`${name} ${i}`, shape, -0.6, 0.6)])),
    };
    const step = network(names);
    await using program = await traced.compile(step, feedsOf(inputs));
    const found = await program.run(inputs);

    const expected = await runOnce(eager, step, inputs).catch((error: unknown) => { if (names.some((name) => layers[name]!.eagerGradient === false)) return undefined; throw error; });
    const trusted = expected && names.every((name) => layers[name]!.eagerGradient !== false);
    if (trusted) expectClose(found, expected, 2e-4);
    else if (expected) expectClose({ value: found.value! }, { value: expected.value! }, 2e-5);

    // along a direction in which every gradient counts with its own weight
    const random = new Random('direction', i);
    const direction = Object.fromEntries(Object.keys(inputs).filter((name) => name !== 'noise').map((name) => [name, Float32Array.from(found[`d ${name}`]!.data, (g) => Math.sign(g) * random.between(0.5, 1.5))]));
    const slope = Object.entries(direction).reduce((sum, [name, values]) => values.reduce((s, value, k) => s + value * found[`d ${name}`]!.data[k]!, sum), 0);
    const moved = (by: number): HostTensors => Object.fromEntries(Object.entries(inputs).map(([name, tensor]): [string, HostTensor] => {
      const along = direction[name];
      return [name, along ? { ...tensor, data: Float32Array.from(tensor.data, (value, k) => value + by * along[k]!) } : tensor];
    }));
    const distance = 5e-4;
    const [after, before] = [(await program.run(moved(distance))).value!.data[0]!, (await program.run(moved(-distance))).value!.data[0]!];
    expect((after - before) / (2 * distance) / slope).toBeGreaterThan(0.99);
    expect((after - before) / (2 * distance) / slope).toBeLessThan(1.01);
  });

  afterAll(() => {
    expect(Object.keys(recordings).filter((kernel) => !used.has(kernel)), 'recorded operations that no network uses').toEqual([]);
  });
});
