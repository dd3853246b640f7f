/** Three steps of one graph: `child.ts convolutions|weights fast|lean`. One line of JSON: estimated and measured bytes. */
import '../../../src/engine/gradients.ts';
import { conv2d, matMul, mean, mul, relu, square, sub, valueAndGrads, type Scalar, type Tensor, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { HostTensor, TensorRecord } from '../../../src/engine/engine.ts';
import { createOnnxRuntimeEngine } from '../../../src/engine/onnxruntime.ts';
import { elementCount } from '../../../src/nn/parameters.ts';

interface Network {
  readonly image: readonly number[];
  readonly weight: readonly number[];
  readonly layers: number;
  readonly forward: (map: Tensor, weight: Tensor) => Tensor;
}

const networks: Readonly<Record<string, Network>> = {
  /** Much lives between forward and backward, little is learned. */
  convolutions: { image: [8, 128, 128, 16], weight: [3, 3, 16, 16], layers: 12, forward: (map, weight) => relu(conv2d(map as Tensor4D, weight as Tensor4D, 1, 'same')) },
  /** The other way round. */
  weights: { image: [8, 2048], weight: [2048, 2048], layers: 6, forward: (map, weight) => relu(matMul(map as Tensor2D, weight as Tensor2D)) },
};

const { image, weight, layers, forward } = networks[process.argv[2]!]!;
const profile = process.argv[3] === 'lean' ? 'lean' : 'fast';
const names = Array.from({ length: layers }, (_, layer) => `weight${layer}`);
const waves = (shape: readonly number[], size: number): HostTensor => ({ shape, dtype: 'float32', data: Float32Array.from({ length: elementCount(shape) }, (_, i) => size * Math.sin(i)) });

const step = (inputs: TensorRecord): TensorRecord => {
  const loss = (...given: Tensor[]): Scalar => mean(square(given.reduce(forward, inputs['image']!)));
  const { value, grads } = valueAndGrads(loss)(names.map((name) => inputs[name]!));
  return { loss: value, ...Object.fromEntries(names.map((name, layer) => [name, sub(inputs[name]!, mul(grads[layer]!, 1e-3))])) };
};

const before = process.memoryUsage().rss;
const engine = await createOnnxRuntimeEngine({ threads: 2, memory: profile });
const program = await engine.compile(step, { image: { kind: 'feed', shape: image }, ...Object.fromEntries(names.map((name) => [name, { kind: 'state' as const, shape: weight }])) });
await program.writeState(Object.fromEntries(names.map((name) => [name, waves(weight, 0.05)])));
for (let n = 0; n < 3; n++) await program.run({ image: waves(image, 1) });
const { peakBytes, fastPeakBytes } = program.statistics.graph!;
process.stdout.write(`${JSON.stringify({ estimated: profile === 'lean' ? peakBytes : fastPeakBytes, measured: process.resourceUsage().maxRSS * 1024 - before })}\n`);
await program.dispose();
