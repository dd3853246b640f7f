/** Small steps on WebGPU: `child.ts compare` SCRKD's against the CPU, `child.ts memory` a hundred of three convolutions. One line of JSON. */
import { readFileSync } from 'node:fs';
import '../../../src/engine/gradients.ts';
import { conv2d, mean, relu, square, valueAndGrads, type Scalar, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { createOnnxRuntimeEngine } from '../../../src/engine/onnxruntime.ts';
import type { Engine, HostTensor, InputSpecs, Program, StepFunction, TensorRecord } from '../../../src/engine/engine.ts';
import { createWebGpuEngine } from '../../../src/engine/webgpu.ts';
import { adamw } from '../../../src/nn/adamw.ts';
import { elementCount } from '../../../src/nn/parameters.ts';
import { inputName } from '../../../src/training/step-inputs.ts';
import { defineTrainingStep, type NetworkDefinition } from '../../../src/training/step.ts';
import { imageTensor, weightTensors } from '../../../scripts/parity/generator.ts';
import { defaultOptions } from '../../../scripts/parity/networks.ts';

const batchSize = 4;
const generator = { salt: '' };
const network = (side: number): NetworkDefinition => ({ model: 'pspnet', options: { backbone: 'resnet18', width: 0.03 }, height: side, width: side });
const optimizer = { weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const step = defineTrainingStep({
  student: { ...network(32), adapter: { method: 'scrkd', options: defaultOptions } },
  teacher: network(64),
  method: { name: 'scrkd', options: defaultOptions },
  batchSize,
  optimizer,
});
const scalar = (value: number): HostTensor => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) });

async function start(engine: Engine): Promise<Program> {
  const inputs = step.inputs(weightTensors(generator, step.teacherParameters, 'teacher.'));
  const program = await engine.compile(step.step, inputs, { expectedRuns: 1 });
  const weights = weightTensors(generator, step.parameters);
  const state: Record<string, HostTensor> = Object.fromEntries(step.parameters.map((spec) => [inputName(spec), weights[spec.name]!]));
  for (const [name, spec] of Object.entries(inputs)) {
    if (spec.kind === 'state') state[name] ??= { shape: spec.shape, dtype: 'float32', data: new Float32Array(elementCount(spec.shape)) };
  }
  await program.writeState(state);
  return program;
}

const batch = {
  image: imageTensor(generator, 'xS', [batchSize, 32, 32, 3]),
  mask: imageTensor(generator, 'label', [batchSize, 32, 32, 1], (value) => (value > 0 ? 1 : 0)),
  learningRate: scalar(1e-4),
};
const lesson = {
  teacherImage: imageTensor(generator, 'xT', [batchSize, 64, 64, 3]),
  temperature: scalar(1), 'weight/mvcd': scalar(1), 'weight/msfd': scalar(1), 'weight/dsd': scalar(10),
};
const biasCorrections = (n: number): Record<'biasCorrection1' | 'biasCorrection2', HostTensor> => ({ biasCorrection1: scalar(1 - 0.9 ** n), biasCorrection2: scalar(1 - 0.999 ** n) });

async function run(program: Program, n: number): Promise<Record<string, number>> {
  const outputs = await program.run({ ...batch, ...lesson, ...biasCorrections(n) });
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0]!]));
}

const residentMegabytes = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;

/** The largest relative deviation of two tensors, against the larger one's largest value. */
function deviation(a: HostTensor, b: HostTensor): number {
  const scale = Math.max(1e-6, ...Array.from(a.data, Math.abs));
  return Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i]!))) / scale;
}

async function compare(): Promise<object> {
  const [cpu, gpu] = [await start(await createOnnxRuntimeEngine({ threads: 2 })), await start(await createWebGpuEngine())];
  const terms = [];
  for (const n of [1, 2, 3]) terms.push({ cpu: await run(cpu, n), gpu: await run(gpu, n) });
  // What a checkpoint would hold goes to a fresh program: the next step must not know.
  const state = await gpu.readState();
  const resumed = await start(await createWebGpuEngine());
  await resumed.writeState(state);
  const unbroken = await run(gpu, 4);
  const continued = await run(resumed, 4);
  const ofCpu = await cpu.readState();
  const moments = Object.keys(state).filter((name) => name.startsWith('moment1/'));
  const result = { terms, unbroken, continued, worstMoment: Math.max(...moments.map((name) => deviation(ofCpu[name]!, state[name]!))) };
  for (const program of [cpu, gpu, resumed]) await program.dispose();
  return result;
}

/** Three convolutions and AdamW: states of 9 MB, which go through a program as any network's do. */
const filters = { first: [3, 3, 3, 64], second: [3, 3, 64, 128], third: [3, 3, 128, 512] } as const;
type Filter = keyof typeof filters;
const filterNames = Object.keys(filters) as Filter[];

const threeConvolutions: StepFunction = (inputs) => {
  const loss = (...weights: Tensor[]): Scalar => mean(square(weights.reduce<Tensor4D>((map, filter) => relu(conv2d(map, filter as Tensor4D, 1, 'same')), inputs['image'] as Tensor4D)));
  const { value, grads } = valueAndGrads(loss)(filterNames.map((name) => inputs[`parameter/${name}`]!));
  const optimiser = adamw(optimizer, { learningRate: inputs['learningRate'] as Scalar, biasCorrection1: inputs['biasCorrection1'] as Scalar, biasCorrection2: inputs['biasCorrection2'] as Scalar });
  const next: TensorRecord = { loss: value };
  for (const [index, name] of filterNames.entries()) {
    const updated = optimiser.update({ parameter: inputs[`parameter/${name}`]!, moment1: inputs[`moment1/${name}`]!, moment2: inputs[`moment2/${name}`]! }, grads[index]!);
    for (const kind of ['parameter', 'moment1', 'moment2'] as const) next[`${kind}/${name}`] = updated[kind];
  }
  return next;
};

/**
 * What a process holds after 20 steps and after 100, in MB. A software Vulkan multiplies at a ten-thousandth of a GPU's rate, so that a
 * hundred steps of the smallest network take an hour; what might stay behind, a step's states, needs only a program that has some.
 */
async function memory(): Promise<object> {
  const image = imageTensor(generator, 'x', [1, 4, 4, 3]);
  const feeds = { image, learningRate: batch.learningRate, ...biasCorrections(1) };
  const states = filterNames.flatMap((name) => ['parameter', 'moment1', 'moment2'].map((kind) => [`${kind}/${name}`, filters[name]] as const));
  const inputs: InputSpecs = {
    ...Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, { kind: 'feed' as const, shape }])),
    ...Object.fromEntries(states.map(([name, shape]) => [name, { kind: 'state' as const, shape }])),
  };
  const program = await (await createWebGpuEngine()).compile(threeConvolutions, inputs);
  await program.writeState(Object.fromEntries(states.map(([name, shape]) => [name, { shape, dtype: 'float32', data: Float32Array.from({ length: elementCount(shape) }, (_, i) => (name.startsWith('parameter') ? 0.02 * Math.sin(i) : 0)) }])));
  const held = (): object => {
    globalThis.gc!();
    const { heapUsed, external } = process.memoryUsage();
    return { resident: residentMegabytes(), heap: heapUsed / 1e6, external: external / 1e6 };
  };
  const at: Record<string, object> = {};
  for (let n = 1; n <= 100; n++) {
    await program.run({ ...feeds, ...biasCorrections(n) });
    if (n === 20 || n === 100) at[n === 20 ? 'early' : 'late'] = held();
  }
  await program.dispose();
  return { ...at, state: states.reduce((sum, [, shape]) => sum + 4 * elementCount(shape), 0) / 1e6 };
}

process.stdout.write(`${JSON.stringify(process.argv[2] === 'memory' ? await memory() : await compare())}\n`);
