import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { maskStatistics } from '../../src/data/mask-statistics.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { writeSafetensorsFile } from '../../src/formats/safetensors-writer.ts';
import { eventsOf, eventsOfType, makeScenes, newestRun, scratchFolder, scrkd, smallModel, writeConfig } from './support.ts';

const folder = scratchFolder();

beforeAll(async () => {
  await makeScenes(folder, 48, 1);
  // Eight scenes whose objects are more than a few pixels: those no network can learn that sees half of the pixels.
  const shares = await Promise.all(scenes().map(async (id) => ({ id, share: (await maskStatistics(join(folder, `data/labels/${id}.png`))).salientShare })));
  const largest = shares.sort((a, b) => b.share - a.share).slice(0, 8);
  writeFileSync(join(folder, 'data/train.txt'), largest.map(({ id }) => `${id}\n`).join(''));
});

const scenes = (): string[] => readFileSync(join(folder, 'data/train.txt'), 'utf8').trim().split('\n');

describe('training', () => {
  test('overfits eight images', async () => {
    writeConfig(
      folder,
      'overfit',
      `
version: 1
experiment: overfit
dataset: { root: ./data, test: train.txt, validation: none }
stages:
  only: { model: { name: pspnet, backbone: resnet18, width: 0.25 }, resolution: 64 }
training: { epochs: 150, batchSize: 8, augmentation: none, optimizer: { learningRate: 3.0e-3 } }
captures: { samples: 1, every: 1000 }
checkpoints: { every: 1000 }
`,
    );
    const ended = await scrkd(folder, 'run', 'overfit.scrkd.yaml');
    expect(ended.code).toBe(exitCodes.ok);
    const evaluations = await eventsOfType(await newestRun(folder, 'only'), 'evaluation');
    const { metrics, images } = evaluations.find(({ protocol }) => protocol === 'pysod')!; // at the masks' own size: resizing them to 448 would soften what was learnt
    expect(images).toBe(8);
    expect(metrics['maxF']).toBeGreaterThanOrEqual(0.95);
  });

  test('starts from the weights of a backbone file, says what it took, and stops on a loss that is not finite', async () => {
    const shape = [8, 3, 7, 7];
    await writeSafetensorsFile(join(folder, 'backbone.safetensors'), [
      { name: 'conv1.weight', dtype: 'F32', shape, data: new Float32Array(8 * 3 * 49).fill(NaN) },
      { name: 'fc.bias', dtype: 'F32', shape: [4], data: new Float32Array(4) },
    ]);
    writeConfig(
      folder,
      'poisoned',
      `
version: 1
experiment: poisoned
dataset: { root: ./data, validation: none }
stages:
  only: { model: ${smallModel}, resolution: 32, init: { backbone: ./backbone.safetensors } }
training: { epochs: 2, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 1, every: 1000 }
`,
    );
    const ended = await scrkd(folder, 'run', 'poisoned.scrkd.yaml');
    expect(ended.code).toBe(exitCodes.notFinite);
    const run = await newestRun(folder, 'only');
    const [step] = await eventsOfType(run, 'step');
    for (const part of ['"only"', 'epoch 1', 'step 1', '"sod"', 'NaN', ...step!.batch.samples]) expect(ended.stderr).toContain(part);
    expect(step!.terms['sod']).toBeNaN();
    expect(run.state).toMatchObject({ state: 'failed', error: { reason: 'not-finite' } });
    const taken = (await eventsOf(run)).find((event) => event.type === 'log' && event.reason === 'backbone-weights');
    expect(taken).toMatchObject({ message: expect.stringContaining('1 tensors taken') as string, details: { unexpected: ['fc.bias'] } });
  });
});
