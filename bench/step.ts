/**
 * One training step of SCRKD, ours and PyTorch's in turns within one run, on the same synthetic weights and batch:
 * `node bench/run.mjs step --python PYTHON [--peers direct,factored] [--model pspnet] [--rounds 5] [--batch 8] [--student 112] [--teacher 224] [--backbone resnet50] [--width 1] [--memory fast|lean] [--kept] [--device cpu|webgpu] [--cuda]`;
 * `--peers`: PyTorch written directly, and (PSPNet alone) with our factoring; `--kept`: with the teacher's outputs known, as from the second
 * time a view comes; `--device webgpu`, `--cuda`: ours and PyTorch on a GPU. Of SOLNet, which SCRKD is not for, the step of KD. PyTorch has PSPNet, and the other networks of width 1.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { imageTensor, noiseTensor, weightTensors } from '../scripts/parity/generator.ts';
import { coefficientsOf, methods, temperatureOf } from '../src/config/catalog/methods.ts';
import { modelNames, models, optionsText, type ModelName } from '../src/config/catalog/models.ts';
import type { NetworkDefinition } from '../src/distillation/network.ts';
import { createOnnxRuntimeEngine } from '../src/engine/onnxruntime.ts';
import { createWebGpuEngine } from '../src/engine/webgpu.ts';
import { Lessons } from '../src/training/lessons.ts';
import { scalar, stateFrom, statesOf } from '../src/training/step-inputs.ts';
import { defineTrainingStep } from '../src/training/step.ts';
import { startPeer, type Answer, type Peer } from './peer.ts';
import { row, summarise, takeTurn, type Turn } from './timing.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    model: { type: 'string', default: 'pspnet' },
    peers: { type: 'string', default: 'direct,factored' },
    rounds: { type: 'string', default: '5' },
    batch: { type: 'string', default: '8' },
    student: { type: 'string', default: '112' },
    teacher: { type: 'string', default: '224' },
    backbone: { type: 'string', default: 'resnet50' },
    width: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(availableParallelism()) },
    memory: { type: 'string', default: 'fast' },
    kept: { type: 'boolean', default: false },
    device: { type: 'string', default: 'cpu' },
    cuda: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const batch = Number(values.batch);
const student = Number(values.student);
const teacher = Number(values.teacher);
const threads = Number(values.threads);
const backbone = values.backbone === 'resnet18' ? 'resnet18' : 'resnet50';
const width = Number(values.width);
const isModel = (name: string): name is ModelName => (modelNames as readonly string[]).includes(name);
if (!isModel(values.model)) throw new Error(`--model: found ${values.model}, expected ${modelNames.join(', ')}`);
const model = values.model;
const { defaults, family } = models[model];
/** The peer has no stochastic depth, and neither has the specification's record. */
const options = { ...defaults, width, ...('backbone' in defaults && { backbone }), ...('dropPath' in defaults && { dropPath: 0 }) };
const methodName = new Set(models[model].channels(defaults)).size > 1 ? 'kd' : 'scrkd';
const hasPeer = model === 'pspnet' || width === 1;

const LEARNING_RATE = 2e-5;
const BETA1 = 0.9;
const BETA2 = 0.999;
const weights = coefficientsOf(methodName, family);
const terms = ['sod', ...Object.keys(weights)];

type Terms = Readonly<Record<string, number>>;

interface Ours {
  run(): Promise<Terms>;
  end(): Promise<void>;
}

async function prepareOurs(): Promise<Ours> {
  const network = (side: number): NetworkDefinition => ({ model, options, height: side, width: side });
  const step = defineTrainingStep({
    student: network(student),
    teacher: network(teacher),
    method: { name: methodName, options: methods[methodName].presets.default },
    batchSize: batch,
    optimizer: { weightDecay: 1e-4, beta1: BETA1, beta2: BETA2, epsilon: 1e-8 },
  });
  const generator = { salt: '' };
  const initial = weightTensors(generator, step.parameters);
  const teacherWeights = weightTensors(generator, step.teacherParameters, 'teacher.');
  const begun = performance.now();
  const engine = values.device === 'webgpu' ? await createWebGpuEngine() : await createOnnxRuntimeEngine({ threads, memory: values.memory === 'lean' ? 'lean' : 'fast' });
  const cache = mkdtempSync(join(tmpdir(), 'scrkd-bench-'));
  const lessons = values.kept ? await Lessons.create({ engine, step: step.teacherStep!, weights: teacherWeights, recipe: 'bench', cache, limits: { memory: 1e9, disk: 0 }, expectedImages: batch }) : undefined;
  const inputs = lessons?.stepInputs ?? step.inputs(teacherWeights);
  const program = await engine.compile(step.step, inputs);
  await program.writeState(stateFrom(statesOf(inputs), initial));
  const prepared = performance.now() - begun;
  const { graph, memory, compileMilliseconds } = program.statistics;
  console.log(`ours: ${graph?.nodes ?? '?'} nodes, ${((2 * (graph?.multiplyAccumulates ?? 0)) / 1e9).toFixed(0)} GFLOP a step, estimated ${(((memory === 'fast' ? graph?.fastPeakBytes : graph?.peakBytes) ?? 0) / 2 ** 30).toFixed(1)} GiB, memory ${memory ?? '?'}, compiled in ${(compileMilliseconds / 1000).toFixed(1)} s (traced in ${((graph?.traceMilliseconds ?? 0) / 1000).toFixed(1)} s), the first step begins after ${(prepared / 1000).toFixed(1)} s`);
  const feeds = {
    image: imageTensor(generator, 'xS', [batch, student, student, 3]),
    teacherImage: imageTensor(generator, 'xT', [batch, teacher, teacher, 3]),
    mask: imageTensor(generator, 'label', [batch, student, student, 1], (value) => (value > 0 ? 1 : 0)),
    learningRate: scalar(LEARNING_RATE),
    temperature: scalar(temperatureOf(methodName, family)),
    ...Object.fromEntries(Object.entries(weights).map(([term, weight]) => [`weight/${term}`, scalar(weight)])),
    ...Object.fromEntries(Object.entries(step.noise).map(([name, shape]) => [`noise/${name}`, noiseTensor(generator, name, shape)])),
  };
  let n = 0;
  return {
    run: async () => {
      n++;
      const outputs = await program.run({ ...feeds, biasCorrection1: scalar(1 - BETA1 ** n), biasCorrection2: scalar(1 - BETA2 ** n), ...(await lessons?.teach(feeds.teacherImage)) });
      return Object.fromEntries(terms.map((term) => [term, Number(outputs[`term/${term}`]!.data[0])]));
    },
    end: async () => {
      await program.dispose();
      await lessons?.[Symbol.asyncDispose]();
      rmSync(cache, { recursive: true, force: true });
    },
  };
}

function preparePyTorch(python: string, kind: string): Promise<Peer> {
  const script = resolve(import.meta.dirname, '../bench/pytorch/scrkd.py');
  const settings = ['--network', model, '--batch', batch, '--student', student, '--teacher-size', teacher, '--backbone', backbone, '--width', width, '--threads', threads, '--lr', LEARNING_RATE];
  return startPeer(python, [script, '--bench', '--serve', '--channels-last', ...(kind === 'factored' ? ['--factored'] : []), ...(values.cuda ? ['--cuda'] : []), ...settings.map(String)]);
}

function deviation(ours: Terms, theirs: Answer): number {
  return Math.max(...terms.map((term) => Math.abs(ours[term]! - Number(theirs[term])) / Math.abs(Number(theirs[term]))));
}

const gibibytes = (kibibytes: number): string => (kibibytes / 2 ** 20).toFixed(1);

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads; ${model}, ${methodName}, ${optionsText({ name: model, options }) || 'usual options'}, student ${student}, teacher ${teacher}, batch ${batch}`);
const ours = await prepareOurs();
if (values.python !== undefined && !hasPeer) console.log(`PyTorch has no ${model} of width ${width} here`);
const peers: { readonly peer: Peer; readonly turns: Turn[]; peakKibibytes: number }[] = [];
if (values.python !== undefined && hasPeer) {
  for (const kind of values.peers.split(',').filter((name) => name === 'direct' || model === 'pspnet')) peers.push({ peer: await preparePyTorch(values.python, kind), turns: [], peakKibibytes: 0 });
}
const ourTurns: Turn[] = [];
// The first round warms all up and is not counted.
for (let round = 0; round <= rounds; round++) {
  const mine = await takeTurn(() => ours.run(), () => undefined);
  if (round > 0) ourTurns.push(mine);
  const told = [`ours ${mine.milliseconds.toFixed(0)} ms`];
  for (const one of peers) {
    const theirs = await takeTurn(() => one.peer.ask(), (answer) => ({ milliseconds: Number(answer['milliseconds']), cpuSeconds: Number(answer['cpuSeconds']) }));
    if (round > 0) one.turns.push(theirs);
    one.peakKibibytes = Number(theirs.result['peakKibibytes']);
    told.push(`${one.peer.name} ${theirs.milliseconds.toFixed(0)} ms, loss terms within ${deviation(mine.result, theirs.result).toExponential(1)}`);
  }
  console.log(`round ${round}: ${told.join('; ')}`);
}
for (const { peer } of peers) peer.end();
const mine = summarise(ourTurns);
console.log(`\n| | ms per step, median (min) | CPU ms | peak memory, GiB | cores busy elsewhere |\n|---|---|---|---|---|`);
console.log(row(`onnxruntime, this project, \`${values.device === 'cpu' ? `memory: ${values.memory}` : `device: ${values.device}`}\`${values.kept ? ', teacher outputs kept' : ''}`, mine, 0, [gibibytes(process.resourceUsage().maxRSS)]));
const theirs = peers.map(({ peer, turns, peakKibibytes }) => ({ name: peer.name, summary: summarise(turns), peakKibibytes }));
for (const { name, summary, peakKibibytes } of theirs) console.log(row(`${name}, channels-last, fused AdamW`, summary, 0, [gibibytes(peakKibibytes)]));
for (const { name, summary } of theirs) console.log(`\n${name} / ours: ${(summary.median / mine.median).toFixed(2)} (of minima ${(summary.minimum / mine.minimum).toFixed(2)}, of CPU times ${(summary.cpu / mine.cpu).toFixed(2)})`);
await ours.end();
