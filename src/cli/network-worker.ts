/**
 * A thread of the language server that knows networks: it traces a stage's steps, which takes seconds, and reads what a
 * checkpoint holds. No native addon is loaded and nothing is run.
 */
import { parentPort } from 'node:worker_threads';
import { messageOf, unreachable } from '../base/errors.ts';
import type { NetworkToDescribe, StageDescription, StageToDescribe } from '../config/description.ts';
import type { NetworkAnswers, NetworkQuestion, NetworkReply, NetworkRequest } from '../config/network-questions.ts';
import type { CheckpointSummary } from '../config/providers.ts';
import { createNetwork } from '../distillation/network.ts';
import { createMethod } from '../distillation/registry.ts';
import { describe } from '../engine/describe.ts';
import { withTensorFile } from '../formats/open-tensor-file.ts';
import { networkOfFile, networkParts } from '../training/network-weights.ts';
import { definePrediction, defineTrainingStep, type NetworkDefinition } from '../training/step.ts';

function definitionOf({ model, resolution, adapter }: NetworkToDescribe): NetworkDefinition {
  return { model: model.name, options: model.options, height: resolution.height, width: resolution.width, ...(adapter && { adapter }) };
}

function describeStage({ network, training }: StageToDescribe): StageDescription {
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
  const transfers = pair && createMethod(pair.method.name, pair.method.options).transfers?.(createNetwork(student).shape, createNetwork(pair.teacher).shape);
  return { multiplyAccumulates, peakBytes, ...(transfers && { transfers }) };
}

/** Of a file with several networks the stage takes the one that fits, which is seen when it is loaded. */
async function summariseCheckpoint(file: string): Promise<CheckpointSummary> {
  const found = await withTensorFile(file, (tensors) => Promise.resolve(networkParts(tensors).length > 1 ? undefined : networkOfFile(tensors)));
  if (found === undefined) return {};
  const { model, options, height, width, adapter } = found;
  return {
    model: { name: model, options },
    ...(height === undefined || width === undefined ? {} : { resolution: { height, width } }),
    ...(adapter && { method: adapter.method }),
  };
}

async function answer(question: NetworkQuestion): Promise<NetworkAnswers[keyof NetworkAnswers]> {
  switch (question.kind) {
    case 'describe':
      return describeStage(question.stage);
    case 'checkpoint':
      return summariseCheckpoint(question.file);
    default:
      return unreachable(question);
  }
}

parentPort?.on('message', ({ ticket, question }: NetworkRequest) => {
  answer(question).then(
    (given) => parentPort?.postMessage({ ticket, answer: given } satisfies NetworkReply),
    (error: unknown) => parentPort?.postMessage({ ticket, failure: messageOf(error) } satisfies NetworkReply),
  );
});
