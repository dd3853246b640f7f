/** Parts of the extension that need no VS Code: configs that it writes, launches that outlive it, process trees, datasets, COCO boxes. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { coefficientsOf, methodNames } from '../../src/config/catalog/methods.ts';
import { modelNames, models } from '../../src/config/catalog/models.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { newConfigText } from '../../src/extension/configs/config-text.ts';
import { fittingBatch, fittingMethods, offeredSizes, smallNetwork } from '../../src/extension/configs/fitting.ts';
import { boxesOf } from '../../src/extension/datasets/coco-boxes.ts';
import { DatasetsIndex } from '../../src/extension/datasets/datasets-index.ts';
import { CommandLine, CommandLineError, lastWords } from '../../src/extension/launch/command-line.ts';
import { isSameProcess, readLaunches } from '../../src/extension/launch/launch-record.ts';
import { endProcesses, processTree, survivors } from '../../src/extension/launch/process-tree.ts';
import { identityOf } from '../../src/runs/liveness.ts';

let folder = '';
const cli = resolve(import.meta.dirname, '../../dist/cli.js');
const commandLine = new CommandLine(cli, () => process.execPath);
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'scrkd-parts-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([undefined, 'backbone: resnet18, width: 0.25'])('a new config is valid, without a remark of its own making (%s)', async (modelOptions) => {
  const text = newConfigText({ experiment: 'a-b', dataset: './my data', model: 'pspnet', teacher: 448, student: 112, method: 'scrkd', epochs: 100, batchSize: 8, ...(modelOptions !== undefined && { modelOptions }) });
  const { experiment, diagnostics } = await resolveExperiment({ text, path: '/w/x.scrkd.yaml' }, { readText: () => Promise.reject(new Error('none')), exists: () => Promise.resolve(true) });
  expect(diagnostics).toEqual([]);
  expect(experiment?.name).toBe('a-b');
  expect(experiment?.stages.map(({ name, resolution }) => `${name} ${resolution.height}`)).toEqual(['teacher 448', 'student 112', 'baseline 112']);
});

test.each(modelNames)('of %s, exactly the methods are offered whose new config passes the check; it has the factors of their own terms', async (model) => {
  for (const size of offeredSizes) {
    const offered = fittingMethods(model, size);
    for (const method of methodNames) {
      const text = newConfigText({ experiment: 'a', dataset: './d', model, modelOptions: smallNetwork(model), ...size, method, epochs: 10, batchSize: fittingBatch(model, 6) });
      const { experiment, diagnostics } = await resolveExperiment({ text, path: '/w/x.scrkd.yaml' }, { readText: () => Promise.reject(new Error('none')), exists: () => Promise.resolve(true), datasetSummary: () => Promise.resolve({ train: 6, test: 2, problems: [] }) });
      const errors = diagnostics.map(({ message }) => message);
      expect({ method, size, isTaken: errors.length === 0, errors }).toEqual({ method, size, isTaken: offered.includes(method), errors });
      if (errors.length === 0) expect(experiment!.stages.find(({ name }) => name === 'student')!.distill!.weights).toEqual(coefficientsOf(method, models[model].family));
    }
  }
});

test('for a dataset of a few images the batch of a new config is what is left to train on, and nothing is to remark', async () => {
  await commandLine.run(['dataset', 'synth', join(folder, 'few'), '--train', '6', '--test', '2', '--size', '64']);
  const text = newConfigText({ experiment: 'few', dataset: './few', model: 'pspnet', modelOptions: smallNetwork('pspnet'), teacher: 112, student: 56, method: 'scrkd', epochs: 40, batchSize: fittingBatch('pspnet', 6) });
  await expect(text).toMatchFileSnapshot('new-config.expected.scrkd.yaml');
  const file = join(folder, 'few.scrkd.yaml');
  writeFileSync(file, text);
  expect((await commandLine.run(['check', file, '--json'])).stdout).toBe('');
  expect([1, 2, 3, 8, 9, 10, 500, undefined].map((train) => fittingBatch('pspnet', train))).toEqual([2, 2, 2, 7, 8, 8, 8, 8]);
});

test('a command that fails says why, and one that is cancelled ends', async () => {
  await expect(commandLine.run(['runs', '--nonsense'])).rejects.toMatchObject({ reason: 'failed', exitCode: 2 });
  const abort = new AbortController();
  const running = commandLine.run(['dataset', 'synth', join(folder, 'big'), '--train', '5000'], { signal: abort.signal });
  setTimeout(() => abort.abort(), 1000);
  await expect(running).rejects.toMatchObject({ reason: 'cancelled' });
  await expect(new CommandLine(cli, () => join(folder, 'no-node')).run(['doctor'])).rejects.toBeInstanceOf(CommandLineError);
  expect(lastWords('', 'a\n\nb\n')).toBe('a\nb');
});

test('a launch notes its process beside the runs, and its output outlives the one who started it', async () => {
  const runsDirectory = join(folder, 'runs');
  const { record, ended } = await commandLine.launch(['run', join(folder, 'missing.scrkd.yaml')], { subject: 'missing', runsDirectory, cwd: folder });
  expect(await ended).toBe(3);
  expect(readFileSync(record.log, 'utf8')).toContain('missing.scrkd.yaml');
  const [found] = await readLaunches(runsDirectory);
  expect(found?.log).toBe(record.log);
  expect(isSameProcess(found!, record)).toBe(true);
});

test('a process tree is found with its children and ended without a survivor', async () => {
  const child = spawn(process.execPath, ['-e', `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']); setInterval(() => {}, 1000)`], { detached: true, stdio: 'ignore' });
  const root = identityOf(child.pid!);
  await expect.poll(async () => (await processTree(root)).length).toBe(2);
  const tree = await processTree(root);
  endProcesses(tree, 'SIGKILL');
  await expect.poll(() => survivors(tree)).toEqual([]);
});

test('datasets: a folder that only looks like one is left out, one that a config names is shown with its problem', async () => {
  await commandLine.run(['dataset', 'synth', join(folder, 'data'), '--train', '3', '--test', '2', '--size', '64']);
  mkdirSync(join(folder, 'nothing'));
  const index = new DatasetsIndex(() => Promise.resolve([{ root: join(folder, 'data'), named: false }, { root: join(folder, 'nothing'), named: false }, { root: join(folder, 'gone'), named: true }]));
  await index.ready();
  expect(index.datasets.map(({ name, content }) => `${name} ${content.kind === 'listed' ? `${content.splits.train.length} ${content.splits.test.length}` : 'unreadable'}`)).toEqual(['data 3 2', 'gone unreadable']);
  const { images, annotations } = JSON.parse(readFileSync(join(folder, 'data/annotations.json'), 'utf8')) as { images: { id: number; file_name: string }[]; annotations: { image_id: number; bbox: number[] }[] };
  const first = images[0]!;
  const boxes = await boxesOf(join(folder, 'data'), join(folder, 'data', first.file_name));
  expect(boxes.map(({ x, y, width, height }) => [x, y, width, height])).toEqual(annotations.filter(({ image_id }) => image_id === first.id).map(({ bbox }) => bbox));
  writeFileSync(join(folder, 'data/annotations.json'), '[]');
  expect(await boxesOf(join(folder, 'data'), first.file_name)).toEqual([]);
});
