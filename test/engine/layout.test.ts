import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { InputSpec, InputSpecs, StepFunction, TensorRecord } from '../../src/engine/engine.ts';
import { type Node, evaluationOrder } from '../../src/engine/trace/graph.ts';
import { trace } from '../../src/engine/trace/trace.ts';

/** PyTorch layouts, as every model keeps them. */
const weights: Record<string, number[]> = {
  'conv1.weight': [8, 3, 3, 3], 'bn1.weight': [8], 'bn1.bias': [8],
  'conv2.weight': [16, 8, 3, 3], 'bn2.weight': [16], 'bn2.bias': [16],
  'conv3.weight': [16, 16, 3, 3], 'head.weight': [1, 16, 1, 1], 'head.bias': [1],
};

const inputs: InputSpecs = Object.fromEntries<InputSpec>([
  ...Object.entries(weights).flatMap(([name, shape]) => ['p/', 'm/', 'v/'].map((prefix) => [prefix + name, { kind: 'state', shape }] as const)),
  ['image', { kind: 'feed', shape: [2, 12, 14, 3] }] as const,
  ['mask', { kind: 'feed', shape: [2, 6, 7, 1] }] as const,
  ['learningRate', { kind: 'feed', shape: [] }] as const,
]);

const convolve = (x: tf.Tensor, weight: tf.Tensor, stride = 1): tf.Tensor => tf.conv2d(x as tf.Tensor4D, tf.transpose(weight as tf.Tensor4D, [2, 3, 1, 0]), stride, weight.shape[2]! >> 1, 'NHWC', 1, 'floor');

function normalise(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const mean = tf.mean(x, [0, 1, 2]);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), [0, 1, 2]);
  return tf.add(tf.mul(centred, tf.mul(scale, tf.rsqrt(tf.add(variance, 1e-5)))), shift);
}

function network(p: TensorRecord, image: tf.Tensor): tf.Tensor {
  const first = tf.relu(normalise(convolve(image, p['conv1.weight']!), p['bn1.weight']!, p['bn1.bias']!));
  const second = tf.relu(normalise(convolve(first, p['conv2.weight']!, 2), p['bn2.weight']!, p['bn2.bias']!));
  const third = tf.add(second, convolve(second, p['conv3.weight']!));
  return tf.add(convolve(third, p['head.weight']!), p['head.bias']!);
}

const step: StepFunction = (t) => {
  const names = Object.keys(weights);
  const loss = (...values: tf.Tensor[]): tf.Scalar => {
    const p = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    return tf.mean(tf.square(tf.sub(tf.sigmoid(network(p, t.image!)), t.mask!)));
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => t[`p/${name}`]!));
  const outputs: TensorRecord = { loss: value };
  names.forEach((name, i) => {
    const m = tf.add(tf.mul(t[`m/${name}`]!, 0.9), tf.mul(grads[i]!, 0.1));
    const v = tf.add(tf.mul(t[`v/${name}`]!, 0.999), tf.mul(tf.square(grads[i]!), 0.001));
    const decayed = tf.mul(t[`p/${name}`]!, tf.sub(1, tf.mul(t.learningRate!, 0.01)));
    outputs[`p/${name}`] = tf.sub(decayed, tf.mul(t.learningRate!, tf.div(m, tf.add(tf.sqrt(v), 1e-8))));
    outputs[`m/${name}`] = m;
    outputs[`v/${name}`] = v;
  });
  return outputs;
};

describe('storage order', () => {
  const { outputs } = trace(step, inputs);
  const order = evaluationOrder(outputs.map((output) => output.value));
  const transposes = order.filter((node) => node.operation === 'Transpose');

  it('of weights, moments and their updates is PyTorch\'s: no transpose takes or makes a state', () => {
    const isState = (name: string): boolean => inputs[name]?.kind === 'state';
    expect(transposes.filter((node) => node.inputs.some((value) => value.kind === 'input' && isState(value.name)))).toEqual([]);
    expect(outputs.filter(({ name, value }) => isState(name) && value.kind === 'result' && value.node.operation === 'Transpose')).toEqual([]);
  });

  it('needs the transposes of the gradient formulas and no other', () => {
    const count = (matches: (node: Node) => boolean): number => transposes.filter(matches).length;
    const permutation = (node: Node): string => JSON.stringify(node.attributes.perm);
    expect(count((node) => permutation(node) === '[0,3,1,2]'), 'the image, for its convolution').toBe(1);
    expect(count((node) => permutation(node) === '[3,0,1,2]'), 'the image, for the filter gradient').toBe(1);
    expect(count((node) => permutation(node) === '[1,0,2,3]'), 'per filter gradient its input and its output gradient; the head has one channel').toBe(6);
    expect(count((node) => permutation(node) === '[1,0]'), 'per filter gradient the second factor of its product').toBe(4);
    expect(count((node) => permutation(node) === '[1,0,2]'), 'the flipped filter of conv3; that of the head only moves a unit axis').toBe(1);
    expect(transposes.length).toBe(13);
  });
});
