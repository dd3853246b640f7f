/** The index of runs on real folders: what comes, changes, goes, is damaged, is killed; and what happens where nothing can be watched. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isReadable, RunsIndex, type RunsIndexOptions } from '../../src/extension/runs/runs-index.ts';
import { groupRuns, noFilter } from '../../src/extension/runs/run-list.ts';
import { durationText, factsOf, runDescription, runIcon } from '../../src/extension/runs/run-text.ts';
import { statusActions } from '../../src/extension/status/status-actions.ts';
import { standingWord } from '../../src/protocol/standing.ts';
import { thisProcess } from '../../src/runs/liveness.ts';

let folder = '';
let index: RunsIndex | undefined;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'scrkd-index-'))));
afterEach(() => {
  index?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<RunsIndexOptions> = {}): RunsIndex {
  index = new RunsIndex({ directories: () => [folder], activeEveryMs: 50, scanEveryMs: 100, ...options });
  return index;
}

let made = 0;
/** A run folder with the given state. */
function makeRun(state: Record<string, unknown> = {}, { experiment = 'demo', stage = 'student' } = {}): string {
  const id = `01J${String(made++).padStart(23, '0')}`;
  const path = join(folder, experiment, `${stage}-${id}`);
  mkdirSync(path, { recursive: true });
  const stages = [{ name: stage, model: { name: 'pspnet' }, resolution: { height: 112, width: 112 }, distill: { method: 'scrkd', from: 'teacher' } }];
  const manifest = { v: 1, id, launch: id, experiment, stage, stageKey: 'k', parents: {}, config: { experiment: { dataset: { name: 'ORSSD' }, stages } }, dataset: { root: '/d/ORSSD', fingerprint: 'f', counts: {} }, engine: { name: 'onnxruntime', device: 'cpu', threads: 2, versions: {} }, createdAt: '2025-01-01T00:00:00.000Z' };
  writeFileSync(join(path, 'run.json'), JSON.stringify(manifest));
  setState(path, state);
  return path;
}

function setState(path: string, state: Record<string, unknown>): void {
  const whole = { v: 1, state: 'finished', attempt: 1, epoch: 62, epochs: 100, step: 6200, stepsPerEpoch: 100, ...thisProcess(), heartbeat: new Date().toISOString(), best: { metric: 'maxF', value: 0.89114, epoch: 60, checkpoint: 'best' }, ...state };
  writeFileSync(join(path, 'state.json'), JSON.stringify(whole));
}

test('finds runs, and tells of those that come, change and go', async () => {
  const first = makeRun();
  const runs = open();
  await runs.ready();
  expect(runs.runs.map((run) => run.folder)).toEqual([first]);
  const told: string[] = [];
  runs.onDidChange((folders) => told.push(...folders));
  const second = makeRun({ state: 'running', eta: 1020 });
  await expect.poll(() => told).toContain(second);
  const run = runs.at(second)!;
  expect(isReadable(run) && runDescription(run)).toBe('62/100 · maxF 0.8911 · 17 min left');
  setState(second, { state: 'running', epoch: 63, step: 6300 });
  await expect.poll(() => (runs.at(second) as { state: { epoch: number } }).state.epoch).toBe(63);
  rmSync(first, { recursive: true });
  await expect.poll(() => runs.at(first)).toBeUndefined();
  await expect.poll(() => told).toContain(first); // told after the index has changed
});

test('a run whose process is gone is interrupted, and its text offers to resume', async () => {
  const path = makeRun({ state: 'running', pid: 2 ** 22 + 1, processStart: '1' });
  const runs = open();
  await runs.ready();
  const run = runs.at(path)!;
  expect(isReadable(run) && run.standing).toBe('interrupted');
  expect(isReadable(run) && runDescription(run)).toBe('interrupted at 62/100 · maxF 0.8911 · resume');
});

test('a run that gave up its place in the queue is cancelled; only a failure is red; the status bar offers what can be done', async () => {
  const paths = [
    makeRun({ state: 'stopped', epoch: 0, epochs: 0, step: 0, stepsPerEpoch: 0 }),
    makeRun({ state: 'stopped' }),
    makeRun({ state: 'failed', epoch: 0, epochs: 0, error: { reason: 'memory', message: 'too large' } }),
    makeRun({ state: 'running' }),
    makeRun({ state: 'queued', epoch: 0, epochs: 0, queue: { device: 'cpu', ahead: 1 } }),
  ];
  const runs = open();
  await runs.ready();
  const found = paths.map((path) => runs.at(path)!).filter(isReadable);
  expect(found.map((run) => `${standingWord(factsOf(run))}: ${runDescription(run)}`)).toEqual([
    'cancelled: cancelled before it began', 'stopped: stopped at 62/100 · maxF 0.8911', 'failed: failed before it began · memory', 'running: 62/100 · maxF 0.8911', 'queued: waiting for cpu, 1 ahead',
  ]);
  expect(found.map((run) => runIcon(run).colour === 'list.errorForeground')).toEqual([false, false, true, false, false]);
  const offered = (trusted: boolean): string[] => statusActions(found.slice(3), trusted).map(({ actions }) => actions.map(({ label }) => label).join(', '));
  expect(offered(true)).toEqual(['Open Dashboard, Pause, Stop, Open Log, Reveal Run Folder', 'Cancel, Open Log, Reveal Run Folder', 'Show Runs, Start Distillation, Show Engine Status']);
  expect(offered(false)).toEqual(['Open Dashboard, Open Log, Reveal Run Folder', 'Open Log, Reveal Run Folder', 'Show Runs']);
});

test('a damaged run is named with its problem and mends', async () => {
  const path = makeRun();
  writeFileSync(join(path, 'state.json'), '{');
  const runs = open();
  await runs.ready();
  const run = runs.at(path)!;
  expect(isReadable(run)).toBe(false);
  expect(!isReadable(run) && run.problem.message).toContain('state.json');
  setState(path, {});
  await expect.poll(() => isReadable(runs.at(path)!)).toBe(true);
});

test('polls and says so where the system refuses to watch', async () => {
  const runs = open({
    watch: () => {
      throw Object.assign(new Error('ENOSPC: no space left for watchers'), { code: 'ENOSPC' });
    },
  });
  await runs.ready();
  makeRun();
  await runs.refresh();
  expect(runs.watching).toEqual({ kind: 'polling', reason: 'ENOSPC: no space left for watchers' });
  const later = makeRun();
  await expect.poll(() => runs.at(later) !== undefined).toBe(true);
});

test('nothing is touched before the first question, and never an event log', async () => {
  const path = makeRun();
  writeFileSync(join(path, 'events.jsonl'), 'not read');
  let asked = 0;
  const runs = open({ directories: () => (asked++, [folder]) });
  expect(asked).toBe(0);
  await runs.ready();
  expect(asked).toBeGreaterThan(0);
  expect(readFileSync(join(path, 'events.jsonl'), 'utf8')).toBe('not read');
});

test('groups, sorts and filters', async () => {
  makeRun({ best: { metric: 'maxF', value: 0.5, epoch: 1, checkpoint: 'best' } }, { experiment: 'b', stage: 'teacher' });
  makeRun({ best: { metric: 'maxF', value: 0.9, epoch: 1, checkpoint: 'best' } }, { experiment: 'b', stage: 'student' });
  makeRun({ state: 'failed' }, { experiment: 'a', stage: 'student' });
  const runs = open();
  await runs.ready();
  const shown = (filter: Partial<typeof noFilter>, order: Parameters<typeof groupRuns>[2] = 'newest'): string[] =>
    groupRuns(runs.runs, { ...noFilter, ...filter }, order).map((group) => `${group.name}: ${group.runs.map((run) => (isReadable(run) ? run.manifest.stage : '?')).join(' ')}`);
  expect(shown({})).toEqual(['a: student', 'b: student teacher']);
  expect(shown({}, 'oldest')).toEqual(['b: teacher student', 'a: student']);
  expect(shown({}, 'best')).toEqual(['a: student', 'b: student teacher']);
  expect(shown({ standings: ['finished'] })).toEqual(['b: student teacher']);
  expect(shown({ text: 'TEACH' })).toEqual(['b: teacher']);
  expect(shown({ methods: ['plain'] })).toEqual([]);
  expect(shown({ datasets: ['ORSSD'], models: ['pspnet'], text: 'student a' })).toEqual(['a: student']);
});

test('durations', () => {
  expect([5, 60, 1020, 3600, 7500, 280_000].map(durationText)).toEqual(['5 s', '1 min', '17 min', '1 h 00 min', '2 h 05 min', '3 d 5 h']);
});
