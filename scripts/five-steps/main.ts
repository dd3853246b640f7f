/**
 * Makes the reference of the test `test/training/five-steps.test.ts`: trains five steps through the trainer's own process on a folder of
 * scenes, gives the very same batches and initial weights to the PyTorch implementation under bench/pytorch, and keeps what that says.
 *
 *     npm run build && node scripts/run.mjs scripts/five-steps/main.ts --python PYTHON
 *
 * The test then compares a training of its own with the kept numbers; PyTorch is needed only here.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createLoader } from '../../src/data/loader.ts';
import { sizeKey } from '../../src/data/raster.ts';
import { synthesise } from '../../src/data/synth/synthesise.ts';
import { openDataset } from '../../src/dataset/open.ts';
import { withSafetensors } from '../../src/formats/safetensors-reader.ts';
import { readFloat32 } from '../../src/formats/tensor-file.ts';
import { writeSafetensorsFile } from '../../src/formats/safetensors-writer.ts';
import { initialise } from '../../src/nn/parameters.ts';
import { defineTrainingStep, definePrediction } from '../../src/training/step.ts';
import { fiveSteps } from '../../test/training/five-steps.ts';

const python = process.argv[process.argv.indexOf('--python') + 1] ?? 'python3';
const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'scrkd-five-steps-'));
const { student, teacher, options, training, scenes } = fiveSteps;

await synthesise({ folder: join(folder, 'data'), ...scenes });
const definition = defineTrainingStep({ student, teacher, method: { name: 'scrkd', options }, batchSize: training.batchSize, optimizer: training.optimizer });
const teacherSpecs = definePrediction(teacher, 1).parameters;
const save = (path: string, tensors: ReturnType<typeof initialise>) =>
  writeSafetensorsFile(path, Object.entries(tensors).map(([name, { shape, data }]) => ({ name, dtype: 'F32' as const, shape, data: data as Float32Array })));
await save(join(folder, 'student.safetensors'), initialise(definition.parameters, training.seed));
await save(join(folder, 'teacher.safetensors'), initialise(teacherSpecs, fiveSteps.teacherSeed));

const dataset = await openDataset({ root: join(folder, 'data') });
const batches = join(folder, 'batches');
mkdirSync(batches);
const hashes: string[] = [];
{
  await using loader = createLoader({ samples: dataset.splits.train, batchSize: training.batchSize, imageSizes: [student, teacher], maskSize: student, seed: training.seed, stream: 'training', augmentation: 'default', maxUnreadable: 0 });
  for await (const batch of loader.epoch(0)) {
    const array = (name: string, size: { height: number; width: number }, channels: number, data: Float32Array) => ({ name, dtype: 'F32' as const, shape: [training.batchSize, size.height, size.width, channels], data });
    await writeSafetensorsFile(join(batches, `step-${batch.index}.safetensors`), [
      array('image', student, 3, batch.images[sizeKey(student)]!),
      array('teacherImage', teacher, 3, batch.images[sizeKey(teacher)]!),
      array('mask', student, 1, batch.mask),
    ]);
    hashes.push(batch.hash);
  }
}

const out = join(folder, 'result.json');
const state = join(folder, 'state.safetensors');
execFileSync(
  python,
  [join(root, 'bench/pytorch/scrkd.py'), '--weights', join(folder, 'student.safetensors'), '--teacher', join(folder, 'teacher.safetensors'), '--batches', batches, '--steps', String(hashes.length)]
    .concat(['--backbone', 'backbone' in student.options ? student.options.backbone : '', '--width', String(student.options.width), '--lr', String(training.optimizer.learningRate), '--weight-decay', String(training.optimizer.weightDecay)])
    .concat(['--dtype', 'float64', '--out', out, '--save-state', state]),
  { stdio: 'inherit' },
);
const result = JSON.parse(readFileSync(out, 'utf8')) as { steps: Record<string, number | string>[] };
const statistics = await withSafetensors(state, async (file) => {
  const sums: Record<string, number[]> = {};
  for (const { name, kind } of definition.parameters) {
    if (kind !== 'statistic') continue;
    sums[name] = Array.from((await readFloat32(file, name)).data);
  }
  return sums;
});
console.log(JSON.stringify(result.steps[0]));
const kept = Object.fromEntries(fiveSteps.keptStatistics.map((name) => [name, statistics[name]!.map((value) => Number(value.toPrecision(8)))]));
writeFileSync(join(root, 'test/fixtures/five-steps.json'), `${JSON.stringify({ madeBy: 'bench/pytorch/scrkd.py in float64', hashes, steps: result.steps, statistics: kept }, undefined, 1)}\n`);
rmSync(folder, { recursive: true });
