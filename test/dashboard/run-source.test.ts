import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { column } from '../../src/extension/dashboard/run-record.ts';
import { RunSource } from '../../src/extension/dashboard/run-source.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { makeRealisticRun } from '../runs/support/realistic-run.ts';
import { temporaryFolder } from '../runs/support/temporary-folder.ts';

const weights = { mvcd: 1, msfd: 1, dsd: 10 };

describe('reading a run again and again', () => {
  it('gives the numbers of the log, however it grew meanwhile', async () => {
    const folder = makeRealisticRun(temporaryFolder(), { weights, epochs: 4, stepsPerEpoch: 10 });
    const whole = readFileSync(folder.events);
    const source = new RunSource(folder);
    // Cut anywhere, lines included: a torn line is read when it is whole.
    for (let size = 0; size < whole.length; size += 3_333) {
      writeFileSync(folder.events, whole.subarray(0, size));
      await source.follow();
    }
    writeFileSync(folder.events, whole);
    await source.follow();
    const steps = (await readEvents(folder)).events.filter((event) => event.type === 'step');
    expect(source.run?.record.steps.step).toEqual(steps.map(({ step }) => step));
    expect(source.run?.record.steps.column('dsd')).toEqual(steps.map(({ terms }) => terms['dsd']));
    expect(source.run?.figures).toMatchObject([{ kind: 'final', split: 'test', protocol: 'scrkd448' }, { kind: 'best', split: 'validation' }]);
  });

  it('reads only what was added', async () => {
    const folder = makeRealisticRun(temporaryFolder(), { weights, epochs: 2, stepsPerEpoch: 10 });
    const source = new RunSource(folder);
    await source.follow();
    // What was read is not looked at again: damage there changes nothing.
    const bytes = readFileSync(folder.events);
    const line = bytes.toString().split('\n').find((text) => text.includes('"type":"step"'))!;
    const next = `${line.replace(/"step":1,/, '"step":21,')}\n`;
    writeFileSync(folder.events, Buffer.concat([Buffer.alloc(bytes.length, 'x'), Buffer.from(next)]));
    const before = source.version;
    await source.follow();
    expect(source.version).toBe(before + 1);
    expect(source.run?.record.steps.step.at(-1)).toBe(21);
    expect(source.run?.unread.damaged).toBe(0);
  });

  it('begins anew with a log that became shorter', async () => {
    const folder = makeRealisticRun(temporaryFolder(), { weights, epochs: 2, stepsPerEpoch: 10 });
    const source = new RunSource(folder);
    await source.follow();
    truncateSync(folder.events, Math.floor(statSync(folder.events).size / 2));
    await source.follow();
    expect(source.run?.record.steps.length).toBeLessThan(20);
    expect(source.run?.record.steps.length).toBeGreaterThan(3);
  });

  it('shows the epochs before the log is read, and the same means after', async () => {
    const folder = makeRealisticRun(temporaryFolder(), { weights, epochs: 3, stepsPerEpoch: 10 });
    const source = new RunSource(folder);
    await source.glance();
    const first = [...source.run!.record.epochs.column(column.total)];
    expect(source.run).toMatchObject({ complete: false });
    expect(first).toHaveLength(3);
    await source.follow();
    expect(source.run!.record.epochs.column(column.total)).toEqual(first);
  });

  it('says how many lines it could not read, and what is wrong with a folder', async () => {
    const folder = makeRealisticRun(temporaryFolder(), { epochs: 1, stepsPerEpoch: 5 });
    appendFileSync(folder.events, '{"v":1,"seq":99,"attempt":1,"time":"2026-01-01T00:00:00Z","type":"thought"}\nnot json\n{"v":9,"type":"step"}\n');
    const source = new RunSource(folder);
    await source.follow();
    expect(source.run?.unread).toEqual({ newer: 2, damaged: 1 });
    writeFileSync(folder.state, '{');
    await source.follow();
    expect(source.problem).toContain('state.json');
  });
});
