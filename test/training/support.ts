import { createHash } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { synthesise } from '../../src/data/synth/synthesise.ts';
import { bytesOf } from '../../src/formats/dtypes.ts';
import { withSafetensors } from '../../src/formats/safetensors-reader.ts';
import { integrityTensor } from '../../src/runs/checkpoints.ts';
import { mergeAttempts } from '../../src/protocol/attempts.ts';
import type { RunEvent } from '../../src/protocol/events.ts';
import { readableRuns, type ReadableRun } from '../../src/runs/list-runs.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { testsAll } from '../vscode.ts';

const commandLine = join(import.meta.dirname, '../../dist/cli.js');

/** A folder that is gone after the tests of the file, with a cache of its own so that tests never wait for another launch. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scrkd-training-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Small scenes in `<folder>/data`. */
export async function makeScenes(folder: string, train: number, test: number, size = 64): Promise<void> {
  await synthesise({ folder: join(folder, 'data'), train, test, size, seed: 7 });
}

/** The smallest network that is still the real one. */
export const smallModel = '{ name: pspnet, backbone: resnet18, width: 0.125 }';

export function writeConfig(folder: string, name: string, text: string): string {
  const path = join(folder, `${name}.scrkd.yaml`);
  writeFileSync(path, text);
  return path;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the real command line as a process of its own. */
export function start(folder: string, ...args: string[]): Started {
  const child = spawn(process.execPath, [commandLine, ...args], { cwd: folder, env: { ...process.env, SCRKD_CACHE: join(folder, 'cache') }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
  return { process: child, ended };
}

export function scrkd(folder: string, ...args: string[]): Promise<Ended> {
  return start(folder, ...args).ended;
}

/** The readable runs of an experiment by stage, newest last. */
export async function runsOf(folder: string, stage: string, runs = 'runs'): Promise<ReadableRun[]> {
  return (await readableRuns(join(folder, runs))).filter(({ manifest }) => manifest.stage === stage);
}

export async function newestRun(folder: string, stage: string): Promise<ReadableRun> {
  const run = (await runsOf(folder, stage)).at(-1);
  if (run === undefined) throw new Error(`no run of stage ${stage} in ${folder}`);
  return run;
}

export async function eventsOf(run: ReadableRun): Promise<RunEvent[]> {
  return mergeAttempts((await readEvents(run.folder)).events);
}

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

export async function eventsOfType<T extends RunEvent['type']>(run: ReadableRun, type: T): Promise<EventOf<T>[]> {
  return (await eventsOf(run)).filter((event): event is EventOf<T> => event.type === type);
}

/** Of the long tests, too, in which large graphs are prepared on a busy machine. */
const patienceMinutes = testsAll ? 15 : 1;

/** Waits until something holds, looking often; fails with the description when it has been patient enough. */
export async function until<T>(description: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patienceMinutes * 60_000;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error(`waited ${patienceMinutes} min in vain: ${description}`);
}

/** Waits for a stage's first run. */
export function untilRun(folder: string, stage: string, runs = 'runs'): Promise<ReadableRun> {
  return until(`a run of ${stage}`, async () => (await runsOf(folder, stage, runs)).at(-1));
}

/** Waits until the run's newest attempt has done this many steps. */
export async function untilStep(run: ReadableRun, step: number): Promise<void> {
  await until(`step ${step} of ${run.folder.name}`, async () => {
    const { events } = await readEvents(run.folder);
    const attempt = Math.max(...events.map((event) => event.attempt));
    return events.some((event) => event.type === 'step' && event.attempt === attempt && event.step >= step) ? true : undefined;
  });
}

/** Trains a stage that has a run once more, and waits until the new run goes on. */
export async function trainAgain(folder: string, config: string, stage: string): Promise<{ started: Started; run: ReadableRun }> {
  const earlier = (await runsOf(folder, stage)).length;
  const started = start(folder, 'run', `${config}.scrkd.yaml`, '--retrain', '--stage', stage);
  const run = await until('a new run', async () => {
    const runs = await runsOf(folder, stage);
    return runs.length > earlier && runs.at(-1)!.state.state === 'running' ? runs.at(-1) : undefined;
  });
  return { started, run };
}

/** Of the weights, statistics and moments; the file's own metadata names its run. */
export async function stateHash(run: ReadableRun): Promise<string> {
  return withSafetensors(run.folder.checkpoint('last'), async (file) => {
    const hash = createHash('sha256');
    for (const name of file.names.filter((candidate) => candidate !== integrityTensor).sort()) hash.update(name).update(bytesOf((await file.read(name)).data));
    return hash.digest('hex');
  });
}

/** A teacher of one epoch, and a student that trains until it is stopped; for what is done to a run while it trains. */
export function endlessPair(experiment: string): string {
  return `
version: 1
experiment: ${experiment}
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: ${smallModel}, resolution: 64, training: { epochs: 1 } }
  student: { model: ${smallModel}, resolution: 32, distill: { from: teacher, method: scrkd } }
training: { epochs: 2000, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 1, every: 1000 }
`;
}
