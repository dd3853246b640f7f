import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { readState } from '../../src/runs/read-run.ts';
import { captureFiles } from '../../src/runs/captures.ts';
import { endlessPair, eventsOfType, makeScenes, newestRun, scratchFolder, scrkd, start, until, untilRun, untilStep, writeConfig, type Started } from './support.ts';
import type { ReadableRun } from '../../src/runs/list-runs.ts';

const folder = scratchFolder();
const config = endlessPair('controlled');

let started: Started;
let run: ReadableRun;
const control = async (...args: string[]) => scrkd(folder, 'control', run.folder.path, ...args);

beforeAll(async () => {
  await makeScenes(folder, 16, 4);
  writeConfig(folder, 'controlled', config);
  started = start(folder, 'run', 'controlled.scrkd.yaml');
  run = await untilRun(folder, 'student');
  await untilStep(run, 3);
});

describe('a running trainer', () => {
  test('takes a loss weight and a learning rate while it runs: each later total is the new weighted sum', async () => {
    const answered = await control('set', 'dsd=2.5', 'learningRate=0.0005');
    expect(answered.code).toBe(exitCodes.ok);
    const [answer] = (await eventsOfType(run, 'control')).filter(({ verb }) => verb === 'set');
    await untilStep(run, answer!.step + 5);
    for (const { step, terms, weights, total, learningRate } of await eventsOfType(run, 'step')) {
      const changed = step > answer!.step;
      expect(weights['dsd']).toBe(changed ? 2.5 : 10);
      expect(learningRate).toBe(changed ? 0.0005 : 0.001);
      const sum = terms['sod']! + terms['mvcd']! + terms['msfd']! + weights['dsd']! * terms['dsd']!;
      expect(Math.abs(total - sum)).toBeLessThan(1e-4 * sum);
    }
  });

  test('pauses, says so, does no step meanwhile, and goes on', async () => {
    expect((await control('pause')).code).toBe(exitCodes.ok);
    expect(readState(run.folder).state).toBe('paused');
    const steps = (await eventsOfType(run, 'step')).length;
    const twice = await control('pause');
    expect(twice.code).toBe(exitCodes.failed);
    expect(twice.stdout).toContain('paused already');
    expect((await eventsOfType(run, 'step')).length).toBe(steps);
    expect((await control('resume')).code).toBe(exitCodes.ok);
    await untilStep(run, steps + 2);
    expect(readState(run.folder).state).toBe('running');
  });

  test('captures on request', async () => {
    const before = (await eventsOfType(run, 'capture')).length;
    expect((await control('capture')).code).toBe(exitCodes.ok);
    await until('a capture', async () => ((await eventsOfType(run, 'capture')).length > before ? true : undefined));
    expect(captureFiles(run.folder).length).toBeGreaterThan(0);
  });

  test('refuses what it does not understand, and keeps running', async () => {
    expect((await control('explode')).code).toBe(exitCodes.usage);
    const ofNoTerm = await control('set', 'gamma=1');
    expect(ofNoTerm.code).toBe(exitCodes.failed);
    expect(ofNoTerm.stdout).toContain('mvcd, msfd, dsd');
    expect((await control('set', 'dsd=-1')).code).toBe(exitCodes.usage);
    expect(readState(run.folder).state).toBe('running');
  });

  test.skipIf(process.platform !== 'linux')('stays flat in memory over two hundred steps', async () => {
    const resident = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${started.process.pid}/status`, 'utf8'))![1]) / 1024;
    const from = (await eventsOfType(run, 'step')).at(-1)!.step;
    await untilStep(run, from + 20);
    const before = resident();
    await untilStep(run, from + 220);
    expect((resident()) - before).toBeLessThan(48); // MiB; a leak of one activation a step would be hundreds
  });

  test('a second launch waits for the device, visibly', async () => {
    writeConfig(folder, 'second', config.replace('experiment: controlled', 'experiment: second').replace('epochs: 2000', 'epochs: 1').replace('resolution: 32, ', 'resolution: 32, training: { seed: 3 }, '));
    const second = start(folder, 'run', 'second.scrkd.yaml', '--stage', 'student');
    const queued = await until('a queued run', async () => {
      const newest = await newestRun(folder, 'student');
      return newest.manifest.experiment === 'second' && newest.state.state === 'queued' && newest.state.queue !== undefined ? newest : undefined;
    });
    expect(queued.state.queue).toMatchObject({ device: 'cpu', ahead: 1 });
    second.process.kill('SIGINT');
    expect((await second.ended).code).toBe(exitCodes.stopped);
  });

  test('Ctrl-C once: a checkpoint, then the end; resume goes on with the changed weight', async () => {
    started.process.kill('SIGINT');
    const ended = await started.ended;
    expect(ended.code).toBe(exitCodes.stopped);
    expect(ended.stderr).toContain('scrkd resume');
    const stoppedAt = (await eventsOfType(run, 'step')).at(-1)!.step;
    expect((await eventsOfType(run, 'checkpoint')).at(-1)).toMatchObject({ name: 'last', step: stoppedAt });
    expect(readState(run.folder).state).toBe('stopped');
    const resumed = start(folder, 'resume', run.folder.path);
    await until('a second attempt', async () => Promise.resolve(readState(run.folder).attempt === 2 ? true : undefined));
    await untilStep(run, stoppedAt + 2);
    expect((await scrkd(folder, 'control', run.folder.path, 'stop-now')).code).toBe(exitCodes.ok);
    expect((await resumed.ended).code).toBe(exitCodes.stopped);
    const steps = await eventsOfType(run, 'step');
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1));
    expect(steps.at(-1)!.weights['dsd']).toBe(2.5);
  });
});
