import { expect, it } from 'vitest';
import { Answers } from '../../src/inspector/answers.ts';
import { readCapture } from '../../src/runs/captures.ts';
import { makeScenes, newestRun, scratchFolder, scrkd, smallModel, writeConfig } from '../training/support.ts';

const folder = scratchFolder();

it('computes from a checkpoint what the trainer captured, and the channels behind it', async () => {
  await makeScenes(folder, 8, 2);
  const stages = `stages:\n  teacher: { model: ${smallModel}, resolution: 64 }\n  student: { model: ${smallModel}, resolution: 32, distill: { from: teacher, method: scrkd } }\n`;
  writeConfig(folder, 'inspected', `version: 1\nexperiment: inspected\ndataset: { root: ./data, validation: none }\n${stages}training: { epochs: 1, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }\ncaptures: { samples: 1, every: 1 }\n`);
  const { code, stderr } = await scrkd(folder, 'run', 'inspected.scrkd.yaml');
  expect(code, stderr).toBe(0);
  const run = await newestRun(folder, 'student');
  const sample = 'test-0001';
  const captured = await readCapture(run.folder.capture(1, sample));
  const answers = new Answers([{ role: 'distilled', folder: run.folder.path, checkpoint: undefined }], 4e9);
  const files = { image: `${folder}/data/images/${sample}.jpg`, mask: '' };
  const computed = await answers.answer(1, { kind: 'capture', role: 'distilled', epoch: 1, sample }, files);
  if (computed?.kind !== 'capture') throw new Error('no capture');
  expect(computed.views.map(({ name }) => name).sort()).toEqual(captured.views.map(({ name }) => name).sort());
  for (const { name, shape, data } of captured.views) {
    const view = computed.views.find((other) => other.name === name)!;
    expect(view.shape).toEqual(shape);
    const values = new Float32Array(view.data);
    // A capture is float16: 11 significant bits, at least 2⁻²⁴ apart.
    for (const [i, value] of data.entries()) expect(Math.abs(values[i]! - value), `${name}[${i}]`).toBeLessThanOrEqual(Math.abs(value) * 2 ** -10 + 1e-4);
  }
  const features = await answers.answer(2, { kind: 'features', role: 'distilled', epoch: 1, sample, stage: 3, operand: 'decoder' }, files);
  if (features?.kind !== 'tensor') throw new Error('no tensor');
  const [channels, rows, columns] = features.shape as [number, number, number];
  const all = new Float32Array(features.data);
  const mean = Float32Array.from({ length: rows * columns }, (_, i) => Array.from({ length: channels }, (__, c) => Math.abs(all[c * rows * columns + i]!)).reduce((sum, value) => sum + value, 0) / channels);
  const expected = captured.views.find(({ name }) => name === 'stage3/mean/F')!;
  for (const [i, value] of expected.data.entries()) expect(Math.abs(mean[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -10 + 1e-4);
  await expect(answers.answer(3, { kind: 'capture', role: 'distilled', epoch: 7, sample }, files)).rejects.toMatchObject({ reason: 'no-checkpoint' });
});
