import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkpointNames, openCheckpoint, openNewestCheckpoint } from '../../src/runs/checkpoints.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { RunWriter } from '../../src/runs/run-writer.ts';
import { exampleManifest, exampleTensors } from './support/example-run.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

async function writtenRun(): Promise<RunWriter> {
  const writer = RunWriter.create(temporaryFolder(), exampleManifest());
  for (const epoch of [1, 2, 3]) {
    await writer.checkpoints.write({ kinds: epoch === 2 ? ['last', 'best', 'epoch'] : ['last', 'epoch'], epoch, step: epoch * 10, training: { position: epoch }, tensors: exampleTensors(epoch) });
  }
  return writer;
}

async function stepOf(writer: RunWriter): Promise<{ name: string; step: number; rejected: number } | undefined> {
  const { checkpoint, rejected } = await openNewestCheckpoint(writer.folder);
  if (checkpoint === undefined) return undefined;
  await checkpoint.tensors.close();
  return { name: checkpoint.name, step: checkpoint.info.step, rejected: rejected.length };
}

describe('checkpoints', () => {
  test('are written under the names of their kinds, and come back', async () => {
    using writer = await writtenRun();
    expect(checkpointNames(writer.folder)).toEqual(['best', 'epoch-0001', 'epoch-0002', 'epoch-0003', 'last', 'previous']);
    for (const [name, epoch] of [['last', 3], ['previous', 2], ['best', 2], ['epoch-0001', 1]] as const) {
      const { info, tensors } = await openCheckpoint(writer.folder, name);
      expect(info).toEqual({ v: 1, run: writer.manifest.id, stage: 'student', epoch, step: epoch * 10, training: { position: epoch } });
      expect((await tensors.read('conv1.weight')).data).toEqual(new Float32Array(1000).fill(epoch));
      await tensors.close();
    }
    const { events } = await readEvents(writer.folder);
    const reported = events.filter((event) => event.type === 'checkpoint');
    expect(reported.map(({ name, kind }) => [name, kind])).toEqual([['last', 'last'], ['epoch-0001', 'epoch'], ['last', 'last'], ['best', 'best'], ['epoch-0002', 'epoch'], ['last', 'last'], ['epoch-0003', 'epoch']]);
    const file = readFileSync(writer.folder.checkpoint('last'));
    expect(reported.at(-2)).toMatchObject({ file: 'checkpoints/last.safetensors', bytes: file.length, sha256: createHash('sha256').update(file).digest('hex') });
  });

  test('equal names share one file on the disk', async () => {
    using writer = await writtenRun();
    expect(statSync(writer.folder.checkpoint('best')).ino).toBe(statSync(writer.folder.checkpoint('epoch-0002')).ino);
  });

  test('the same kinds in any order', async () => {
    using writer = RunWriter.create(temporaryFolder(), exampleManifest());
    for (const step of [1, 2]) await writer.checkpoints.write({ kinds: ['best', 'last'], epoch: 1, step, training: {}, tensors: exampleTensors(step) });
    expect(checkpointNames(writer.folder)).toEqual(['best', 'last', 'previous']);
    expect(await stepOf(writer)).toEqual({ name: 'last', step: 2, rejected: 0 });
    truncateSync(writer.folder.checkpoint('last'), 100); // shares its file with `best`
    expect(await stepOf(writer)).toEqual({ name: 'previous', step: 1, rejected: 1 });
  });

  test('any damage is found, and the newest good one is taken', async () => {
    using writer = await writtenRun();
    const last = writer.folder.checkpoint('last');
    const whole = readFileSync(last);
    rmSync(last); // shares its file with epoch-0003
    const damages: Buffer[] = [Buffer.alloc(0), whole.subarray(0, 5), whole.subarray(0, 300), whole.subarray(0, whole.length - 1), Buffer.concat([whole, Buffer.alloc(1)])];
    for (const at of [0, 20, whole.length >> 1, whole.length - 1]) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1;
      damages.push(flipped);
    }
    for (const damaged of damages) {
      writeFileSync(last, damaged);
      await expect(openCheckpoint(writer.folder, 'last')).rejects.toMatchObject({ reason: 'corrupt', path: last });
      expect(await stepOf(writer)).toEqual({ name: 'previous', step: 20, rejected: 1 });
    }
    rmSync(writer.folder.checkpoint('previous'));
    expect(await stepOf(writer)).toEqual({ name: 'epoch-0003', step: 30, rejected: 1 });
    rmSync(writer.folder.checkpoints, { recursive: true });
    expect(await stepOf(writer)).toBeUndefined();
    await expect(openCheckpoint(writer.folder, 'last')).rejects.toMatchObject({ reason: 'missing' });
  });

  test('one that cannot be written leaves the others and no rest', async () => {
    using writer = await writtenRun();
    const before = checkpointNames(writer.folder).map((name) => readFileSync(writer.folder.checkpoint(name)).toString('latin1'));
    const failing = { name: 'x', dtype: 'F32', shape: [2], data: () => Promise.reject(new Error('engine gone')) } as const;
    await expect(writer.checkpoints.write({ kinds: ['last', 'best'], epoch: 4, step: 40, training: {}, tensors: [...exampleTensors(4), failing] })).rejects.toThrow('engine gone');
    expect(checkpointNames(writer.folder).map((name) => readFileSync(writer.folder.checkpoint(name)).toString('latin1'))).toEqual(before);
    expect(readdirSync(writer.folder.checkpoints).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('prune removes epochs only', async () => {
    using writer = await writtenRun();
    writer.checkpoints.prune((epoch) => epoch === 2);
    expect(checkpointNames(writer.folder)).toEqual(['best', 'epoch-0002', 'last', 'previous']);
  });
});
