/** What a stage's network is and costs, from traces of its steps: no native addon is loaded and nothing is run. */
import type { NetworkToDescribe, StageDescription, StageToDescribe } from '../config/description.ts';
import { createNetwork } from '../distillation/network.ts';
import { createMethod } from '../distillation/registry.ts';
import { describe } from '../engine/describe.ts';
import { definePrediction, defineTrainingStep, type NetworkDefinition } from './step.ts';

/** Takes seconds for the networks of the paper. */
export function describeStage({ network, training }: StageToDescribe): StageDescription {
  const definition = definitionOf(network);
  const { shape } = createNetwork(definition);
  const prediction = definePrediction(definition, 1);
  const { parameters, multiplyAccumulates } = describe(prediction.step, prediction.inputs(), { isParameter: (name) => name.startsWith('parameter/') });
  const step = training === undefined ? undefined : describeStep(definition, training);
  const features = shape.features.map(({ channels }, index) => {
    const [height, width] = shape.grids[index]!;
    return { height, width, channels };
  });
  return { parameters, multiplyAccumulates, features, ...(step && { step }) };
}

function describeStep(student: NetworkDefinition, { batchSize, optimizer, lesson }: NonNullable<StageToDescribe['training']>): NonNullable<StageDescription['step']> {
  const pair = lesson && { teacher: definitionOf(lesson.teacher), method: { name: lesson.method.method, options: lesson.method.options } };
  const training = defineTrainingStep({ student, ...pair, batchSize, optimizer });
  const { multiplyAccumulates, peakBytes } = describe(training.step, training.inputs());
  const transfers = pair && createMethod(pair.method.name, pair.method.options).transfers(createNetwork(student).shape, createNetwork(pair.teacher).shape);
  return { multiplyAccumulates, peakBytes, ...(transfers && { transfers }) };
}

function definitionOf({ model, resolution, adapter }: NetworkToDescribe): NetworkDefinition {
  return { model: model.name, options: model.options, height: resolution.height, width: resolution.width, ...(adapter && { adapter }) };
}
