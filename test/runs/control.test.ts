import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ControlEvent } from '../../src/protocol/events.ts';
import { sendControl } from '../../src/runs/control.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { RunWriter } from '../../src/runs/run-writer.ts';
import { exampleManifest } from './support/example-run.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const newRun = (): RunWriter => RunWriter.create(temporaryFolder(), exampleManifest());

async function answers(writer: RunWriter): Promise<ControlEvent[]> {
  return (await readEvents(writer.folder)).events.filter((event) => event.type === 'control');
}

describe('control', () => {
  test('requests are answered once, in the order they were sent, and deleted', async () => {
    using writer = newRun();
    expect(writer.control.poll(1)).toEqual([]);
    const set = sendControl(writer.folder, { verb: 'set', args: { dsd: 5 } });
    const pause = sendControl(writer.folder, { verb: 'pause', args: {} });
    const pending = writer.control.poll(7);
    expect(pending.map(({ request }) => [request.id, request.verb])).toEqual([[set, 'set'], [pause, 'pause']]);
    pending[0]!.accept();
    pending[1]!.reject('already paused');
    pending[1]!.accept(); // too late
    expect(writer.control.poll(8)).toEqual([]);
    expect(readdirSync(writer.folder.control)).toEqual([]);
    expect(await answers(writer)).toMatchObject([
      { id: set, verb: 'set', args: { dsd: 5 }, outcome: 'accepted', step: 7 },
      { id: pause, verb: 'pause', args: {}, outcome: 'rejected', reason: 'already paused', step: 7 },
    ]);
  });

  test('a request that was answered before a crash is only deleted', async () => {
    const writer = newRun();
    const id = sendControl(writer.folder, { verb: 'set', args: { dsd: 5 } });
    const file = writer.folder.controlRequest(id);
    const text = readFileSync(file);
    writer.control.poll(1)[0]!.accept();
    writer.close();
    writeFileSync(file, text); // killed between the event and the deletion
    using next = await RunWriter.open(writer.folder.path);
    expect(next.control.poll(1)).toEqual([]);
    expect(readdirSync(next.folder.control)).toEqual([]);
    expect(await answers(next)).toHaveLength(1);
  });

  test('a stop for a killed process does not stop the next one; a change is kept for it', async () => {
    const writer = newRun();
    const stop = sendControl(writer.folder, { verb: 'stop', args: {} });
    const set = sendControl(writer.folder, { verb: 'set', args: { mvcd: 0 } });
    writer.close();
    using next = await RunWriter.open(writer.folder.path);
    expect(next.control.poll(1).map(({ request }) => request.id)).toEqual([set]);
    expect(await answers(next)).toMatchObject([{ id: stop, outcome: 'rejected' }]);
  });

  test('what cannot be read is rejected with its reason and removed; unfinished files wait', async () => {
    using writer = newRun();
    const put = (name: string, text: string): void => writeFileSync(join(writer.folder.control, name), text);
    put('nonsense.json', '{');
    put('01ARZ3NDEKTSV4RRFFQ69G5FAV.json', '{"v":1,"id":"01ARZ3NDEKTSV4RRFFQ69G5FAW","verb":"stop","args":{}}');
    put('large.json', ' '.repeat(100_000));
    put('newer.json', '{"v":2}');
    put('.01ARZ3NDEKTSV4RRFFQ69G5FAX.json.tmp', '{"v":1');
    mkdirSync(writer.folder.controlRequest('folder'));
    expect(writer.control.poll(3)).toEqual([]);
    const reasons = Object.fromEntries((await answers(writer)).map(({ id, outcome, reason }) => [id, `${outcome}: ${reason ?? ''}`]));
    expect(reasons).toEqual({
      '01ARZ3NDEKTSV4RRFFQ69G5FAV': 'rejected: names itself 01ARZ3NDEKTSV4RRFFQ69G5FAW',
      folder: expect.stringContaining('rejected: ') as string,
      large: 'rejected: has 100000 bytes, at most 65536 are allowed',
      newer: 'rejected: was written by a newer SCRKD (version 2)',
      nonsense: 'rejected: is not JSON',
    });
    expect(readdirSync(writer.folder.control)).toEqual(['.01ARZ3NDEKTSV4RRFFQ69G5FAX.json.tmp']);
  });

  test('nobody is asked who would not answer', () => {
    const writer = newRun();
    writer.setState('finished');
    writer.close();
    expect(() => sendControl(writer.folder, { verb: 'pause', args: {} })).toThrow(expect.objectContaining({ reason: 'not-running' }));
  });
});
