/**
 * The steps a run is made of, as pure functions of tensors: one optimisation step, a prediction, a capture.
 * Whoever runs them (an engine) keeps the state and hands in the batch and the scalars.
 */
import { abs, clone, mean, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import type { MethodName, MethodOptions } from '../config/catalog/methods.ts';
import { models } from '../config/catalog/models.ts';
import { DistillationError } from '../distillation/errors.ts';
import type { Method, NetworkShape, Observation } from '../distillation/method.ts';
import { createNetwork, networkShape, type Network, type NetworkDefinition } from '../distillation/network.ts';
import { createMethod } from '../distillation/registry.ts';
import { saliencyOf } from '../distillation/saliency.ts';
import { correlations } from '../distillation/scrkd/correlation.ts';
import type { HostTensors, InputSpec, StepFunction, TensorRecord } from '../engine/engine.ts';
import { adamw, optimiserGroups, updateTogether, type AdamwConstants, type AdamwScalars } from '../nn/adamw.ts';
import { inferenceLayers } from '../nn/layers.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { adaptiveAveragePool, gridOf, type Grid } from '../nn/resize.ts';
import { differentiate, observeTeacher, type Pair } from './differentiate.ts';
import { differentiateExtra } from './extra-step.ts';
import { feeds, fixed, inputName, pick, prefixed, state } from './step-inputs.ts';
import { toOutputs } from './teacher-outputs.ts';

export type { NetworkDefinition };

export interface TrainingStep {
  /** All of the student's parameters in state-dict order: training-only adapters and running statistics included. */
  readonly parameters: readonly ParameterSpec[];
  /** The teacher network's, un-prefixed; empty without a teacher. */
  readonly teacherParameters: readonly ParameterSpec[];
  /** The loss terms, e.g. `sod`, `mvcd`, `msfd`, `dsd`. */
  readonly terms: readonly string[];
  /** Values of networks that learn beside the student; no part of its objective. */
  readonly reportedTerms: readonly string[];
  /** Shapes of the feeds `noise/NAME`: values uniform in [0, 1), other ones in every step. */
  readonly noise: Readonly<Record<string, readonly number[]>>;
  /**
   * Inputs of `step`.
   * - state: `parameter/NAME`; `moment1/NAME`, `moment2/NAME` (of every trainable parameter that has a gradient); `statistic/NAME`;
   *   with `teacherMode: 'official'` also `teacher/NAME` of the teacher's running statistics;
   * - constants: `teacher/NAME` (states, to describe a step without weights, where `teacherWeights` is not given);
   * - feeds: `image` [B,h,w,3], `mask` [B,h,w,1] in [0,1], `teacherImage` [B,H,W,3], and the scalars `learningRate`,
   *   `biasCorrection1` = 1 − β1ⁿ, `biasCorrection2` = 1 − β2ⁿ (n counts steps from 1), `weight/TERM` for every distillation term, `temperature`, `noise/NAME` where the model or the method asks for it (`noise/teacher/NAME` for a teacher in training mode).
   * Without a method: no teacher, no weights, no temperature.
   */
  inputs(teacherWeights?: HostTensors): Record<string, InputSpec>;
  /** The teacher's part of the step by itself; absent where the loss reads whole features or the teacher learns on. */
  readonly teacherStep?: TeacherStep;
  /** Outputs: the next state under the state's names, `total` [] and the raw, unweighted terms `term/NAME` [], reported ones too. */
  readonly step: StepFunction;
}

/** What a loss reads of a frozen teacher, image by image. */
export interface TeacherStep {
  readonly parameters: readonly ParameterSpec[];
  /** Constants `teacher/NAME` and the feed `teacherImage` [1,H,W,3]. */
  inputs(teacherWeights: HostTensors): Record<string, InputSpec>;
  /** Outputs `taught/NAME` [1,…]. */
  readonly step: StepFunction;
  /** The training step's inputs where it is given the outputs in place of a teacher: feeds `taught/NAME` [B,…] by the outputs' shapes, no `teacher/NAME`. */
  takenBy(shapes: Readonly<Record<string, readonly number[]>>): Record<string, InputSpec>;
}

export interface InferenceStep {
  readonly parameters: readonly ParameterSpec[];
  /** `statistic/NAME` and `parameter/NAME` (constants where `weights`, by plain names, is given; else states) and the feed `image` [B,h,w,3]. */
  inputs(weights?: HostTensors): Record<string, InputSpec>;
  readonly step: StepFunction;
}

/** Where correlations are taken: [height, width] per stage, finest first. */
export type CaptureGrids = readonly Grid[];

export interface TrainingStepDefinition {
  readonly student: NetworkDefinition;
  readonly teacher?: NetworkDefinition;
  readonly method?: { readonly name: MethodName; readonly options: MethodOptions };
  readonly batchSize: number;
  readonly optimizer: AdamwConstants;
}

/**
 * One optimisation step of a student, distilled or not. With a method the student has its adapter.
 * @throws {DistillationError} `size`, `batch-size`, `pair`
 */
export function defineTrainingStep(definition: TrainingStepDefinition): TrainingStep {
  const { method } = definition;
  return assembleTrainingStep(definition, method && createMethod(method.name, method.options));
}

/** The same with a method that is already made, e.g. under an explicit rule. */
export function assembleTrainingStep(definition: Omit<TrainingStepDefinition, 'method'>, method: Method | undefined): TrainingStep {
  const { batchSize, optimizer } = definition;
  checkBatch(definition.student, batchSize);
  const teacher = method && createTeacher(definition.teacher, networkShape(definition.student, method), method);
  const student = createNetwork(definition.student, method, teacher?.shape);
  const pair = method && teacher && { method, teacher };
  const trainable = student.parameters.filter(({ kind }) => kind === 'trainable');
  const extraSteps = method?.extraSteps ?? [];
  const ofExtra = new Set(extraSteps.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  const learned = trainable.filter((spec) => spec.cancelledByNorm === undefined && !ofExtra.has(spec.name)).map(({ name }) => name);
  const noise: Record<string, readonly number[]> = {
    ...student.noise(batchSize),
    ...(pair?.method.teacherStatistics === 'batch' && Object.fromEntries(Object.entries(pair.teacher.noise(batchSize)).map(([name, shape]) => [`teacher/${name}`, shape]))),
    ...(Object.assign({}, ...extraSteps.map((extra) => extra.noise(batchSize))) as Record<string, readonly number[]>),
  };
  const decayed = trainable.filter((spec) => spec.cancelledByNorm !== undefined).map(({ name }) => name);
  const ownInputs = (): Record<string, InputSpec> => ({
    ...Object.fromEntries(student.parameters.map((spec) => [inputName(spec), state(spec.shape)])),
    ...momentInputs(trainable.filter((spec) => spec.cancelledByNorm === undefined)),
    ...feeds({ image: imageShape(student, batchSize), mask: imageShape(student, batchSize, 1), learningRate: [], biasCorrection1: [], biasCorrection2: [] }),
    ...feeds(Object.fromEntries(Object.entries(noise).map(([name, shape]) => [`noise/${name}`, shape]))),
  });
  return {
    parameters: student.parameters,
    teacherParameters: pair === undefined ? [] : deployed(pair.teacher),
    terms: ['sod', ...(method?.terms ?? [])],
    reportedTerms: extraSteps.flatMap(({ terms }) => terms),
    noise,
    inputs: (teacherWeights) => ({ ...ownInputs(), ...(pair && { ...teacherInputs(pair, teacherWeights), ...lessonInputs(pair, batchSize) }) }),
    ...(pair?.method.condense !== undefined && pair.method.teacherStatistics === 'running' && {
      teacherStep: {
        parameters: deployed(pair.teacher),
        inputs: (teacherWeights) => ({ ...teacherInputs(pair, teacherWeights), ...feeds({ teacherImage: imageShape(pair.teacher, 1) }) }),
        step: (inputs) => prefixed(toOutputs(observeTeacher(pair, student.shape, inputs).observation), 'taught/'),
        takenBy: (shapes) => ({ ...ownInputs(), ...lessonInputs(pair, batchSize), ...feeds(Object.fromEntries(Object.entries(shapes).map(([name, [, ...shape]]) => [name, [batchSize, ...shape]]))) }),
      },
    }),
    step: (inputs) => {
      const { next, gradients, lesson } = differentiate(student, pair, learned, inputs);
      const optimiser = adamw(optimizer, scalars(inputs));
      // Gradients come into being from the heads to the stem: updating in that order lets each die at once.
      const update = (given: TensorRecord): void => {
        for (const names of optimiserGroups(Object.keys(given).map((name) => ({ name, size: given[name]!.size })))) {
          const states = names.map((name) => ({ parameter: inputs[`parameter/${name}`]!, moment1: inputs[`moment1/${name}`]!, moment2: inputs[`moment2/${name}`]! }));
          const updated = updateTogether(optimiser, states, names.map((name) => given[name]!));
          for (const [index, name] of names.entries()) {
            given[name]!.dispose();
            next[`parameter/${name}`] = updated[index]!.parameter;
            next[`moment1/${name}`] = updated[index]!.moment1;
            next[`moment2/${name}`] = updated[index]!.moment2;
          }
        }
      };
      update(Object.fromEntries(learned.toReversed().flatMap((name) => (gradients[name] === undefined ? [] : [[name, gradients[name]]]))));
      // What the loss does not depend on stays as it is, as PyTorch's optimisers have it.
      for (const name of learned) {
        if (gradients[name] === undefined) for (const kept of [`parameter/${name}`, `moment1/${name}`, `moment2/${name}`]) next[kept] = clone(inputs[kept]!);
      }
      for (const extra of extraSteps) {
        const step = differentiateExtra(extra, student, pair!, lesson!, inputs);
        Object.assign(next, step.next);
        update(step.gradients);
      }
      // What the step leaves as it is, such as a frozen projection.
      for (const { kind, name } of student.parameters) if (kind === 'statistic') next[`statistic/${name}`] ??= clone(inputs[`statistic/${name}`]!);
      for (const name of decayed) next[`parameter/${name}`] = optimiser.decay(inputs[`parameter/${name}`]!);
      return next;
    },
  };
}

/** The saliency map of a network with its running statistics: output `saliency` [B,h,w,1] in [0,1], σ of head 1 at the input size. */
export function definePrediction(definition: NetworkDefinition, batchSize: number): InferenceStep {
  return defineInference(definition, batchSize, (observation) => ({ saliency: saliencyOf(observation) }));
}

/**
 * What the panels show of a network, with its running statistics. Outputs, for stage k = 1 … n (finest first) and
 * X = `F` (decoder feature), for an SCRKD student also `D2` and `D3` (operands of MVCD and MSFD):
 * `stage{k}/corr_c/X` [B,C,C], `stage{k}/corr_h/X` [B,g,g], `stage{k}/corr_w/X` [B,g,g] (cosines in [−1,1], taken after adaptive
 * pooling to the grid), `stage{k}/mean/X` [B,h,w] (mean over channels of |X|, at the stage's own size); `head{i}/logit` [B,h,w,1]
 * at the stage's size; `saliency` [B,H,W,1] in [0,1].
 */
export function defineCapture(definition: NetworkDefinition, batchSize: number, grids?: CaptureGrids): InferenceStep {
  return defineInference(definition, batchSize, (observation) => {
    const outputs: TensorRecord = {};
    for (const [operand, maps] of Object.entries({ F: observation.features, ...observation.operands })) {
      for (const [index, map] of maps.entries()) {
        const { channel, height, width } = correlations(adaptiveAveragePool(map, grids?.[index] ?? gridOf(map)));
        const stage = `stage${index + 1}`;
        outputs[`${stage}/corr_c/${operand}`] = channel;
        outputs[`${stage}/corr_h/${operand}`] = height;
        outputs[`${stage}/corr_w/${operand}`] = width;
        outputs[`${stage}/mean/${operand}`] = mean(abs(map), 3);
      }
    }
    for (const [index, logit] of observation.logits.entries()) outputs[`head${index + 1}/logit`] = logit;
    outputs.saliency = saliencyOf(observation);
    return outputs;
  });
}

/**
 * All channels of one stage (k = 1 is the finest), with running statistics: outputs `F` [B,h,w,C] and, for an SCRKD student, its
 * operands `D2` and `D3` by name.
 */
export function defineFeatures(definition: NetworkDefinition, batchSize: number, stage: number): InferenceStep {
  return defineInference(definition, batchSize, ({ features, operands }) => {
    const chosen = Object.entries({ F: features, ...operands }).map(([name, maps]) => [name, maps[stage - 1]] as const);
    return Object.fromEntries(chosen.flatMap(([name, map]) => (map === undefined ? [] : [[name, map]])));
  });
}

function checkBatch({ model }: NetworkDefinition, batchSize: number): void {
  const { smallestTrainingBatch } = models[model];
  if (batchSize >= smallestTrainingBatch) return;
  throw new DistillationError('batch-size', l10n.t('{0} trains with batches of {1} images or more, found {2}: its batch norms need more than one value.', model, smallestTrainingBatch, batchSize));
}

function createTeacher(definition: NetworkDefinition | undefined, student: NetworkShape, method: Method): Network {
  if (definition === undefined) throw new DistillationError('pair', l10n.t('{0} needs a teacher.', method.name));
  const teacher = createNetwork(definition);
  const mismatch = method.mismatch(student, teacher.shape);
  if (mismatch !== undefined) throw new DistillationError('pair', mismatch);
  return teacher;
}

/** What the network needs at inference. */
function deployed(network: Network): ParameterSpec[] {
  return network.parameters.filter((spec) => spec.trainingOnly === undefined);
}

function imageShape({ shape }: Network, batchSize: number, channels = 3): number[] {
  return [batchSize, shape.height, shape.width, channels];
}

function momentInputs(specs: readonly ParameterSpec[]): Record<string, InputSpec> {
  return Object.fromEntries(specs.flatMap(({ name, shape }) => [[`moment1/${name}`, state(shape)], [`moment2/${name}`, state(shape)]]));
}

function teacherInputs({ method, teacher }: Pair, weights: HostTensors | undefined): Record<string, InputSpec> {
  const inputOf = (spec: ParameterSpec): InputSpec => (method.teacherStatistics === 'batch' && spec.kind === 'statistic' ? state(spec.shape) : fixed(spec, weights));
  return Object.fromEntries(deployed(teacher).map((spec) => [`teacher/${spec.name}`, inputOf(spec)]));
}

function lessonInputs({ method, teacher }: Pair, batchSize: number): Record<string, InputSpec> {
  return {
    ...feeds({ teacherImage: imageShape(teacher, batchSize), temperature: [] }),
    ...feeds(Object.fromEntries(method.terms.map((term) => [`weight/${term}`, []]))),
  };
}

function scalars(inputs: TensorRecord): AdamwScalars {
  return { learningRate: inputs.learningRate as Scalar, biasCorrection1: inputs.biasCorrection1 as Scalar, biasCorrection2: inputs.biasCorrection2 as Scalar };
}

function defineInference(definition: NetworkDefinition, batchSize: number, outputs: (observation: Observation) => TensorRecord): InferenceStep {
  const network = createNetwork(definition);
  const parameters = deployed(network);
  return {
    parameters,
    inputs: (weights) => ({
      ...Object.fromEntries(parameters.map((spec) => [inputName(spec), fixed(spec, weights)])),
      ...feeds({ image: imageShape(network, batchSize) }),
    }),
    step: (inputs) => {
      const layers = inferenceLayers({ ...pick(inputs, 'parameter/'), ...pick(inputs, 'statistic/') });
      return outputs(network.observe(layers, inputs.image as Tensor4D));
    },
  };
}
