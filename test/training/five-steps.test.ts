import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { synthesise } from '../../src/data/synth/synthesise.ts';
import { withSafetensors } from '../../src/formats/safetensors-reader.ts';
import { writeSafetensorsFile } from '../../src/formats/safetensors-writer.ts';
import { readFloat32 } from '../../src/formats/tensor-file.ts';
import { initialise } from '../../src/nn/parameters.ts';
import { definePrediction } from '../../src/training/step.ts';
import { fiveSteps } from './five-steps.ts';
import { eventsOfType, newestRun, scratchFolder, scrkd, writeConfig } from './support.ts';

interface Reference {
  readonly hashes: readonly string[];
  readonly steps: readonly (Readonly<Record<string, number>> & { readonly terms?: Readonly<Record<string, number>> })[];
  readonly statistics: Readonly<Record<string, readonly number[]>>;
}

test('five steps through the trainer equal an independent PyTorch implementation on the same folder', async () => {
  const folder = scratchFolder();
  const reference = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/five-steps.json'), 'utf8')) as Reference;
  const { student, teacher, training, scenes, teacherSeed } = fiveSteps;
  await synthesise({ folder: join(folder, 'data'), ...scenes });
  const weights = initialise(definePrediction(teacher, 1).parameters, teacherSeed);
  await writeSafetensorsFile(join(folder, 'teacher.safetensors'), Object.entries(weights).map(([name, { shape, data }]) => ({ name, dtype: 'F32', shape, data: data as Float32Array })));
  const model = '{ name: pspnet, backbone: resnet18, width: 0.25 }';
  writeConfig(
    folder,
    'five',
    `
version: 1
experiment: five
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: ${model}, resolution: ${teacher.height}, checkpoint: ./teacher.safetensors }
  student: { model: ${model}, resolution: ${student.height}, distill: { from: teacher, method: scrkd } }
training: { epochs: 1, batchSize: ${training.batchSize}, seed: ${training.seed}, optimizer: { learningRate: ${training.optimizer.learningRate}, weightDecay: ${training.optimizer.weightDecay} } }
captures: { samples: 1, every: 1000 }
`,
  );
  const ended = await scrkd(folder, 'run', 'five.scrkd.yaml');
  expect(ended.code, ended.stderr).toBe(exitCodes.ok);

  const run = await newestRun(folder, 'student');
  const steps = await eventsOfType(run, 'step');
  expect(steps.map(({ batch }) => batch.hash)).toEqual(reference.hashes);
  for (const [i, { terms, total }] of steps.entries()) {
    const expected = reference.steps[i]!;
    for (const [term, value] of Object.entries({ ...terms, total })) {
      const wanted = expected[term]!;
      expect(Math.abs(value - wanted) / Math.abs(wanted), `step ${i + 1}, ${term}: ${value}, expected ${wanted}`).toBeLessThan(1e-4);
    }
  }
  await withSafetensors(run.folder.checkpoint('last'), async (file) => {
    for (const [name, expected] of Object.entries(reference.statistics)) {
      const { data } = await readFloat32(file, name);
      const largest = Math.max(...expected.map(Math.abs));
      for (const [i, wanted] of expected.entries()) expect(Math.abs(data[i]! - wanted) / largest, `${name}[${i}]`).toBeLessThan(2e-4);
    }
  });
});
