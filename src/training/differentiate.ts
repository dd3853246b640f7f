/** Forward and backward pass of a training step. */
import '../engine/gradients.ts';
import { addN, engine, mul, tidy, type Scalar, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Method, NetworkShape, Observation, TeacherObservation } from '../distillation/method.ts';
import type { Network } from '../distillation/network.ts';
import type { TensorRecord } from '../engine/engine.ts';
import { CarriedTensors } from '../nn/carried.ts';
import { inferenceLayers, trainingLayers } from '../nn/layers.ts';
import { pick, prefixed } from './step-inputs.ts';
import { fromOutputs } from './teacher-outputs.ts';

export interface Pair {
  readonly method: Method;
  readonly teacher: Network;
}

export interface Differentiated {
  readonly lesson?: { readonly teacher: TeacherObservation; readonly student: Pick<Observation, 'logits' | 'inputGrid'> };
  readonly next: TensorRecord;
  /** Of the parameters that the loss depends on. */
  readonly gradients: TensorRecord;
}

/** What the loss is to see of the teacher: its pass, without gradients, or the kept outputs of an earlier one; with batch statistics also its next running ones. */
export function observeTeacher({ method, teacher }: Pair, student: NetworkShape, inputs: TensorRecord): { observation: TeacherObservation; nextStatistics: TensorRecord } {
  const { height, width } = teacher.shape;
  const kept = pick(inputs, 'taught/');
  if (Object.keys(kept).length > 0) return { observation: fromOutputs(kept, [height, width]), nextStatistics: {} };
  const weights = pick(inputs, 'teacher/');
  const carried = new CarriedTensors();
  try {
    const seen = tidy(() => {
      const layers = method.teacherStatistics === 'batch' ? trainingLayers(weights, carried, pick(inputs, 'noise/teacher/')) : inferenceLayers(weights);
      const { features, logits } = teacher.observe(layers, inputs.teacherImage as Tensor4D);
      const whole: TeacherObservation = { features, logits, inputGrid: [height, width] };
      const read = method.condense?.(whole, student, teacher.shape) ?? whole;
      return { features: [...read.features], logits: [...read.logits], ...(read.extracts && { extracts: { ...read.extracts } }) };
    });
    return { observation: { ...seen, inputGrid: [height, width] }, nextStatistics: prefixed(carried.release(), 'teacher/') };
  } finally {
    carried.dispose();
  }
}

/**
 * Forward and backward pass: L = L_SOD + Σ weight·term over the method's terms (of SCRKD, Eq. 1: α·L_MVCD + β·L_MSFD + γ·L_DSD).
 * @returns what an extra step needs to see, where the method has one; the loss, its raw terms and the next statistics under their output names; the gradients of the learned parameters by name.
 */
export function differentiate(student: Network, pair: Pair | undefined, learned: readonly string[], inputs: TensorRecord): Differentiated {
  const weights = { ...pick(inputs, 'parameter/'), ...pick(inputs, 'statistic/') };
  const headWeights = pair?.method.headWeights(student.shape) ?? student.shape.heads.map(({ lossWeight }) => lossWeight);
  const teaching = pair && { ...pair, ...observeTeacher(pair, student.shape, inputs) };
  const terms = new CarriedTensors();
  const logits = new CarriedTensors();
  const statistics = new CarriedTensors();
  const loss = (...values: Tensor[]): Scalar => {
    const layers = trainingLayers({ ...weights, ...Object.fromEntries(learned.map((name, index) => [name, values[index]!])) }, statistics, pick(inputs, 'noise/'));
    const observation = student.observe(layers, inputs.image as Tensor4D);
    const sod = student.supervisedLoss(observation.logits, inputs.mask as Tensor4D, headWeights);
    terms.put('term/sod', sod);
    if (teaching === undefined) return sod;
    const { method, teacher } = teaching;
    const raw = method.loss({
      layers,
      student: observation,
      teacher: teaching.observation,
      teacherImage: inputs.teacherImage as Tensor4D,
      mask: inputs.mask as Tensor4D,
      studentShape: student.shape,
      teacherShape: teacher.shape,
      temperature: inputs.temperature as Scalar,
    });
    for (const name of method.terms) terms.put(`term/${name}`, raw[name]!);
    if (method.extraSteps !== undefined) for (const [head, map] of observation.logits.entries()) logits.put(String(head), map);
    return addN([sod, ...method.terms.map((name) => mul<Scalar>(raw[name]!, inputs[`weight/${name}`]!))]);
  };
  try {
    const variables = learned.map((name) => weights[name]!);
    // Unlike tf.valueAndGrads this allows for parameters that the loss does not depend on, such as a head's that official code leaves out.
    const { value, grads } = tidy(() => engine().gradients(() => loss(...variables), variables)) as { value: Scalar; grads: readonly (Tensor | undefined)[] };
    const { height, width } = student.shape;
    return {
      ...(teaching && { lesson: { teacher: teaching.observation, student: { logits: Object.values(logits.release()) as Tensor4D[], inputGrid: [height, width] as const } } }),
      next: { total: value, ...terms.release(), ...prefixed(statistics.release(), 'statistic/'), ...teaching?.nextStatistics },
      gradients: Object.fromEntries(learned.flatMap((name, index) => (grads[index] === undefined ? [] : [[name, grads[index]]]))),
    };
  } finally {
    terms.dispose();
    logits.dispose();
    statistics.dispose();
  }
}
