import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import type { ReadableRun } from '../../src/runs/list-runs.ts';
import { eventsOf, eventsOfType, makeScenes, newestRun, scratchFolder, scrkd, smallModel, stateHash, trainAgain, untilStep, writeConfig } from './support.ts';

const folder = scratchFolder();
const config = (name: string) => `
version: 1
experiment: ${name}
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: ${smallModel}, resolution: 64, training: { epochs: 1 } }
  student: { model: ${smallModel}, resolution: 32, distill: { from: teacher, method: scrkd } }
training: { epochs: 4, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 1, every: 2 }
`;

let unbroken: ReadableRun;

beforeAll(async () => {
  await makeScenes(folder, 24, 4);
  writeConfig(folder, 'unbroken', config('unbroken'));
  expect((await scrkd(folder, 'run', 'unbroken.scrkd.yaml')).code).toBe(exitCodes.ok);
  unbroken = await newestRun(folder, 'student');
});

/** Starts another training of the very same student, and waits for its run. */
const startAgain = (): ReturnType<typeof trainAgain> => trainAgain(folder, 'unbroken', 'student');

/** A second training of the very same student, that is killed with the given number of steps done. */
async function killedRun(atStep: number): Promise<ReadableRun> {
  const { started, run } = await startAgain();
  await untilStep(run, atStep);
  started.process.kill('SIGKILL');
  expect((await started.ended).signal).toBe('SIGKILL');
  return run;
}

describe('a trainer killed with SIGKILL', () => {
  test('in the middle of an epoch resumes to bit-equal weights', async () => {
    const run = await killedRun(9); // 6 steps an epoch
    const before = (await eventsOf(run)).length;
    const resumed = await scrkd(folder, 'resume', run.folder.path);
    expect(resumed.stderr).toBe('');
    expect(resumed.code).toBe(exitCodes.ok);
    const events = await eventsOf(run);
    expect(before).toBeGreaterThan(0);
    expect(events.find(({ type }) => type === 'resume')).toMatchObject({ step: 6, epoch: 1, checkpoint: 'last' });
    const steps = await eventsOfType(run, 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(steps.map(({ total }) => total)).toEqual((await eventsOfType(unbroken, 'step')).map(({ total }) => total));
    expect(await stateHash(run)).toBe(await stateHash(unbroken));
    expect((await eventsOfType(run, 'epoch')).map(({ total }) => total)).toEqual((await eventsOfType(unbroken, 'epoch')).map(({ total }) => total));
  });

  test('with its last checkpoint damaged it goes on from the one before', async () => {
    const run = await killedRun(15);
    const last = run.folder.checkpoint('last');
    truncateSync(last, statSync(last).size - 1000);
    expect((await scrkd(folder, 'resume', run.folder.path)).code).toBe(exitCodes.ok);
    const events = await eventsOf(run);
    expect(events.find(({ type }) => type === 'resume')).toMatchObject({ step: 6, checkpoint: 'previous' });
    expect(events.some((event) => event.type === 'log' && event.reason === 'checkpoint-damaged')).toBe(true);
    expect(await stateHash(run)).toBe(await stateHash(unbroken));
  });
});

test('a run of a live process is not touched', async () => {
  const { started, run } = await startAgain();
  const refused = await scrkd(folder, 'resume', run.folder.path);
  expect(refused.code).toBe(exitCodes.locked);
  expect(refused.stderr).toContain(String(started.process.pid));
  started.process.kill('SIGKILL');
  await started.ended;
});

test('a finished run is not resumed, and a folder without run.json is no run', async () => {
  const finished = await scrkd(folder, 'resume', unbroken.folder.path);
  expect(finished.code).toBe(exitCodes.invalidInput);
  expect(finished.stderr).toContain('has finished');
  expect((await scrkd(folder, 'resume', folder)).stderr).toContain('run.json');
});

test('a run whose dataset has changed is not continued as if nothing were', async () => {
  const run = await killedRun(3);
  const list = `${folder}/data/train.txt`;
  const before = readFileSync(list, 'utf8');
  writeFileSync(list, before.split('\n').slice(1).join('\n'));
  const refused = await scrkd(folder, 'resume', run.folder.path);
  writeFileSync(list, before);
  expect(refused.code).toBe(exitCodes.invalidInput);
  expect(refused.stderr).toContain('has changed');
});
