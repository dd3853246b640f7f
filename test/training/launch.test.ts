import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCapture, captureFiles } from '../../src/runs/captures.ts';
import { readMetrics, readState } from '../../src/runs/read-run.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { acquireDevice } from '../../src/runs/device-queue.ts';
import { eventsOf, eventsOfType, makeScenes, newestRun, runsOf, scratchFolder, scrkd, smallModel, start, until, writeConfig, type Ended, type Started } from './support.ts';

const folder = scratchFolder();
const config = (dsd: number) => `
version: 1
experiment: small
dataset: { root: ./data, validation: { fraction: 0.25, seed: 1 } }
stages:
  teacher:  { model: ${smallModel}, resolution: 64 }
  baseline: { model: ${smallModel}, resolution: 32 }
  student:  { model: ${smallModel}, resolution: 32, distill: { from: teacher, method: scrkd, weights: { dsd: ${dsd} } } }
training: { epochs: 2, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 2, every: 1 }
`;

beforeAll(async () => {
  await makeScenes(folder, 16, 4);
  const ended = await scrkd(folder, 'run', writeConfig(folder, 'small', config(10)));
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(exitCodes.ok);
});

describe('a launch of teacher, baseline and student', () => {
  test('leaves a finished run of each, with figures under both protocols and their maps', async () => {
    for (const stage of ['teacher', 'baseline', 'student']) {
      const run = await newestRun(folder, stage);
      expect(run.state.state).toBe('finished');
      expect(run.state.step).toBe(6); // 12 training images after holding out a quarter: 3 batches, 2 epochs
      const { entries } = readMetrics(run.folder);
      expect(entries.map(({ protocol, split, images }) => [protocol, split, images])).toEqual([['scrkd448', 'test', 4], ['pysod', 'test', 4]]);
      for (const { metrics } of entries) for (const value of Object.values(metrics)) expect(Number.isFinite(value)).toBe(true);
      expect(existsSync(run.folder.prediction('raw', 'test-0001'))).toBe(true);
      expect(existsSync(run.folder.prediction('scrkd448', 'test-0001'))).toBe(true);
      expect((await eventsOfType(run, 'evaluation')).filter(({ split }) => split === 'validation')).toHaveLength(2);
    }
    expect(existsSync(join(folder, 'runs/small/contact-sheet.png'))).toBe(true);
  });

  test('reports raw terms, their weights and the weighted total in every step', async () => {
    const steps = await eventsOfType(await newestRun(folder, 'student'), 'step');
    expect(steps).toHaveLength(6);
    for (const { terms, weights, total } of steps) {
      expect(Object.keys(terms)).toEqual(['sod', 'mvcd', 'msfd', 'dsd']);
      const sum = Object.entries(terms).reduce((partial, [name, value]) => partial + weights[name]! * value, 0);
      expect(Math.abs(total - sum)).toBeLessThan(1e-4 * sum);
    }
  });

  test('shows all arms the same batches in the same order', async () => {
    const samples = async (stage: string) => (await eventsOfType(await newestRun(folder, stage), 'step')).map(({ batch }) => batch.samples);
    expect(await samples('baseline')).toEqual(await samples('student'));
    const hashes = new Set((await eventsOfType(await newestRun(folder, 'student'), 'step')).map(({ batch }) => batch.hash));
    expect(hashes.size).toBe(6);
  });

  test('captures the student at each epoch and its teacher once, on one grid', async () => {
    const student = await newestRun(folder, 'student');
    const epochs = captureFiles(student.folder);
    expect(epochs.map(({ epoch, files }) => [epoch, files.length])).toEqual([[0, 2], [1, 2], [2, 2]]);
    const first = await readCapture(epochs[0]!.files[0]!);
    const view = (name: string) => first.views.find((candidate) => candidate.name === name)!;
    expect(view('stage1/corr_h/F').shape).toEqual(view('teacher/stage1/corr_h/F').shape);
    expect(view('stage1/corr_h/D2').symmetric).toBe(true);
    const later = await readCapture(epochs[1]!.files[0]!);
    expect(later.views.some(({ name }) => name.startsWith('teacher/'))).toBe(false);
    const { data, shape } = view('stage1/corr_c/F');
    for (let i = 0; i < shape[0]!; i++) expect(Math.abs(data[i * shape[0]! + i]! - 1)).toBeLessThan(2e-3); // a cosine with itself
  });

  test('is named in the manifest: teacher by run, checkpoint and hash, dataset, engine and resolved config', async () => {
    const teacher = await newestRun(folder, 'teacher');
    const { manifest } = await newestRun(folder, 'student');
    expect(manifest.parents['teacher']).toMatchObject({ run: teacher.manifest.id, checkpoint: 'best' });
    expect(manifest.dataset.counts).toEqual({ train: 12, validation: 4, test: 4 });
    expect(manifest.engine.name).toBe('onnxruntime');
    expect(manifest.launch).toBe(teacher.manifest.launch);
  });

  test('run again does nothing new; another loss weight retrains the student alone; --retrain everything', async () => {
    const again = await scrkd(folder, 'run', 'small.scrkd.yaml');
    expect(again.code).toBe(exitCodes.ok);
    expect(again.stdout.match(/reusing/g)).toHaveLength(3);
    writeConfig(folder, 'other', config(5));
    const other = await scrkd(folder, 'run', 'other.scrkd.yaml', '--json');
    const notices = other.stdout.trim().split('\n').map((line) => JSON.parse(line) as { type: string; stage?: string });
    expect(notices.filter(({ type }) => type === 'stage-reused').map(({ stage }) => stage)).toEqual(['teacher', 'baseline']);
    expect(await runsOf(folder, 'student')).toHaveLength(2);
    await scrkd(folder, 'run', 'small.scrkd.yaml', '--stage', 'baseline', '--retrain');
    expect(await runsOf(folder, 'baseline')).toHaveLength(2);
    const [first, second] = await runsOf(folder, 'baseline');
    const totals = async (run: typeof first) => (await eventsOfType(run!, 'step')).map(({ total }) => total);
    expect(await totals(second)).toEqual(await totals(first)); // same seed, same data: the very same numbers
  });

  test('another experiment may reuse every stage, and ends well when who reads its output goes away', async () => {
    writeConfig(folder, 'renamed', config(10).replace('experiment: small', 'experiment: renamed'));
    const { process, ended } = start(folder, 'run', 'renamed.scrkd.yaml', '--stage', 'student');
    process.stdout!.destroy();
    process.stderr!.destroy();
    expect((await ended).code).toBe(exitCodes.ok);
    expect(existsSync(join(folder, 'runs/renamed/contact-sheet.png'))).toBe(true);
  });

  test('pointed at another teacher, the student learns something else', async () => {
    writeConfig(folder, 'teacher2', config(10).replace('teacher:  {', 'teacher:  { training: { seed: 1 },').replace('experiment: small', 'experiment: teacher2'));
    expect((await scrkd(folder, 'run', 'teacher2.scrkd.yaml', '--stage', 'student')).code).toBe(exitCodes.ok);
    const [first] = await runsOf(folder, 'student');
    const second = await newestRun(folder, 'student');
    expect(second.manifest.experiment).toBe('teacher2');
    const firstSteps = await Promise.all([first!, second].map(async (run) => (await eventsOfType(run, 'step'))[0]!));
    expect(firstSteps[0]!.batch.hash).toBe(firstSteps[1]!.batch.hash);
    expect(firstSteps[0]!.terms['sod']).toBe(firstSteps[1]!.terms['sod']); // the same student before its first update …
    expect(firstSteps[0]!.terms['mvcd']).not.toBe(firstSteps[1]!.terms['mvcd']); // … compared with another teacher
  });

  test('--dry-run says what would be done and trains nothing', async () => {
    const before = await runsOf(folder, 'student');
    const ended = await scrkd(folder, 'run', 'small.scrkd.yaml', '--dry-run', '--json');
    const plan = JSON.parse(ended.stdout) as { stages: { stage: string; action: string; step: { multiplyAccumulates: number } }[] };
    expect(plan.stages.map(({ stage, action }) => [stage, action])).toEqual([['teacher', 'reuse'], ['baseline', 'reuse'], ['student', 'reuse']]);
    expect(plan.stages[2]!.step.multiplyAccumulates).toBeGreaterThan(plan.stages[1]!.step.multiplyAccumulates);
    expect(await runsOf(folder, 'student')).toHaveLength(before.length);
  });

  test('predict makes the maps that the evaluation made', async () => {
    const run = await newestRun(folder, 'baseline');
    const ended = await scrkd(folder, 'predict', run.folder.path, join(folder, 'data/images/test-0001.jpg'), '--out', join(folder, 'maps'));
    expect(ended.stderr).toBe('');
    expect(readFileSync(join(folder, 'maps/test-0001.png'))).toEqual(readFileSync(run.folder.prediction('raw', 'test-0001')));
  });

  test('evaluate gives the figures that the run ended with, and those of another checkpoint', async () => {
    const run = await newestRun(folder, 'student');
    const { entries } = readMetrics(run.folder);
    const evaluated = async (...more: string[]) => JSON.parse((await scrkd(folder, 'evaluate', run.folder.path, '--json', ...more)).stdout) as { name: string; network: object; protocols: Record<string, { metrics: object }> };
    const { name, network, protocols } = await evaluated();
    expect(name).toBe(`${run.manifest.experiment}/student`);
    expect(network).toMatchObject({ sha256: entries[0]!.sha256, checkpoint: entries[0]!.checkpoint });
    for (const { protocol, metrics } of entries) expect(protocols[protocol]!.metrics).toEqual(metrics);
    expect((await evaluated('--checkpoint', 'last')).network).toMatchObject({ checkpoint: 'last', epoch: 2 });
  });

  test('the events of a run are in order and end with its state', async () => {
    const events = await eventsOf(await newestRun(folder, 'teacher'));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
    expect(events.at(-1)).toMatchObject({ type: 'state', state: 'finished' });
  });
});

describe('two launches of one config at once', () => {
  interface Notice {
    readonly type: string;
    readonly stage?: string;
    readonly run?: string;
    readonly resumedAtStep?: number;
  }

  /** Two launches whose runs wait for the device, which is then set free. */
  async function launchTwice(name: string, text: string, stage: string): Promise<readonly [Started, Started]> {
    writeConfig(folder, name, text);
    const lease = await acquireDevice('cpu', { cache: join(folder, 'cache') });
    try {
      const both = [start(folder, 'run', `${name}.scrkd.yaml`, '--json'), start(folder, 'run', `${name}.scrkd.yaml`, '--json')] as const;
      await until('two queued runs', async () => ((await runsIn(name, stage)).filter(({ state }) => state.queue !== undefined).length === 2 ? true : undefined));
      return both;
    } finally {
      lease.release();
    }
  }

  const runsIn = async (experiment: string, stage: string) => (await runsOf(folder, stage)).filter(({ manifest }) => manifest.experiment === experiment);
  const noticesOf = ({ stdout }: Ended): Notice[] => stdout.trim().split('\n').map((line) => JSON.parse(line) as Notice);

  test('train each stage once: the one that waited reuses what the other has trained meanwhile', async () => {
    const both = await launchTwice('twice', config(10).replace('experiment: small', 'experiment: twice').replace('epochs: 2', 'seed: 5, epochs: 1'), 'teacher');
    const ended = await Promise.all(both.map(({ ended }) => ended));
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual([[exitCodes.ok, ''], [exitCodes.ok, '']]);
    for (const stage of ['teacher', 'baseline', 'student']) {
      const runs = await runsIn('twice', stage);
      expect(runs.map(({ state }) => state.state)).toEqual(['finished']);
      const told = ended.map((one) => noticesOf(one).filter((notice) => notice.stage === stage && notice.type.startsWith('stage-')));
      expect(told.map((notices) => notices.map(({ type }) => type).join()).sort()).toEqual(['stage-reused', 'stage-started']);
      expect(told.flat().map(({ run }) => run)).toEqual([runs[0]!.folder.path, runs[0]!.folder.path]);
    }
  });

  test('go on with one run where the first is stopped half-way', async () => {
    const alone = `stages: { plain: { model: ${smallModel}, resolution: 32 } }\ntraining: { epochs: 40, batchSize: 4, seed: 6 }\n`;
    const both = await launchTwice('handed', `version: 1\nexperiment: handed\ndataset: { root: ./data, validation: none }\n${alone}`, 'plain');
    const first = await until('a run that trains', async () => {
      for (const run of await runsIn('handed', 'plain')) if ((await eventsOfType(run, 'step')).length > 2) return run;
      return undefined;
    });
    both.find(({ process }) => process.pid === first.state.pid)!.process.kill('SIGINT');
    const ended = await Promise.all(both.map(({ ended }) => ended));
    expect(ended.map(({ code }) => code).sort()).toEqual([exitCodes.ok, exitCodes.stopped].sort());
    const [run, ...others] = await runsIn('handed', 'plain');
    expect(others).toEqual([]);
    expect(run!.folder.path).toBe(first.folder.path);
    // Nothing was held out: what lists show is the final figure.
    const { metrics } = readMetrics(run!.folder).entries[0]!;
    expect(readState(run!.folder)).toMatchObject({ state: 'finished', attempt: 2, step: 160, best: { metric: 'maxF', value: metrics['maxF'], epoch: 40, checkpoint: 'last' } });
    const started = ended.flatMap(noticesOf).filter(({ type }) => type === 'stage-started');
    expect(started.map(({ resumedAtStep }) => resumedAtStep !== undefined).sort()).toEqual([false, true]);
  });
});
