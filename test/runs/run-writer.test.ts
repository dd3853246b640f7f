import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { listRuns } from '../../src/runs/list-runs.ts';
import { isAlive, standingOf } from '../../src/runs/liveness.ts';
import { openRunFolder, readEpochs, readEvents, readManifest, readMetrics, readNotes, readState } from '../../src/runs/read-run.ts';
import { fileNameFor } from '../../src/runs/run-folder.ts';
import { RunWriter, writeNotes } from '../../src/runs/run-writer.ts';
import { bundleChild, startChild } from './support/child.ts';
import { exampleManifest, exampleStep } from './support/example-run.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const opener = bundleChild('open-run');

const summary = { epoch: 1, step: 10, terms: { sod: 1 }, total: 1, learningRate: 1e-3, seconds: 9, imagesPerSecond: 3, memoryBytes: 1e9, metrics: { 'validation/pysod': { mae: 0.1 } } };

describe('a run folder', () => {
  test('is created whole, written and read', async () => {
    const runs = temporaryFolder();
    const writer = RunWriter.create(runs, exampleManifest());
    expect(writer.folder.path).toBe(join(runs, 'orssd-pspnet', `student-${writer.manifest.id}`));
    expect(readState(writer.folder)).toMatchObject({ state: 'queued', attempt: 1, pid: process.pid });
    writer.setState('running', { reason: 'device free' });
    writer.append(exampleStep(1));
    writer.appendEpoch(summary);
    writer.progress({ epoch: 1, epochs: 3, step: 1, stepsPerEpoch: 10, eta: 20 });
    writer.writeMetrics([{ protocol: 'pysod', split: 'test', checkpoint: 'best', epoch: 1, images: 2, metrics: { mae: NaN }, curves: { precision: [1, 0] } }]);
    const png = await writer.writePrediction('pysod', 'sub/0001', Uint8Array.of(1, 2));
    expect(png).toBe(join(writer.folder.path, 'predictions', 'pysod', 'sub%2F0001.png'));
    writer.setState('finished');
    writer.close();
    const folder = openRunFolder(writer.folder.path);
    expect(readManifest(folder)).toEqual(writer.manifest);
    expect(readState(folder)).toMatchObject({ state: 'finished', epoch: 1, epochs: 3, step: 1, eta: 20 });
    expect(readMetrics(folder).entries[0]!.metrics).toEqual({ mae: NaN });
    expect(readNotes(folder)).toEqual({ v: 1 });
    writeNotes(folder, { v: 1, name: 'first', tags: ['good'] });
    expect(readNotes(folder)).toEqual({ v: 1, name: 'first', tags: ['good'] });
    expect(await readEpochs(folder)).toMatchObject([{ attempt: 1, ...summary }]);
    const { events, damaged, unknown } = await readEvents(folder);
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([[0, 'state'], [1, 'step'], [2, 'state']]);
    expect([damaged, unknown]).toEqual([0, 0]);
    expect(readdirSync(folder.path).sort()).toEqual(['control', 'epochs.jsonl', 'events.jsonl', 'metrics.json', 'predictions', 'run.json', 'state.json', 'user.json']);
  });

  test('has one writer at a time', async () => {
    const writer = RunWriter.create(temporaryFolder(), exampleManifest());
    await expect(RunWriter.open(writer.folder.path)).rejects.toMatchObject({ reason: 'locked' });
    writer.close();
    const next = await RunWriter.open(writer.folder.path);
    expect(next.attempt).toBe(2);
    expect(readState(next.folder)).toMatchObject({ state: 'queued', attempt: 2 });
    next.close();
    expect(() => next.append(exampleStep(1))).toThrow(/closed/);
  });

  test('stops writing when another host took it over', () => {
    const writer = RunWriter.create(temporaryFolder(), exampleManifest());
    const owner = JSON.parse(readFileSync(writer.folder.lock, 'utf8')) as object;
    writeFileSync(writer.folder.lock, JSON.stringify({ ...owner, token: 'another', host: 'elsewhere' }));
    const before = readFileSync(writer.folder.events, 'utf8');
    writer.refreshLock();
    expect(() => writer.append(exampleStep(1))).toThrow(expect.objectContaining({ reason: 'lock-lost' }));
    expect(readFileSync(writer.folder.events, 'utf8')).toBe(before);
    writer.close();
    expect(existsSync(writer.folder.lock)).toBe(true);
  });

  test('numbers events on over attempts, whatever the clock does', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const clock = { now: () => new Date((now -= 3_600_000)) };
    const first = RunWriter.create(temporaryFolder(), exampleManifest(), clock);
    first.append(exampleStep(1));
    first.append(exampleStep(2));
    first.close();
    const second = await RunWriter.open(first.folder.path, clock);
    second.append({ type: 'resume', checkpoint: 'last', epoch: 0, step: 1 });
    second.append(exampleStep(2));
    second.close();
    const { events } = await readEvents(first.folder);
    expect(events.map(({ seq, attempt }) => [seq, attempt])).toEqual([[0, 1], [1, 1], [2, 2], [3, 2]]);
    expect(Date.parse(events[3]!.time)).toBeLessThan(Date.parse(events[0]!.time));
  });

  test('drops error and queue with the state they belong to', () => {
    const writer = RunWriter.create(temporaryFolder(), exampleManifest());
    writer.setState('queued', { queue: { device: 'cpu', ahead: 2 } });
    expect(readState(writer.folder).queue).toEqual({ device: 'cpu', ahead: 2 });
    writer.setState('running');
    expect(readState(writer.folder)).not.toHaveProperty('queue');
    writer.setState('failed', { error: { reason: 'nan-loss', message: 'dsd' }, reason: 'nan-loss' });
    expect(readState(writer.folder)).toMatchObject({ state: 'failed', error: { reason: 'nan-loss' } });
    writer.close();
  });

  test('that cannot be created leaves nothing', () => {
    const runs = temporaryFolder();
    writeFileSync(join(runs, 'orssd-pspnet'), 'a file where a folder should be');
    expect(() => RunWriter.create(runs, exampleManifest())).toThrow(expect.objectContaining({ name: 'RunsError' }));
    expect(readdirSync(runs)).toEqual(['orssd-pspnet']);
  });
});

describe('damage', () => {
  function writtenRun(): RunWriter {
    const writer = RunWriter.create(temporaryFolder(), exampleManifest());
    for (let step = 1; step <= 3; step++) writer.append(exampleStep(step));
    writer.appendEpoch(summary);
    writer.close();
    return writer;
  }

  test('a torn last line is not read, and cut off by the next writer', async () => {
    const { folder } = writtenRun();
    const whole = readFileSync(folder.events);
    for (const torn of ['{"v":1,"seq":3,"att', '{', '{"v":1,"seq":3,"attempt":1,"time":"2025-01-01T00:00:00Z","type":"state","state":"running"}']) {
      writeFileSync(folder.events, Buffer.concat([whole, Buffer.from(torn)]));
      appendFileSync(folder.epochs, '{"v":1,"epo');
      const read = await readEvents(folder);
      expect([read.events.length, read.damaged, read.offset]).toEqual([3, 0, whole.length]);
      const writer = await RunWriter.open(folder.path);
      expect(readFileSync(folder.events).equals(whole)).toBe(true);
      expect((writer.append(exampleStep(4))).seq).toBe(3);
      writer.close();
      expect((await readEvents(folder)).events).toHaveLength(4);
      expect(await readEpochs(folder)).toHaveLength(1);
    }
  });

  test('a log that is one torn line is emptied', async () => {
    const { folder } = writtenRun();
    truncateSync(folder.events, 20);
    const writer = await RunWriter.open(folder.path);
    expect(writer.append(exampleStep(1)).seq).toBe(0);
    expect(writer.attempt).toBe(2); // state.json knew
    writer.close();
  });

  test('lines that a power failure left are counted and passed over', async () => {
    const { folder } = writtenRun();
    const whole = readFileSync(folder.events, 'utf8');
    writeFileSync(folder.events, `${whole}${'\0'.repeat(5000)}\n{"v":1,"type":"hologram"}\n{"v":9,"type":"step"}\n`);
    const read = await readEvents(folder);
    expect([read.events.length, read.damaged, read.unknown, read.newerVersion]).toEqual([3, 1, 2, 9]);
    await expect(RunWriter.open(folder.path)).rejects.toMatchObject({ reason: 'newer-version' });
    expect(existsSync(folder.lock)).toBe(false);
  });

  test('reading goes on from where it ended, also in the middle of a line', async () => {
    const { folder } = writtenRun();
    const whole = readFileSync(folder.events);
    let offset = 0;
    const seen: number[] = [];
    for (let bytes = 0; bytes <= whole.length; bytes += 37) {
      writeFileSync(folder.events, whole.subarray(0, Math.min(bytes + 37, whole.length)));
      const read = await readEvents(folder, { fromOffset: offset });
      seen.push(...read.events.map(({ seq }) => seq));
      offset = read.offset;
    }
    expect(seen).toEqual([0, 1, 2]);
  });

  test('lines longer than the read buffer are whole; absurd ones are damage', async () => {
    const writer = RunWriter.create(temporaryFolder(), exampleManifest());
    writer.append({ type: 'log', level: 'info', message: 'ü'.repeat(400_000) });
    writer.append(exampleStep(1));
    writer.close();
    appendFileSync(writer.folder.events, `"${'x'.repeat(17 * 1024 * 1024)}"\n`);
    const { events, damaged } = await readEvents(writer.folder);
    expect(events.map(({ type }) => type)).toEqual(['log', 'step']);
    expect(events[0]).toMatchObject({ message: 'ü'.repeat(400_000) });
    expect(damaged).toBe(1);
  });

  test('100 mutated logs are read and gone on with, or refused by name', async () => {
    const { folder } = writtenRun();
    const whole = readFileSync(folder.events);
    for (let i = 0; i < 100; i++) {
      const random = new Random('mutated log', i);
      const bytes = Buffer.from(whole);
      for (let change = 0; change <= random.integer(6); change++) bytes[random.integer(bytes.length)] = random.uniform() < 0.3 ? 0x0a : random.integer(256);
      writeFileSync(folder.events, bytes.subarray(0, random.uniform() < 0.5 ? bytes.length : random.integer(bytes.length)));
      const { events } = await readEvents(folder);
      expect(events.length).toBeLessThanOrEqual(3);
      const writer = await RunWriter.open(folder.path).catch((error: unknown) => {
        expect(error).toMatchObject({ reason: 'newer-version' }); // a digit of "v" grew
      });
      if (writer === undefined) continue;
      expect(writer.append(exampleStep(9)).seq).toBeGreaterThan(Math.max(-1, ...events.map(({ seq }) => seq)));
      writer.close();
      expect((await readEvents(folder)).events).toHaveLength(events.length + 1);
    }
  });

  test('a damaged state is named, and does not stop a resume; a damaged manifest does', async () => {
    const { folder } = writtenRun();
    writeFileSync(folder.state, '{"v":1');
    expect(() => readState(folder)).toThrow(`${folder.state}: is damaged: is not JSON.`);
    (await RunWriter.open(folder.path)).close();
    expect(readState(folder).attempt).toBe(2); // from the log
    writeFileSync(folder.manifest, '{}');
    await expect(RunWriter.open(folder.path)).rejects.toMatchObject({ reason: 'corrupt', path: folder.manifest });
    rmSync(folder.manifest);
    await expect(RunWriter.open(folder.path)).rejects.toMatchObject({ reason: 'not-a-run' });
  });

  test.skipIf(process.platform === 'win32')('a read-only folder is named', async () => {
    const { folder } = writtenRun();
    for (const outer of [join(folder.path, '..', '..'), join(folder.path, '..')]) chmodSync(outer, 0o755);
    chmodSync(folder.path, 0o555);
    // Root may write anywhere, so as root somebody else tries.
    const child = startChild(opener, { arguments: [folder.path], ...(process.getuid?.() === 0 ? { uid: 65534 } : {}) });
    expect(await child.line()).toBe(`read-only ${folder.lock}`);
    chmodSync(folder.path, 0o755);
  });
});

describe('finding runs', () => {
  test('lists runs by age with what is wrong with them, and passes over other folders', async () => {
    const runs = temporaryFolder();
    expect(await listRuns(join(runs, 'none'))).toEqual([]);
    const first = RunWriter.create(runs, exampleManifest());
    const second = RunWriter.create(runs, exampleManifest({ experiment: 'a/b ..', stage: 'teacher' }));
    for (const writer of [first, second]) writer.close();
    mkdirSync(join(runs, 'orssd-pspnet', 'notes'));
    writeFileSync(first.folder.state, 'x');
    const listed = await listRuns(runs);
    expect(listed.map(({ folder }) => folder.path)).toEqual([first.folder.path, second.folder.path]);
    expect(listed[0]).toMatchObject({ problem: { reason: 'corrupt' } });
    expect(listed[1]).toMatchObject({ manifest: { experiment: 'a/b ..' }, state: { state: 'queued' } });
  });

  test('that never began can be discarded, and is gone', async () => {
    const runs = temporaryFolder();
    const [queued, begun] = [RunWriter.create(runs, exampleManifest()), RunWriter.create(runs, exampleManifest())];
    queued.setState('queued', { queue: { device: 'cpu', ahead: 1 } });
    queued.discard();
    queued.close();
    begun.progress({ step: 1 });
    expect(() => begun.discard()).toThrow(/has begun/);
    begun.close();
    expect((await listRuns(runs)).map(({ folder }) => folder.path)).toEqual([begun.folder.path]);
    expect(existsSync(queued.folder.path)).toBe(false);
    const again = await RunWriter.open(begun.folder.path);
    expect(() => again.discard()).toThrow(/has begun/);
    again.close();
  });

  test('a state tells whether its process lives', () => {
    const writer = RunWriter.create(temporaryFolder(), exampleManifest());
    const state = readState(writer.folder);
    const now = Date.parse(state.heartbeat);
    expect(isAlive(state)).toBe(true);
    expect(isAlive(state, now + 1e9)).toBe(true); // on this host the process counts, not the clock
    expect(standingOf({ ...state, pid: 2 ** 22 + 1 })).toBe('interrupted');
    expect(standingOf({ ...state, processStart: 'another' })).toBe('interrupted');
    expect(isAlive({ ...state, host: 'elsewhere' }, now + 59_000)).toBe(true);
    expect(standingOf({ ...state, host: 'elsewhere' }, now + 61_000)).toBe('interrupted');
    expect(standingOf({ ...state, state: 'finished', pid: 2 ** 22 + 1 })).toBe('finished');
    writer.close();
  });

  test('names become file names that stay different and stay inside', () => {
    const names = ['plain-1.2_x', '../up', '..', '.', '', 'a/b', 'a%2Fb', 'a\\b', 'ä', 'C:', ' ', 'x.', '.x', 'é'.repeat(100), `${'é'.repeat(100)}1`];
    const files = names.map(fileNameFor);
    expect(files[0]).toBe('plain-1.2_x');
    expect(new Set(files).size).toBe(names.length);
    for (const file of files) {
      expect(file).toMatch(/^[\w%~-][\w.%~-]*$/);
      expect(file.length).toBeLessThanOrEqual(120);
      expect(file).not.toMatch(/\.$/);
    }
  });
});
