/** One step of training of SOLNet and ISAANet; their forward passes are compared in test/parity. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import '../../src/engine/gradients.ts';
import type { HostTensor, StepFunction, TensorData } from '../../src/engine/engine.ts';
import type { NetworkDefinition } from '../../src/distillation/network.ts';
import { createModel } from '../../src/models/registry.ts';
import { CarriedTensors } from '../../src/nn/carried.ts';
import { trainingLayers } from '../../src/nn/layers.ts';
import { initialise } from '../../src/nn/parameters.ts';
import { inputName, stateFrom, statesOf } from '../../src/training/step-inputs.ts';
import { defineTrainingStep } from '../../src/training/step.ts';
import { eager, runOnce, traced, uniform } from '../engine/support.ts';

/** SOLNet's state dict has it, and no computation. */
const isUnused = (parameter: string): boolean => parameter.startsWith('QK.conv.');

test("SOLNet's unused convolution is kept as it is, whatever the weight decay", async () => {
  const network: NetworkDefinition = { model: 'solnet', options: { width: 0.25 }, height: 32, width: 32 };
  const training = defineTrainingStep({ student: network, batchSize: 1, optimizer: { weightDecay: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } });
  const weights = initialise(training.parameters, 3);
  const inputs = training.inputs();
  const program = await traced.compile(training.step, inputs, { expectedRuns: 1 });
  const states = training.parameters.map((spec) => [inputName(spec), weights[spec.name]!] as const);
  await program.writeState(stateFrom(statesOf(inputs), weights));
  const feeds = Object.fromEntries(Object.entries(inputs).flatMap(([name, spec]) => (spec.kind === 'feed' ? [[name, uniform(name, spec.shape, 0.1, 0.9)]] : [])));
  await program.run(feeds);
  const after = await program.readState(states.map(([name]) => name));
  const kept = states.filter(([name, before]) => before.data.every((value, index) => value === after[name]!.data[index])).map(([name]) => name);
  await program.dispose();
  expect(kept.filter((name) => name.startsWith('parameter/'))).toEqual(['parameter/QK.conv.weight', 'parameter/QK.conv.bias']);
});

/** Loss and gradients of every learned parameter of a narrow network with its own supervised loss. */
function gradientStep(name: 'isaanet' | 'solnet', batch: number): { step: StepFunction; feeds: Record<string, HostTensor> } {
  const model = createModel(name, { width: 0.25 });
  const specs = model.parameters(32, 48);
  const weights = initialise(specs, 3);
  const learned = specs.filter(({ kind, cancelledByNorm }) => kind === 'trainable' && cancelledByNorm === undefined).map((spec) => spec.name).filter((parameter) => !isUnused(parameter));
  const step: StepFunction = ({ image, mask, ...tensors }) => {
    const statistics = new CarriedTensors();
    const drops = Object.fromEntries(model.noise.map((noise) => [noise.name, tf.ones(noise.channels === undefined ? [batch] : [batch, noise.channels])]));
    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const layers = trainingLayers({ ...tensors, ...Object.fromEntries(learned.map((parameter, index) => [parameter, values[index]!])) }, statistics, drops);
      const { features, logits } = model.decoderFeatures(layers, image as tf.Tensor4D);
      return model.supervisedLoss!([...model.logits(layers, features), ...(logits ?? [])], mask as tf.Tensor4D);
    })(learned.map((parameter) => tensors[parameter]!));
    statistics.dispose();
    return { total: value, ...Object.fromEntries(learned.map((parameter, index) => [`gradient/${parameter}`, grads[index]!])) };
  };
  const image = uniform('image', [batch, 32, 48, 3]);
  const mask = uniform('mask', [batch, 32, 48, 1], 0, 1);
  return { step, feeds: { ...weights, image, mask } };
}

const normOf = (values: TensorData): number => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));

describe.each(['isaanet', 'solnet'] as const)('a training step of %s', (name) => {
  const { step, feeds } = gradientStep(name, 2);

  test('has the same loss and gradients traced and eagerly', async () => {
    const [found, expected] = [await runOnce(traced, step, feeds), await runOnce(eager, step, feeds)];
    expect(found.total!.data[0]).toBeCloseTo(expected.total!.data[0]!, 4);
    for (const [parameter, gradient] of Object.entries(expected)) {
      const norm = normOf(gradient.data);
      const difference = normOf(gradient.data.map((value, index) => value - found[parameter]!.data[index]!));
      expect(difference, `${parameter} of norm ${norm}`).toBeLessThanOrEqual(1e-6 + 1e-2 * norm);
    }
  });
});
