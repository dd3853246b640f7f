import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { ScrkdOptions } from '../../src/config/catalog/scrkd.ts';
import { createEagerEngine } from '../../src/engine/eager.ts';
import type { Engine, HostTensor, HostTensors, Program } from '../../src/engine/engine.ts';
import { createOnnxRuntimeEngine } from '../../src/engine/onnxruntime.ts';
import { elementCount, initialise } from '../../src/nn/parameters.ts';
import { inputName } from '../../src/training/step-inputs.ts';
import { defineCapture, definePrediction, defineTrainingStep, type NetworkDefinition, type TrainingStep } from '../../src/training/step.ts';
import { imageTensor } from '../../scripts/parity/generator.ts';
import { defaultOptions } from '../../scripts/parity/networks.ts';

const traced = await createOnnxRuntimeEngine({ threads: 2 });
const eager = createEagerEngine('cpu');

const network = (height: number, width: number): NetworkDefinition => ({ model: 'pspnet', options: { backbone: 'resnet18', width: 0.03 }, height, width });
const adapted = (definition: NetworkDefinition, options = defaultOptions): NetworkDefinition => ({ ...definition, adapter: { method: 'scrkd', options } });
const optimizer = { weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const batchSize = 2;
const student = network(36, 48); // sides that the strides do not divide, higher and wider ones in turn
const teacher = network(66, 64);

const distilled = (options: Partial<ScrkdOptions> = {}, taughtBy = teacher): TrainingStep =>
  defineTrainingStep({ student, teacher: taughtBy, method: { name: 'scrkd', options: { ...defaultOptions, ...options } }, batchSize, optimizer });

const scalar = (value: number): HostTensor => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) });
const generator = { salt: '' };

function feedsOf(step: TrainingStep, n = 1, changes: Readonly<Record<string, number>> = {}): Record<string, HostTensor> {
  const numbers = { learningRate: 1e-3, biasCorrection1: 1 - 0.9 ** n, biasCorrection2: 1 - 0.999 ** n, temperature: 1, 'weight/mvcd': 1, 'weight/msfd': 1, 'weight/dsd': 10, ...changes };
  const images = {
    image: imageTensor(generator, 'image', [batchSize, student.height, student.width, 3]),
    mask: imageTensor(generator, 'mask', [batchSize, student.height, student.width, 1], (value) => (value > 0 ? 1 : 0)),
    teacherImage: imageTensor(generator, 'teacher image', [batchSize, teacher.height, teacher.width, 3]),
  };
  const all: Record<string, HostTensor> = { ...images, ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, scalar(value)])) };
  return Object.fromEntries(Object.entries(step.inputs()).flatMap(([name, spec]) => (spec.kind === 'feed' ? [[name, all[name]!]] : [])));
}

async function start(engine: Engine, step: TrainingStep): Promise<Program> {
  const teacherWeights = initialise(step.teacherParameters, 1);
  const inputs = step.inputs(teacherWeights);
  const program = await engine.compile(step.step, inputs);
  const weights = initialise(step.parameters, 2);
  const state: Record<string, HostTensor> = Object.fromEntries(step.parameters.map((spec) => [inputName(spec), weights[spec.name]!]));
  for (const [name, spec] of Object.entries(inputs)) {
    if (spec.kind !== 'state' || name in state) continue;
    state[name] = name.startsWith('teacher/') ? teacherWeights[name.slice('teacher/'.length)]! : { shape: spec.shape, dtype: 'float32', data: new Float32Array(elementCount(spec.shape)) };
  }
  await program.writeState(state);
  return program;
}

const numbersOf = (outputs: HostTensors): Record<string, number> => Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, Number(data[0])]));

/** The loss terms of the first step; eagerly, which for so small a network is faster than compiling. */
async function termsOf(step: TrainingStep, changes: Readonly<Record<string, number>> = {}): Promise<Record<string, number>> {
  const program = await start(eager, step);
  try {
    return numbersOf(await program.run(feedsOf(step, 1, changes)));
  } finally {
    await program.dispose();
  }
}

describe('a training step', () => {
  test('gives the same numbers traced and eagerly, with height and width apart and odd', async () => {
    const step = distilled();
    const programs = await Promise.all([start(traced, step), start(eager, step)]);
    for (const n of [1, 2]) {
      const [a, b] = (await Promise.all(programs.map((program) => program.run(feedsOf(step, n))))).map(numbersOf);
      expect(Object.keys(a!).sort()).toEqual(['term/dsd', 'term/msfd', 'term/mvcd', 'term/sod', 'total']);
      for (const [name, value] of Object.entries(a!)) expect(Math.abs(b![name]! / value - 1), name).toBeLessThan(n === 1 ? 1e-5 : 1e-2);
    }
    const [a, b] = await Promise.all(programs.map((program) => program.readState()));
    expect(Object.keys(a!)).toEqual(Object.keys(b!));
    const name = 'moment1/SOD_head1.process.4.weight';
    for (const [index, value] of a![name]!.data.entries()) expect(b![name]!.data[index]).toBeCloseTo(value, 3);
    await Promise.all(programs.map((program) => program.dispose()));
  });

  test('leaves nothing behind when it runs eagerly', async () => {
    const before = tf.memory().numTensors;
    const step = distilled({ teacherMode: 'official' });
    const program = await start(eager, step);
    const counts: number[] = [];
    for (const n of [1, 2, 3]) {
      await program.run(feedsOf(step, n));
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    await program.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('learns: the loss of one batch falls, distilled or not', async () => {
    for (const step of [distilled(), defineTrainingStep({ student, batchSize, optimizer })]) {
      const program = await start(traced, step);
      const totals: number[] = [];
      for (let n = 1; n <= 30; n++) totals.push(numbersOf(await program.run(feedsOf(step, n, { learningRate: 3e-3 }))).total!);
      expect(totals.at(-1)!).toBeLessThan(0.9 * totals[0]!);
      await program.dispose();
    }
  });

  test('total is the weighted sum of the raw terms', async () => {
    const terms = await termsOf(distilled(), { 'weight/mvcd': 0.5, 'weight/msfd': 0, 'weight/dsd': 7 });
    expect(terms.total).toBeCloseTo(terms['term/sod']! + 0.5 * terms['term/mvcd']! + 7 * terms['term/dsd']!, 4);
  });

  test('moments exist for what has a gradient: a bias in front of a batch norm only decays', async () => {
    const step = distilled();
    const program = await start(traced, step);
    const names = Object.keys(step.inputs());
    expect(names).toContain('moment1/fuse1.fuse.weight');
    expect(names).not.toContain('moment1/fuse1.fuse.bias');
    const name = 'parameter/decouple1.conv1.0.bias';
    const before = (await program.readState([name]))[name]!.data;
    await program.run(feedsOf(step, 1, { learningRate: 0.5 }));
    const after = (await program.readState([name]))[name]!.data;
    for (const [index, value] of before.entries()) expect(after[index]).toBeCloseTo(value * (1 - 0.5 * 1e-4), 6);
    await program.dispose();
  });

  test('without a method there is neither teacher nor term but sod', () => {
    const step = defineTrainingStep({ student, batchSize, optimizer });
    expect([step.terms, step.teacherParameters]).toEqual([['sod'], []]);
    expect(Object.keys(step.inputs()).filter((name) => /^(teacher|weight|temperature)/.test(name))).toEqual([]);
  });
});

describe('each option changes what it should and nothing else', () => {
  const changedBy: readonly (readonly [Partial<ScrkdOptions>, readonly string[]])[] = [
    [{ headWeights: 'paper' }, ['sod']],
    [{ mvcdSize: 'official' }, ['mvcd']],
    [{ msfdPyramid: 'paper' }, ['msfd']],
    [{ msfdWeighting: 'paper' }, ['msfd']],
    [{ dsdDirection: 'paper' }, ['dsd']],
    [{ dsdTemperature: 'official' }, ['dsd']],
    [{ teacherMode: 'official' }, ['mvcd', 'msfd', 'dsd']],
    [{ msfdPairing: 'official' }, []], // differs for 224 to 112 alone
  ];
  const plain = termsOf(distilled(), { temperature: 2 });

  test.each(changedBy)('%j', async (options, changed) => {
    const [reference, terms] = [await plain, await termsOf(distilled(options), { temperature: 2 })];
    const differing = ['sod', 'mvcd', 'msfd', 'dsd'].filter((term) => Math.abs(terms[`term/${term}`]! / reference[`term/${term}`]! - 1) > 1e-6);
    expect(differing).toEqual(changed);
  });

  test('gateConvolution: 3x3 gates', () => {
    const shapeOf = (step: TrainingStep) => step.parameters.find(({ name }) => name === 'att_conv2.0.weight')!.shape;
    expect([shapeOf(distilled()), shapeOf(distilled({ gateConvolution: 'paper' }))]).toEqual([[3, 24, 1, 1], [3, 24, 3, 3]]);
  });

  test('teacherMode official: the teacher\'s running statistics are state and move, its weights do not exist as state', async () => {
    const step = distilled({ teacherMode: 'official' });
    const program = await start(traced, step);
    const name = 'teacher/bkbone.bn1.running_mean';
    const before = (await program.readState([name]))[name]!;
    await program.run(feedsOf(step));
    expect((await program.readState([name]))[name]!.data).not.toEqual(before.data);
    await expect(program.readState(['teacher/bkbone.conv1.weight'])).rejects.toThrow();
    await program.dispose();
  });

  test('a teacher that was itself distilled keeps its adapter, without the layers of its losses', async () => {
    const step = distilled({}, adapted(teacher));
    const names = step.teacherParameters.map(({ name }) => name);
    expect(names).toContain('decouple1.conv1.0.weight');
    expect(names.some((name) => name.startsWith('adaptive'))).toBe(false);
    expect(Object.values(await termsOf(step)).every(Number.isFinite)).toBe(true);
  });
});

describe('refusals', () => {
  const refusal = (change: object) => () => defineTrainingStep({ student, teacher, method: { name: 'scrkd', options: defaultOptions }, batchSize, optimizer, ...change });
  test.each([
    [{ batchSize: 1 }, /batches of 2 images or more, found 1/],
    [{ student: network(31, 64) }, /cannot take images of 31 x 64 pixels/],
    [{ teacher: { ...teacher, options: { backbone: 'resnet18', width: 0.5 } } }, /decoder features of equal channels: the teacher has 128/],
    [{ teacher: undefined }, /needs a teacher/],
  ])('%j', (change, message) => {
    expect(refusal(change)).toThrow(message);
  });
});

describe('prediction and capture', () => {
  const definition = adapted(student);
  const image = imageTensor(generator, 'image', [batchSize, student.height, student.width, 3]);
  const run = async (step: ReturnType<typeof definePrediction>): Promise<HostTensors> => {
    const program = await traced.compile(step.step, step.inputs(initialise(step.parameters, 5)));
    try {
      return await program.run({ image });
    } finally {
      await program.dispose();
    }
  };

  test('a prediction is a map in [0, 1] at the input size, and does not depend on the rest of the batch', async () => {
    const { saliency } = await run(definePrediction(definition, batchSize));
    expect(saliency!.shape).toEqual([batchSize, 36, 48, 1]);
    expect(saliency!.data.every((value) => value >= 0 && value <= 1)).toBe(true);
    const alone = definePrediction(definition, 1);
    const program = await traced.compile(alone.step, alone.inputs(initialise(alone.parameters, 5)));
    const pixels = 36 * 48;
    const { saliency: second } = await program.run({ image: { shape: [1, 36, 48, 3], dtype: 'float32', data: image.data.slice(pixels * 3, 2 * pixels * 3) } });
    await program.dispose();
    for (const [index, value] of second!.data.entries()) expect(saliency!.data[pixels + index]).toBeCloseTo(value, 5);
  });

  test('a capture has correlations at the asked grids, means at the stages\' own size, and the prediction', async () => {
    const grids = [[9, 12], [9, 12], [5, 6], [3, 3], [2, 2]] as const;
    const outputs = await run(defineCapture(definition, batchSize, grids));
    const { saliency } = await run(definePrediction(definition, batchSize));
    for (const operand of ['F', 'D2', 'D3']) {
      expect(outputs[`stage1/corr_c/${operand}`]!.shape).toEqual([batchSize, 8, 8]);
      expect(outputs[`stage1/corr_h/${operand}`]!.shape).toEqual([batchSize, 9, 9]);
      expect(outputs[`stage1/corr_w/${operand}`]!.shape).toEqual([batchSize, 12, 12]);
      expect(outputs[`stage1/mean/${operand}`]!.shape).toEqual([batchSize, 18, 24]);
    }
    expect(outputs['head5/logit']!.shape).toEqual([batchSize, 2, 2, 1]);
    expect(outputs['stage3/corr_h/D2']!.data[0]).toBeCloseTo(1, 5);
    expect(Object.keys(outputs).length).toBe(5 * 3 * 4 + 5 + 1);
    for (const [index, value] of saliency!.data.entries()) expect(outputs.saliency!.data[index]).toBeCloseTo(value, 5);
  });

  test('a plain network is captured without operands, at its own grids', async () => {
    const outputs = await run(defineCapture(student, batchSize));
    expect(outputs['stage2/corr_w/F']!.shape).toEqual([batchSize, 12, 12]);
    expect(Object.keys(outputs).some((name) => name.includes('/D2'))).toBe(false);
  });
});
