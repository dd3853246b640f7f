import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { eventsOf, eventsOfType, makeScenes, newestRun, runsOf, scratchFolder, scrkd, smallModel, writeConfig } from './support.ts';

const folder = scratchFolder();
const config = (root: string, more = '') => `
version: 1
experiment: bad
dataset: { root: ${root}, validation: none }
stages:
  only: { model: ${smallModel}, resolution: 32 }
training: { epochs: 2, batchSize: 4, optimizer: { learningRate: 1.0e-3 } ${more} }
captures: { samples: 1, every: 1000 }
`;

beforeAll(async () => {
  await makeScenes(folder, 12, 4);
});

/** A copy of the scenes that a test may damage. */
function scenesCopy(name: string): string {
  const copy = join(folder, name);
  cpSync(join(folder, 'data'), copy, { recursive: true });
  return copy;
}

const damage = (path: string): void => writeFileSync(path, readFileSync(path).subarray(0, 700)); // a whole header, half a picture

describe('a config that cannot be meant', () => {
  test.each([
    ['a mistyped field', config('./data').replace('epochs', 'epoch'), ['epoch', 'epochs']],
    ['an unknown model', config('./data').replace('name: pspnet', 'name: pspnett'), ['pspnett', 'pspnet']],
    ['a planned field', `${config('./data')}\nsweep: { grid: {} }\n`, ['sweep', 'not built yet']],
    ['an unknown teacher', config('./data').replace('resolution: 32', 'resolution: 32, distill: { from: teecher, method: scrkd }'), ['teecher']],
    ['a cycle', config('./data').replace(`only: { model: ${smallModel}, resolution: 32 }`, `a: { model: ${smallModel}, resolution: 32, distill: { from: b, method: scrkd } }\n  b: { model: ${smallModel}, resolution: 64, distill: { from: a, method: scrkd } }`), ['a', 'b', 'cycle']],
    ['a teacher that sees no more', config('./data').replace(`only: {`, `teacher: { model: ${smallModel}, resolution: 32 }\n  only: { distill: { from: teacher, method: scrkd },`), ['32', 'teacher']],
  ])('%s', async (_what, text, parts) => {
    writeConfig(folder, 'wrong', text);
    const ended = await scrkd(folder, 'run', 'wrong.scrkd.yaml');
    expect(ended.code).toBe(exitCodes.invalidInput);
    expect(ended.stderr).toContain('wrong.scrkd.yaml:');
    for (const part of parts) expect(ended.stderr).toContain(part);
    expect(await runsOf(folder, 'only')).toEqual([]);
  });
});

describe('a dataset that cannot be used', () => {
  const refused = async (root: string, parts: readonly string[]): Promise<void> => {
    writeConfig(folder, 'dataset', config(root));
    const ended = await scrkd(folder, 'run', 'dataset.scrkd.yaml');
    expect(ended.code).toBe(exitCodes.invalidInput);
    for (const part of parts) expect(ended.stderr).toContain(part);
  };

  test('missing', () => refused('./nowhere', ['nowhere']));
  test('empty', () => {
    mkdirSync(join(folder, 'empty'));
    return refused('./empty', ['empty']);
  });
  test('unpaired', () => {
    const copy = scenesCopy('unpaired');
    for (const name of readdirSync(join(copy, 'labels')).slice(0, 9)) rmSync(join(copy, 'labels', name));
    return refused('./unpaired', ['mask']);
  });
});

test('a corrupt image is skipped, counted and reported; the epoch is as long as ever', async () => {
  const copy = scenesCopy('damaged');
  damage(join(copy, 'images/train-0003.jpg'));
  writeConfig(folder, 'damaged', config('./damaged', ', stopAfterUnreadable: 0.2').replace('experiment: bad', 'experiment: damaged'));
  const ended = await scrkd(folder, 'run', 'damaged.scrkd.yaml');
  expect(ended.code).toBe(exitCodes.ok);
  expect(ended.stdout).toContain('train-0003');
  const run = await newestRun(folder, 'only');
  const steps = await eventsOfType(run, 'step');
  expect(steps).toHaveLength(6);
  expect(steps.reduce((sum, { skipped }) => sum + skipped, 0)).toBeGreaterThan(0);
  expect(steps.some(({ batch }) => batch.samples.includes('train-0003'))).toBe(false);
});

test('too many corrupt images end the run, with what was done kept', async () => {
  const copy = scenesCopy('rotten');
  for (const id of ['0001', '0004', '0006']) damage(join(copy, `images/train-${id}.jpg`));
  writeConfig(folder, 'rotten', config('./rotten', ', stopAfterUnreadable: 0.1').replace('experiment: bad', 'experiment: rotten'));
  const ended = await scrkd(folder, 'run', 'rotten.scrkd.yaml');
  expect(ended.code).toBe(exitCodes.invalidInput);
  const run = await newestRun(folder, 'only');
  expect(run.state).toMatchObject({ state: 'failed', error: { reason: 'too-many-unreadable' } });
});

test('a checkpoint of another architecture is refused by name and shape', async () => {
  writeConfig(folder, 'first', config('./data').replace('experiment: bad', 'experiment: first').replace('resolution: 32', 'resolution: 64'));
  expect((await scrkd(folder, 'run', 'first.scrkd.yaml')).code).toBe(exitCodes.ok);
  copyFileSync((await newestRun(folder, 'only')).folder.checkpoint('last'), join(folder, 'teacher.safetensors'));
  const given = (model: string) => `
version: 1
experiment: given
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: ${model}, resolution: 64, checkpoint: ./teacher.safetensors }
  student: { model: ${smallModel}, resolution: 32, distill: { from: teacher, method: scrkd } }
training: { epochs: 1, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 1, every: 1000 }
`;
  writeConfig(folder, 'given', given(smallModel));
  expect((await scrkd(folder, 'run', 'given.scrkd.yaml')).code).toBe(exitCodes.ok);
  writeConfig(folder, 'given', given('{ name: pspnet, backbone: resnet18, width: 0.25 }'));
  const ended = await scrkd(folder, 'run', 'given.scrkd.yaml');
  expect(ended.code).toBe(exitCodes.invalidInput);
  expect(ended.stderr).toContain('teacher.safetensors');
});

test('a full disk ends the run with a message; what is on the disk stays readable', async () => {
  writeConfig(folder, 'full', config('./data').replace('experiment: bad', 'experiment: full').replace('epochs: 2', 'epochs: 50'));
  const { execFile } = await import('node:child_process');
  // A limit on file sizes is met as a full disk: a checkpoint of this network does not fit, the event log does.
  const ended = await new Promise<{ code: number; stderr: string }>((resolve) =>
    execFile('bash', ['-c', `ulimit -f 1500; exec "${process.execPath}" "${join(import.meta.dirname, '../../dist/cli.js')}" run full.scrkd.yaml`], { cwd: folder, env: { ...process.env, SCRKD_CACHE: join(folder, 'cache') } }, (error, _stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stderr })),
  );
  expect(ended.code).toBe(exitCodes.storage);
  expect(ended.stderr).toContain('full');
  const run = await newestRun(folder, 'only');
  expect((await eventsOf(run)).length).toBeGreaterThan(3);
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be written is refused by name', async () => {
  mkdirSync(join(folder, 'locked'));
  chmodSync(join(folder, 'locked'), 0o500);
  const ended = await scrkd(folder, 'run', 'first.scrkd.yaml', '--runs', join(folder, 'locked'), '--retrain');
  expect(ended.code).toBe(exitCodes.storage);
  expect(ended.stderr).toContain('locked');
});
