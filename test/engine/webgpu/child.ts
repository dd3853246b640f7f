/** A small SCRKD step on WebGPU: `child.ts compare` against the CPU, `child.ts memory` over a hundred steps. One line of JSON. */
import { readFileSync } from 'node:fs';
import { createOnnxRuntimeEngine } from '../../../src/engine/onnxruntime.ts';
import type { Engine, HostTensor, Program } from '../../../src/engine/engine.ts';
import { createWebGpuEngine } from '../../../src/engine/webgpu.ts';
import { elementCount } from '../../../src/nn/parameters.ts';
import { inputName } from '../../../src/training/step-inputs.ts';
import { defineTrainingStep, type NetworkDefinition } from '../../../src/training/step.ts';
import { imageTensor, weightTensors } from '../../../scripts/parity/generator.ts';
import { defaultOptions } from '../../../scripts/parity/networks.ts';

const batchSize = 4;
const generator = { salt: '' };
const network = (side: number): NetworkDefinition => ({ model: 'pspnet', options: { backbone: 'resnet18', width: 0.03 }, height: side, width: side });
const step = defineTrainingStep({
  student: { ...network(32), adapter: { method: 'scrkd', options: defaultOptions } },
  teacher: network(64),
  method: { name: 'scrkd', options: defaultOptions },
  batchSize,
  optimizer: { weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
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

async function run(program: Program, n: number): Promise<Record<string, number>> {
  const outputs = await program.run({
    image: imageTensor(generator, 'xS', [batchSize, 32, 32, 3]),
    teacherImage: imageTensor(generator, 'xT', [batchSize, 64, 64, 3]),
    mask: imageTensor(generator, 'label', [batchSize, 32, 32, 1], (value) => (value > 0 ? 1 : 0)),
    learningRate: scalar(1e-4), temperature: scalar(1), 'weight/mvcd': scalar(1), 'weight/msfd': scalar(1), 'weight/dsd': scalar(10),
    biasCorrection1: scalar(1 - 0.9 ** n), biasCorrection2: scalar(1 - 0.999 ** n),
  });
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

async function memory(): Promise<object> {
  const program = await start(await createWebGpuEngine());
  const at: Record<number, number> = {};
  for (let n = 1; n <= 100; n++) {
    await run(program, n);
    if (n === 20 || n === 100) at[n] = residentMegabytes();
  }
  await program.dispose();
  return at;
}

process.stdout.write(`${JSON.stringify(process.argv[2] === 'memory' ? await memory() : await compare())}\n`);
