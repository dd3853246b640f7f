/** The steps of networks that learn beside a student. */
import '../engine/gradients.ts';
import { valueAndGrads, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import type { ExtraStep } from '../distillation/method.ts';
import type { TensorRecord } from '../engine/engine.ts';
import { CarriedTensors } from '../nn/carried.ts';
import { trainingLayers } from '../nn/layers.ts';
import type { Network } from '../distillation/network.ts';
import type { Differentiated, Pair } from './differentiate.ts';
import { pick, prefixed } from './step-inputs.ts';

/** The gradients of the extra network's trainable parameters, by name; the next statistics and the reported terms by their output names. */
export function differentiateExtra(extra: ExtraStep, student: Network, pair: Pair, lesson: NonNullable<Differentiated['lesson']>, inputs: TensorRecord): Pick<Differentiated, 'next' | 'gradients'> {
  const weights = { ...pick(inputs, 'parameter/'), ...pick(inputs, 'statistic/') };
  const learned = extra.parameters.filter(({ kind }) => kind === 'trainable').map(({ name }) => name);
  const statistics = new CarriedTensors();
  const terms = new CarriedTensors();
  const loss = (...values: Tensor[]): Scalar => {
    const layers = trainingLayers({ ...weights, ...Object.fromEntries(learned.map((name, index) => [name, values[index]!])) }, statistics);
    const result = extra.loss({
      layers,
      ...lesson,
      studentShape: student.shape,
      teacherShape: pair.teacher.shape,
      noise: pick(inputs, 'noise/'),
      weightOf: (term) => inputs[`weight/${term}`] as Scalar,
    });
    for (const [name, value] of Object.entries(result.statistics)) statistics.put(name, value);
    for (const [name, value] of Object.entries(result.terms)) terms.put(`term/${name}`, value);
    return result.total;
  };
  try {
    const { grads } = valueAndGrads(loss)(learned.map((name) => weights[name]!));
    return {
      next: { ...terms.release(), ...prefixed(statistics.release(), 'statistic/') },
      gradients: Object.fromEntries(learned.map((name, index) => [name, grads[index]!])),
    };
  } finally {
    statistics.dispose();
    terms.dispose();
  }
}
