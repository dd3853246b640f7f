/** Records of forward passes in eval mode: shape, moments, extrema and twelve samples of a named tensor. */
import { transpose, type Tensor4D } from '@tensorflow/tfjs-core';
import { createNetwork, type NetworkDefinition } from '../../src/distillation/network.ts';
import { saliencyOf } from '../../src/distillation/saliency.ts';
import type { Engine, HostTensor, TensorRecord } from '../../src/engine/engine.ts';
import { inferenceLayers } from '../../src/nn/layers.ts';
import { resizeBilinear } from '../../src/nn/resize.ts';
import type { NetworkShape, Observation } from '../../src/distillation/method.ts';
import { compare, compareShape, type Comparison } from './comparison.ts';
import { imageTensor, weightTensors, type Generator } from './generator.ts';
import { isNumber, numbersOf, type PrintedObject } from './printed-json.ts';

const TOLERANCE = 1e-4;

/** The tensor that a record names, or nothing if this network has none of that name. */
function quantityOf(observation: Observation, { features }: NetworkShape, quantity: string): Tensor4D | undefined {
  if (quantity === 'infer') return saliencyOf(observation);
  if (quantity in observation.taps) return observation.taps[quantity];
  if (quantity === 'logit') return resizeBilinear(observation.logits[0]!, observation.inputGrid);
  const named = features.findIndex(({ name }) => name === quantity.replace(/^feat_/, ''));
  if (named >= 0) return observation.features[named];
  const [, digits, size] = /^map(\d+)(_logit_(?:stage|input)_size)$/.exec(quantity) ?? [];
  const logit = digits === undefined ? undefined : observation.logits[Number(digits) - 1];
  return logit !== undefined && size === '_logit_input_size' ? resizeBilinear(logit, observation.inputGrid) : logit;
}

/** The tensors of one network, one pass for all: quantity → NCHW values; names that the network lacks are missing. */
export async function forwardTensors(engine: Engine, generator: Generator, definition: NetworkDefinition, quantities: readonly string[], batch: number): Promise<Record<string, HostTensor>> {
  const subject = createNetwork(definition);
  const deployed = subject.parameters.filter((spec) => spec.trainingOnly === undefined);
  const weights = weightTensors(generator, deployed);
  const image = imageTensor(generator, 'input', [batch, definition.height, definition.width, 3]);
  const step = ({ image: pixels, ...tensors }: TensorRecord): TensorRecord => {
    const observation = subject.observe(inferenceLayers(tensors), pixels as Tensor4D);
    const found = quantities.map((quantity) => [quantity, quantityOf(observation, subject.shape, quantity)] as const);
    return Object.fromEntries(found.filter((entry): entry is [string, Tensor4D] => entry[1] !== undefined).map(([quantity, tensor]) => [`output/${quantity}`, transpose(tensor, [0, 3, 1, 2])]));
  };
  const constants = Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, { kind: 'constant' as const, value }]));
  const program = await engine.compile(step, { ...constants, image: { kind: 'feed', shape: image.shape } });
  try {
    const outputs = await program.run({ image });
    return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name.slice('output/'.length), tensor]));
  } finally {
    await program.dispose();
  }
}

export function compareForward(record: PrintedObject, { shape, data }: HostTensor): Comparison[] {
  const values = Float64Array.from(data);
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
  const measured = { mean, std: deviation, min: values.reduce((a, b) => Math.min(a, b)), max: values.reduce((a, b) => Math.max(a, b)) };
  const scale = isNumber(record.std) ? record.std.value : 1;
  const scaleOf = (expected: number): number => Math.max(Math.abs(expected), scale);
  const moments = Object.entries(measured).flatMap(([name, value]) => {
    const expected = record[name];
    return isNumber(expected) ? [compare(name, value, expected, TOLERANCE, scaleOf(expected.value))] : [];
  });
  const indices = numbersOf(record.idx);
  const samples = numbersOf(record.val).map((expected, sample) => {
    const index = indices[sample]?.value ?? (7919 * sample + 13) % values.length;
    return compare(`[${index}]`, values[index] ?? NaN, expected, TOLERANCE, scaleOf(expected.value));
  });
  const expectedShape = numbersOf(record.shapeNCHW).map(({ value }) => value);
  return [...(expectedShape.length > 0 ? [compareShape('shape', shape, expectedShape)] : []), ...moments, ...samples];
}
