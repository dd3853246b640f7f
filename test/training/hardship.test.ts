/** What happens to a training when the disk fills up, may not be written, or the dataset vanishes; and that it ends as if nothing had happened. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { listRuns, type ReadableRun } from '../../src/runs/list-runs.ts';
import { eventsOf, makeScenes, newestRun, scratchFolder, scrkd, smallModel, start, stateHash, untilRun, untilStep, writeConfig } from './support.ts';

const folder = scratchFolder();
const commandLine = join(import.meta.dirname, '../../dist/cli.js');
const config = (name: string, epochs: number): string => `
version: 1
experiment: ${name}
dataset: { root: ./data, validation: none }
stages:
  only: { model: ${smallModel}, resolution: 32 }
training: { epochs: ${epochs}, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 1, every: 1 }
`;
let expected: string;

beforeAll(async () => {
  await makeScenes(folder, 12, 4);
  writeConfig(folder, 'unbroken', config('unbroken', 6));
  expect((await scrkd(folder, 'run', 'unbroken.scrkd.yaml')).code).toBe(exitCodes.ok);
  expected = await stateHash(await newestRun(folder, 'only'));
});

/** A file system of one's own needs a mount namespace, which containers and some systems refuse. */
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

/** Runs a shell script in which `disk` is a small file system in memory and `scrkd` the command line; what is in `disk` at the end is copied to `kept`. */
function onSmallDisk(size: string, script: string, kept: string): Promise<{ stdout: string; stderr: string }> {
  mkdirSync(join(folder, 'disk'), { recursive: true });
  const whole = `scrkd() { "${process.execPath}" "${commandLine}" "$@"; }\nmount -t tmpfs -o size=${size} none disk\n${script}\ncp -r disk/. "${kept}"`;
  return new Promise((resolve) => {
    execFile('unshare', ['-rm', 'bash', '-c', whole], { cwd: folder, env: { ...process.env, SCRKD_CACHE: join(folder, 'cache') } }, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

async function onlyRun(runs: string): Promise<ReadableRun> {
  const [run, ...others] = await listRuns(join(folder, runs));
  expect(others).toEqual([]);
  if (run === undefined || 'problem' in run) throw new Error(run?.problem.message ?? 'no run');
  return run;
}

describe.skipIf(!canMount)('a file system of its own', () => {
  test('that fills up ends the run with a message; with room again it is resumed to bit-equal weights', async () => {
    writeConfig(folder, 'full', config('full', 6));
    mkdirSync(join(folder, 'full'));
    // Room for a checkpoint and a half: the second one does not fit beside the first.
    const script = `
scrkd run full.scrkd.yaml --runs disk; echo "code $?"
cp -r disk/. full
mount -o remount,size=200m disk
scrkd resume disk/full/*/; echo "code $?"`;
    mkdirSync(join(folder, 'full-resumed'));
    const { stdout, stderr } = await onSmallDisk('3m', script, 'full-resumed');
    expect(stdout.match(/^code \d+$/gm)).toEqual([`code ${exitCodes.storage}`, 'code 0']);
    expect(stderr).toContain('full');
    const before = await onlyRun('full');
    expect((await eventsOf(before)).length).toBeGreaterThan(2);
    const after = await onlyRun('full-resumed');
    expect(after.state.state).toBe('finished');
    expect(await stateHash(after)).toBe(expected);
  });

  test('that may not be written is named before anything is trained', async () => {
    mkdirSync(join(folder, 'read-only'));
    const { stdout, stderr } = await onSmallDisk('1m', `mount -o remount,ro disk\nscrkd run unbroken.scrkd.yaml --runs disk --retrain; echo "code $?"`, 'read-only');
    expect(stdout).toContain(`code ${exitCodes.storage}`);
    expect(stderr).toMatch(/disk.*may not be written/);
    expect(await listRuns(join(folder, 'read-only'))).toEqual([]);
  });
});

test('a dataset that vanishes ends the run with its name; when it is back the run is resumed to bit-equal weights', async () => {
  writeConfig(folder, 'vanishing', config('vanishing', 6).replace('root: ./data', 'root: ./vanishing'));
  const data = join(folder, 'data');
  const place = join(folder, 'vanishing');
  renameSync(data, place);
  const started = start(folder, 'run', 'vanishing.scrkd.yaml', '--runs', 'vanishing-runs');
  const run = await untilRun(folder, 'only', 'vanishing-runs');
  await untilStep(run, 2);
  renameSync(place, data);
  const { code, stderr } = await started.ended;
  expect([code, stderr]).toEqual([exitCodes.invalidInput, expect.stringContaining('vanishing')]);
  const failed = await onlyRun('vanishing-runs');
  expect(failed.state.state).toBe('failed');
  expect((await scrkd(folder, 'resume', run.folder.path)).stderr).toContain('does not exist');
  renameSync(data, place);
  expect((await scrkd(folder, 'resume', run.folder.path)).code).toBe(exitCodes.ok);
  expect(await stateHash(await onlyRun('vanishing-runs'))).toBe(expected);
  expect(existsSync(run.folder.metrics)).toBe(true);
  renameSync(place, data);
});
