/** What the extension host does with 1,000 runs and a dataset of 10,000 samples: `node bench/run.mjs extension [--runs 1000] [--samples 10000]` */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DatasetsIndex } from '../src/extension/datasets/datasets-index.ts';
import { groupRuns, noFilter } from '../src/extension/runs/run-list.ts';
import { runDescription, runTooltip } from '../src/extension/runs/run-text.ts';
import { isReadable, RunsIndex } from '../src/extension/runs/runs-index.ts';
import { thisProcess } from '../src/runs/liveness.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' }, samples: { type: 'string', default: '10000' } } });
const folder = mkdtempSync(join(tmpdir(), 'scrkd-bench-'));

/** Runs like those of real experiments: ten an experiment, each manifest with the resolved config of three stages. */
function makeRuns(count: number): void {
  for (let i = 0; i < count; i++) {
    const id = `01J${String(i).padStart(23, '0')}`;
    const experiment = `experiment-${Math.floor(i / 10)}`;
    const path = join(folder, 'runs', experiment, `student-${id}`);
    mkdirSync(path, { recursive: true });
    const stages = ['teacher', 'student', 'baseline'].map((name) => ({ name, model: { name: 'pspnet', options: { backbone: 'resnet50', width: 1 } }, resolution: { height: 112, width: 112 }, distill: { method: 'scrkd', from: 'teacher', weights: { mvcd: 1, msfd: 1, dsd: 10 }, options: Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`option${k}`, 'default'])) } }));
    writeFileSync(join(path, 'run.json'), JSON.stringify({ v: 1, id, launch: id, experiment, stage: 'student', stageKey: 'k'.repeat(64), parents: {}, config: { experiment: { dataset: { name: 'ORSSD' }, stages } }, dataset: { root: '/data/ORSSD', fingerprint: 'f'.repeat(64), counts: { train: 600, test: 200 } }, engine: { name: 'onnxruntime', device: 'cpu', threads: 2, versions: {} }, createdAt: '2025-01-01T00:00:00.000Z' }, null, 2));
    const active = i >= count - 3;
    writeFileSync(join(path, 'state.json'), JSON.stringify({ v: 1, state: active ? 'running' : 'finished', attempt: 1, epoch: 62, epochs: 100, step: 6200, stepsPerEpoch: 100, ...thisProcess(), heartbeat: new Date().toISOString(), best: { metric: 'maxF', value: 0.8, epoch: 60, checkpoint: 'best' } }, null, 2));
  }
}

function makeDataset(count: number): void {
  for (const name of ['images', 'labels']) mkdirSync(join(folder, 'data', name), { recursive: true });
  const ids = Array.from({ length: count }, (_, i) => String(i).padStart(5, '0'));
  for (const id of ids) {
    writeFileSync(join(folder, 'data/images', `${id}.jpg`), '');
    writeFileSync(join(folder, 'data/labels', `${id}.png`), '');
  }
  writeFileSync(join(folder, 'data/train.txt'), ids.slice(0, count * 0.75).join('\n'));
  writeFileSync(join(folder, 'data/test.txt'), ids.slice(count * 0.75).join('\n'));
}

async function timed(what: string, work: () => unknown): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  console.log(`${what.padEnd(60)} first ${times[0]!.toFixed(1)} ms, median ${times.sort((a, b) => a - b)[2]!.toFixed(1)} ms`);
}

try {
  const [runs, samples] = [Number(values.runs), Number(values.samples)];
  makeRuns(runs);
  makeDataset(samples);
  await timed(`${runs} runs: first scan`, async () => {
    const index = new RunsIndex({ directories: () => [join(folder, 'runs')] });
    await index.ready();
    if (index.runs.length !== runs) throw new Error(`found ${index.runs.length} runs`);
    index.dispose();
  });
  const index = new RunsIndex({ directories: () => [join(folder, 'runs')] });
  await index.ready();
  await timed(`${runs} runs: scan without a change`, () => index.refresh());
  await timed(`${runs} runs: grouping and sorting`, () => groupRuns(index.runs, noFilter, 'best'));
  await timed(`${runs} runs: filtering by text`, () => groupRuns(index.runs, { ...noFilter, text: 'student 99' }, 'newest'));
  await timed(`${runs} runs: every row's text and hover`, () => index.runs.filter(isReadable).map((run) => runDescription(run) + runTooltip(run, (text) => text)));
  index.dispose();
  await timed(`${samples} samples: listing`, async () => {
    const datasets = new DatasetsIndex(() => Promise.resolve([{ root: join(folder, 'data'), named: true }]));
    await datasets.ready();
    if (datasets.datasets[0]?.content.kind !== 'listed') throw new Error('not listed');
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
