import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { availableMemory } from '../../src/base/memory.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import type { Diagnostic } from '../../src/config/diagnostic.ts';
import { createNetwork } from '../../src/distillation/network.ts';
import { writePytorchFile } from '../../src/formats/pytorch/pytorch-writer.ts';
import { initialise } from '../../src/nn/parameters.ts';
import { makeScenes, scratchFolder, scrkd } from '../training/support.ts';

const folder = scratchFolder();
const network = { model: 'pspnet', options: { backbone: 'resnet18', width: 0.125 }, height: 64, width: 64 } as const;
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

/** A segmentation network: ours but for its heads, which tell `classes` apart. */
async function writeSegmentation(name: string, classes: number): Promise<void> {
  const tensors = Object.entries(initialise(createNetwork(network).parameters, 1)).map(([tensor, { shape, data }]) => {
    const isHead = tensor.startsWith('SOD_head') && shape[0] === 1;
    const grown = isHead ? [classes, ...shape.slice(1)] : [...shape];
    return { name: tensor, dtype: 'F32' as const, shape: grown, data: isHead ? new Float32Array(grown.reduce((a, b) => a * b, 1)) : (data as Float32Array) };
  });
  await writePytorchFile(join(folder, name), tensors);
}

beforeAll(async () => {
  await makeScenes(folder, 6, 2);
  rmSync(join(folder, 'data/labels/train-0001.png'));
  await writeSegmentation('classes.pth', 21);
  write('torn.pth', 'PK');
  write('good.scrkd.yaml', 'version: 1\nexperiment: good\ndataset: { root: data }\nstages:\n  only: { model: pspnet, resolution: 64 }\ntraining: { batchSize: 2, optimizer: { learningRate: 1.0e-3 } }\n');
  write(
    'bad.scrkd.yaml',
    `version: 1
experiment: good
dataset: { root: data }
stages:
  teacher: { model: { name: pspnet, backbone: resnet18, width: 0.125 }, resolution: 64, checkpoint: classes.pth }
  torn: { model: pspnet, resolution: 64, checkpoint: torn.pth }
  student: { model: { name: pspnet, backbone: resnet18, width: 0.125 }, resolution: 32, distill: { from: teacher, method: scrkd } }
training: { batchSize: 16, optimizer: { learningRate: 1.0e-3 } }
`,
  );
});

test('scrkd check: what a person reads points at the place, and errors have an exit code', async () => {
  const { code, stdout } = await scrkd(folder, 'check', 'bad.scrkd.yaml');
  expect(code).toBe(exitCodes.invalidInput);
  expect(stdout).toContain("bad.scrkd.yaml:5:101  error  checkpoint-mismatch  The checkpoint 'classes.pth' tells 21 classes apart; a saliency map has one.\n  5 |   teacher:");
  expect(stdout).toMatch(/checkpoint-mismatch {2}The checkpoint 'torn\.pth' cannot be read: /);
  expect(stdout).toMatch(/warning {2}dataset-problem .*train-0001/);
  expect(stdout).toContain('too-few-images  4 images are left to train on, fewer than a batch of 16');
  expect(stdout).toContain("shared-output  good.scrkd.yaml has the same experiment name 'good'");
});

test('scrkd check of a folder: all configs in it; of one without any, what is expected', async () => {
  const { code, stdout } = await scrkd(folder, 'check', '.');
  expect(code).toBe(exitCodes.invalidInput);
  expect(stdout).toContain('bad.scrkd.yaml:5:101');
  expect(stdout).toContain('good.scrkd.yaml:');
  mkdirSync(join(folder, 'short'));
  copyFileSync(join(folder, 'good.scrkd.yaml'), join(folder, 'short/only.scrkd.yml'));
  expect((await scrkd(folder, 'check', 'short')).stdout).toContain('only.scrkd.yml:');
  const empty = await scrkd(folder, 'check', 'data/images');
  expect([empty.code, empty.stderr]).toEqual([exitCodes.usage, expect.stringContaining('data/images: has no config, expected files that end with .scrkd.yaml or .scrkd.yml.')]);
});

test('scrkd check --json: one object a line; warnings alone are no failure', async () => {
  const { code, stdout } = await scrkd(folder, 'check', 'good.scrkd.yaml', '--json');
  expect(code).toBe(exitCodes.ok);
  const found = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Diagnostic);
  expect(found.map(({ code: what, severity, file, range }) => [what, severity, file, range.start.line])).toEqual([
    ['shared-output', 'warning', 'good.scrkd.yaml', 1],
    ['dataset-problem', 'warning', 'good.scrkd.yaml', 2],
  ]);
});

test('scrkd check --sarif: one log of all configs', async () => {
  const { code, stdout } = await scrkd(folder, 'check', 'good.scrkd.yaml', 'bad.scrkd.yaml', '--sarif');
  expect(code).toBe(exitCodes.invalidInput);
  const { version, runs } = JSON.parse(stdout) as { version: string; runs: { results: { ruleId: string; level: string; locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[] }[] };
  expect(version).toBe('2.1.0');
  const files = new Set(runs[0]?.results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri));
  expect(files).toEqual(new Set(['good.scrkd.yaml', 'bad.scrkd.yaml']));
  expect(runs[0]?.results).toContainEqual(expect.objectContaining({ ruleId: 'checkpoint-mismatch', level: 'error' }));
});

// The step needs 55 GB: for the long run, on a machine that has less.
test.runIf(process.env['SCRKD_TEST_ALL'] === '1' && availableMemory() < 50e9)('scrkd check --memory: a step that needs more memory than there is', async () => {
  write('large.scrkd.yaml', 'version: 1\nexperiment: large\ndataset: { root: data }\nstages:\n  only: { model: { name: pspnet, backbone: resnet18, width: 0.125 }, resolution: 128 }\ntraining: { batchSize: 4096, optimizer: { learningRate: 1.0e-3 } }\n');
  expect((await scrkd(folder, 'check', 'large.scrkd.yaml')).stdout).not.toContain('memory-exceeded');
  expect((await scrkd(folder, 'check', 'large.scrkd.yaml', '--memory')).stdout).toMatch(/warning {2}memory-exceeded {2}A training step of 'only' needs about 55\.4 GB/);
});
