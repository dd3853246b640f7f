/** One small step on several engines: the numbers and the time of each, side by side. */
import { scrkd } from '../config/catalog/scrkd.ts';
import { Random } from '../base/random.ts';
import type { NetworkDefinition } from '../distillation/network.ts';
import type { Engine, HostTensor, HostTensors } from '../engine/engine.ts';
import { initialise } from '../nn/parameters.ts';
import { scalar, stateFrom, statesOf } from './step-inputs.ts';
import { defineTrainingStep } from './step.ts';

export interface EngineMeasurement {
  /** Loss terms by name, of each step in order. */
  readonly steps: readonly Readonly<Record<string, number>>[];
  /** Of the fastest step but the first, which warms up. */
  readonly milliseconds: number;
  /** Until the step was ready to run. */
  readonly compileMilliseconds: number;
}

/** What every engine is given: PSPNet-ResNet-18 of a quarter's width, 64 from 128 pixels, batch 4. */
const sides = { student: 64, teacher: 128 };
const batchSize = 4;
const learningRate = 1e-3;
const optimizer = { weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/**
 * Trains a small SCRKD student for some steps, the same on every engine: weights and batch are functions of names alone.
 * @throws {EngineError} what the engine throws
 */
export async function measureEngine(engine: Engine, steps = 4): Promise<EngineMeasurement> {
  const network = (side: number): NetworkDefinition => ({ model: 'pspnet', options: { backbone: 'resnet18', width: 0.25 }, height: side, width: side });
  const options = scrkd.presets.default;
  const definition = defineTrainingStep({ student: { ...network(sides.student), adapter: { method: 'scrkd', options } }, teacher: network(sides.teacher), method: { name: 'scrkd', options }, batchSize, optimizer });
  const inputs = definition.inputs(initialise(definition.teacherParameters, 1));
  await using program = await engine.compile(definition.step, inputs);
  await program.writeState(stateFrom(statesOf(inputs), initialise(definition.parameters, 2)));
  const batch = syntheticBatch();
  const terms: Record<string, number>[] = [];
  const milliseconds: number[] = [];
  for (let n = 1; n <= steps; n++) {
    const began = performance.now();
    const outputs = await program.run({ ...batch, biasCorrection1: scalar(1 - optimizer.beta1 ** n), biasCorrection2: scalar(1 - optimizer.beta2 ** n) });
    milliseconds.push(performance.now() - began);
    terms.push(Object.fromEntries(Object.entries(outputs).filter(([name]) => name.startsWith('term/')).map(([name, { data }]) => [name.slice('term/'.length), Number(data[0])])));
  }
  return { steps: terms, milliseconds: Math.min(...milliseconds.slice(1)), compileMilliseconds: program.statistics.compileMilliseconds };
}

/** The largest relative difference of a loss term in the first `count` steps. */
export function deviation(one: EngineMeasurement, other: EngineMeasurement, count: number): number {
  return Math.max(...one.steps.slice(0, count).flatMap((terms, n) => Object.entries(terms).map(([name, value]) => Math.abs(other.steps[n]![name]! - value) / Math.abs(value))));
}

function syntheticBatch(): HostTensors {
  const image = (key: string, side: number): HostTensor => {
    const random = new Random('compare engines', key);
    return { shape: [batchSize, side, side, 3], dtype: 'float32', data: Float32Array.from({ length: batchSize * side * side * 3 }, () => random.normal()) };
  };
  const { student, teacher } = sides;
  const mask = Float32Array.from({ length: batchSize * student * student }, (_, i) => (i % student > student / 3 && Math.floor(i / student) % student > student / 2 ? 1 : 0));
  return {
    image: image('student', student),
    teacherImage: image('teacher', teacher),
    mask: { shape: [batchSize, student, student, 1], dtype: 'float32', data: mask },
    learningRate: scalar(learningRate),
    temperature: scalar(1),
    'weight/mvcd': scalar(1),
    'weight/msfd': scalar(1),
    'weight/dsd': scalar(10),
  };
}
