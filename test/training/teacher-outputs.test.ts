import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { imageTensor, weightTensors } from '../../scripts/parity/generator.ts';
import { methods as catalog, type MethodName } from '../../src/config/catalog/methods.ts';
import type { NetworkDefinition } from '../../src/distillation/network.ts';
import type { Engine, HostTensor, HostTensors } from '../../src/engine/engine.ts';
import { createOnnxRuntimeEngine } from '../../src/engine/onnxruntime.ts';
import { elementCount } from '../../src/nn/parameters.ts';
import { TeacherOutputStore } from '../../src/runs/teacher-outputs.ts';
import { Lessons } from '../../src/training/lessons.ts';
import { inputName } from '../../src/training/step-inputs.ts';
import { defineTrainingStep } from '../../src/training/step.ts';
import { testsAll } from '../vscode.ts';

const folders: string[] = [];
function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scrkd-outputs-'));
  folders.push(folder);
  return folder;
}
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const plenty = { memory: 1e8, disk: 1e9 };
const diskAlone = { memory: 0, disk: 1e9 };

describe('the store', () => {
  const values = (seed: number, length = 100): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(seed + i));
  const filesIn = (folder: string): string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);

  test('gives back what was put in, in this process and in a later one', async () => {
    const cache = scratch();
    const store = await TeacherOutputStore.open(cache, 'maker', diskAlone);
    await store.put('abcd', values(1));
    expect(await store.get('abcd')).toEqual(values(1));
    expect(await store.get('ef01')).toBeUndefined();
    const later = await TeacherOutputStore.open(cache, 'maker', plenty);
    expect(await later.get('abcd')).toEqual(values(1));
    expect(await (await TeacherOutputStore.open(cache, 'another', plenty)).get('abcd')).toBeUndefined();
  });

  test('does not believe a damaged file', async () => {
    const cache = scratch();
    const store = await TeacherOutputStore.open(cache, 'maker', diskAlone);
    await store.put('abcd', values(1));
    const path = join(store.folder, 'ab', 'abcd');
    const bytes = readFileSync(path);
    bytes[50]! ^= 1;
    writeFileSync(path, bytes);
    expect(await store.get('abcd')).toBeUndefined();
    await store.put('abcd', values(1));
    expect(await store.get('abcd')).toEqual(values(1));
    writeFileSync(path, bytes.subarray(0, 70));
    expect(await store.get('abcd')).toBeUndefined();
  });

  test('stays within its bounds: what is in stays, and only other teachers make room', async () => {
    const cache = scratch();
    const other = await TeacherOutputStore.open(cache, 'other', diskAlone);
    await other.put('0000', values(0));
    const limits = { memory: 900, disk: 1000 };
    const store = await TeacherOutputStore.open(cache, 'maker', limits);
    for (let i = 0; i < 6; i++) await store.put(`aaa${i}`, values(i));
    expect(readdirSync(join(cache, 'teacher-outputs'))).toEqual(['maker']);
    // Two in memory, two on the disk.
    expect(filesIn(store.folder).sort()).toEqual(['aaa2', 'aaa3']);
    expect(statSync(join(store.folder, 'aa', 'aaa2')).size).toBe(432);
    const found = await Promise.all([0, 1, 2, 3, 4, 5].map(async (i) => (await store.get(`aaa${i}`)) !== undefined));
    expect(found).toEqual([true, true, true, true, false, false]);
  });

  test('does without a disk where there is none', async () => {
    const cache = join(scratch(), 'file');
    writeFileSync(cache, '');
    const store = await TeacherOutputStore.open(cache, 'maker', plenty);
    await store.put('abcd', values(1));
    expect(await store.get('abcd')).toEqual(values(1));
    expect(store.problem).toMatch(/file/);
  });
});

const batchSize = 2;
/** A discriminator needs no less, and a batch norm of fewer values would blow up every rounding. */
const side = 64;
const network = (side: number): NetworkDefinition => ({ model: 'pspnet', options: { backbone: 'resnet18', width: 0.125 }, height: side, width: side });
const scalar = (value: number): HostTensor => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) });

async function train(engine: Engine, name: MethodName, cache: string | undefined): Promise<{ terms: number[][]; state: HostTensors; counts: Lessons['counts'] | undefined }> {
  const method = { name, options: catalog[name].presets.default };
  const definition = defineTrainingStep({ student: network(side), teacher: network(2 * side), method, batchSize, optimizer: { weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } });
  const generator = { salt: '' };
  const teacherWeights = weightTensors(generator, definition.teacherParameters, 'teacher.');
  const step = definition.teacherStep;
  if (step === undefined) throw new Error(`${name} reads whole features`);
  await using lessons = cache === undefined ? undefined : await Lessons.create({ engine, step, weights: teacherWeights, recipe: name, cache, limits: diskAlone, expectedImages: 1 });
  const inputs = lessons?.stepInputs ?? definition.inputs(teacherWeights);
  await using program = await engine.compile(definition.step, inputs, { expectedRuns: 1 });
  const weights = weightTensors(generator, definition.parameters);
  const state: Record<string, HostTensor> = Object.fromEntries(definition.parameters.map((spec) => [inputName(spec), weights[spec.name]!]));
  for (const [key, spec] of Object.entries(inputs)) if (spec.kind === 'state') state[key] ??= { shape: spec.shape, dtype: 'float32', data: new Float32Array(elementCount(spec.shape)) };
  await program.writeState(state);
  const terms: number[][] = [];
  // Two batches, then the same ones again.
  for (const [index, batch] of ['a', 'b', 'a', 'b'].entries()) {
    const teacherImage = imageTensor(generator, `teacher ${batch}`, [batchSize, 2 * side, 2 * side, 3]);
    const outputs = await program.run({
      image: imageTensor(generator, `image ${batch}`, [batchSize, side, side, 3]),
      mask: imageTensor(generator, `mask ${batch}`, [batchSize, side, side, 1], (value) => (value > 0 ? 1 : 0)),
      teacherImage,
      temperature: scalar(1.5),
      learningRate: scalar(1e-6),
      biasCorrection1: scalar(1 - 0.9 ** (index + 1)),
      biasCorrection2: scalar(1 - 0.999 ** (index + 1)),
      ...Object.fromEntries(definition.terms.slice(1).map((term) => [`weight/${term}`, scalar(1)])),
      ...Object.fromEntries(Object.entries(definition.noise).map(([key, shape]) => [`noise/${key}`, imageTensor(generator, key, shape as [number, number, number, number], (value) => (value + 2) / 4)])),
      ...(await lessons?.teach(teacherImage)),
    });
    terms.push(definition.terms.map((term) => outputs[`term/${term}`]!.data[0]!));
  }
  return { terms, state: await program.readState(), counts: lessons?.counts };
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))), 0);
}

describe('kept teacher outputs change no number', () => {
  const methods: MethodName[] = testsAll ? ['scrkd', 'kd', 'at', 'skd', 'famkd', 'pd', 'logitstdkd'] : ['scrkd'];

  test.each(methods)('%s', async (name) => {
    const engine = await createOnnxRuntimeEngine({ threads: 2 });
    const cache = scratch();
    const without = await train(engine, name, undefined);
    const kept = await train(engine, name, cache);
    expect(kept.counts).toEqual({ computed: 4, reused: 4 });
    const again = await train(engine, name, cache);
    expect(again.counts).toEqual({ computed: 0, reused: 8 });
    // From one process to the next the kept numbers are the same bits.
    expect(again.terms).toEqual(kept.terms);
    expect(again.state).toEqual(kept.state);
    // One image at a time and a batch at once may sum in another order.
    const differences = kept.terms.map((terms, index) => furthest(terms, without.terms[index]!));
    expect(Math.max(...differences)).toBeLessThan(2e-6);
  });
});
