/** Real processes, killed at any moment or out of disk space: what they leave is read, and gone on with. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { mergeAttempts } from '../../src/protocol/attempts.ts';
import { openNewestCheckpoint } from '../../src/runs/checkpoints.ts';
import { standingOf } from '../../src/runs/liveness.ts';
import { openRunFolder, readEvents, readState } from '../../src/runs/read-run.ts';
import type { RunFolder } from '../../src/runs/run-folder.ts';
import { RunWriter } from '../../src/runs/run-writer.ts';
import { bundleChild, startChild } from './support/child.ts';
import { exampleManifest, exampleStep, exampleTensors } from './support/example-run.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const trainer = bundleChild('train');
const dier = bundleChild('die-in-checkpoint');
const filler = bundleChild('fill-disk');

async function newRun(): Promise<RunFolder> {
  using writer = RunWriter.create(temporaryFolder(), exampleManifest());
  writer.append(exampleStep(1));
  await writer.checkpoints.write({ kinds: ['last'], epoch: 0, step: 1, training: {}, tensors: exampleTensors(1) });
  return writer.folder;
}

const unfinished = (folder: RunFolder): string[] => [...readdirSync(folder.path), ...readdirSync(folder.checkpoints)].filter((name) => name.endsWith('.tmp'));

/** The step of the newest checkpoint, after a look at every value in it: each is that of one and the same step. */
async function checkpointStep(folder: RunFolder): Promise<number> {
  const { checkpoint, rejected } = await openNewestCheckpoint(folder);
  expect(rejected).toEqual([]);
  expect(checkpoint?.name).toBe('last');
  const { data } = await checkpoint!.tensors.read('conv1.weight');
  await checkpoint!.tensors.close();
  expect(new Set(data as Float32Array)).toEqual(new Set([checkpoint!.info.step]));
  return checkpoint!.info.step;
}

describe('kill -9', () => {
  test('in the middle of writing a checkpoint leaves the one before', async () => {
    const folder = await newRun();
    const child = startChild(dier, { arguments: [folder.path] });
    await child.ended();
    expect(child.process.signalCode).toBe('SIGKILL');
    expect(unfinished(folder)).toHaveLength(1);
    expect(await checkpointStep(folder)).toBe(1);
    expect(standingOf(readState(folder))).toBe('interrupted');
    (await RunWriter.open(folder.path)).close();
    expect(unfinished(folder)).toEqual([]);
  });

  test('at 15 random moments loses no event and no checkpoint', async () => {
    const folder = await newRun();
    const random = new Random('kill moments');
    for (let round = 0; round < 15; round++) {
      const child = startChild(trainer, { arguments: [folder.path] });
      expect(await child.line()).toBe('running');
      await expect(RunWriter.open(folder.path)).rejects.toMatchObject({ reason: 'locked' });
      await sleep(random.between(0, 120));
      await child.kill();
      const { events, damaged } = await readEvents(openRunFolder(folder.path));
      expect(damaged).toBe(0);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
      const steps = mergeAttempts(events).flatMap((event) => (event.type === 'step' ? [event.step] : []));
      expect(steps).toEqual(steps.map((_, i) => i + 1));
      const reported = events.findLast((event) => event.type === 'checkpoint');
      const step = await checkpointStep(folder);
      // Killed between the rename and the event, the checkpoint is one ahead of the log's last word on it, never behind.
      expect(step).toBeGreaterThanOrEqual(reported?.type === 'checkpoint' ? reported.step : 1);
      expect(step).toBeLessThanOrEqual(steps.length);
      expect(standingOf(readState(folder))).toBe('interrupted');
    }
    const { events } = await readEvents(folder);
    expect(events.at(-1)!.attempt).toBe(16);
  });
});

test.skipIf(!existsSync('/bin/bash'))('a full disk is named, and loses nothing', async () => {
  const folder = await newRun();
  // 32 KiB a file: the system then takes a part of a write first and refuses the rest, as a full disk does.
  const output = execFileSync('/bin/bash', ['-c', 'ulimit -f 32; exec "$0" "$@"', process.execPath, filler, folder.path], { encoding: 'utf8' });
  const { step, reasons } = JSON.parse(output) as { step: number; reasons: string[] };
  expect(reasons.slice(0, 3)).toEqual(['disk-full events.jsonl', 'disk-full events.jsonl', 'disk-full checkpoints/last.safetensors']);
  expect(step).toBeGreaterThan(10);
  expect(unfinished(folder)).toEqual([]);
  expect(await checkpointStep(folder)).toBe(1);
  const { events, damaged } = await readEvents(folder);
  expect(damaged).toBe(0);
  expect(events.filter((event) => event.type === 'step' && event.attempt === 2)).toHaveLength(step);
  expect(readState(folder)).toMatchObject({ state: 'failed', error: { reason: 'disk-full' } });
  // With space again, writing goes on.
  using writer = await RunWriter.open(folder.path);
  expect(writer.append(exampleStep(step + 1)).seq).toBe(events.length);
});
