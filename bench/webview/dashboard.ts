/**
 * The dashboard with many long runs: `node bench/run.mjs dashboard [--runs 50] [--steps 10000] [--keep FOLDER]`.
 * Run folders are made by the writer of trainings, read by the extension's own model and drawn by the built panel in headless
 * Chromium (`npm run build` first), on the page and with the content policy of VS Code.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DashboardModel } from '../../src/extension/dashboard/dashboard-model.ts';
import type { FromDashboard, ToDashboard } from '../../src/protocol/dashboard.ts';
import { RunWriter } from '../../src/runs/run-writer.ts';
import { exampleStep } from '../../test/runs/support/example-run.ts';
import { makeRealisticRun } from '../../test/runs/support/realistic-run.ts';
import { Stand } from '../../test/webview/stand/stand.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '50' }, steps: { type: 'string', default: '10000' }, keep: { type: 'string' } } });
const runs = Number(values.runs);
const steps = Number(values.steps);
const stepsPerEpoch = 100;

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(2)} s`;

const folder = values.keep === undefined ? mkdtempSync(join(tmpdir(), 'scrkd-bench-')) : resolve(values.keep);
const runsFolder = join(folder, 'orssd-pspnet');
let began = performance.now();
const made = existsSync(runsFolder) ? readdirSync(runsFolder).length : 0;
for (let seed = made; seed < runs; seed++) {
  makeRealisticRun(folder, { seed, epochs: steps / stepsPerEpoch, stepsPerEpoch, weights: { mvcd: 1, msfd: 1, dsd: 5 + seed }, state: seed === 0 ? 'running' : 'finished' });
}
console.log(`${runs} runs of ${steps} steps, ${runs - made} of them made in ${seconds(began)}`);
const folders = readdirSync(runsFolder).map((name) => join(runsFolder, name)).slice(0, runs);

const stand = await Stand.start();
const panel = await stand.open<FromDashboard, ToDashboard>({ panel: 'dashboard', width: 1440, height: 900 });
await panel.receive(({ type }) => type === 'ready');

let messages: ToDashboard[] = [];
let firstPicture: number | undefined;
const model = new DashboardModel(
  (message) => {
    messages.push(message);
    firstPicture ??= performance.now();
  },
  () => true,
);
model.show(folders);
began = performance.now();
await model.refresh();
console.log(`host: first picture after ${((firstPicture! - began) / 1000).toFixed(2)} s (one line an epoch), all logs after ${seconds(began)}`);
const bytes = messages.filter(({ type }) => type === 'curves').slice(-runs).reduce((sum, message) => sum + sizeOf(message), 0);
console.log(`host: curves of ${(bytes / 2 ** 20).toFixed(1)} MiB in the end`);

began = performance.now();
// What the panel ends with; in between it gets every run twice.
for (const message of messages.slice(-(runs + 1))) await panel.post(message);
console.log(`panel: all of it received and drawn in ${seconds(began)}`);

messages = [];
{
  using writer = await RunWriter.open(folders[0]!);
  for (let i = 1; i <= 10; i++) writer.append(exampleStep(steps + i, { terms: { sod: 0.5, mvcd: 0.1, msfd: 0.02, dsd: 0.01 } }));
  began = performance.now();
  await model.refresh();
  console.log(`host: ten new steps of one run read in ${seconds(began)}, ${messages.length} messages`);
  began = performance.now();
  for (const message of messages) await panel.post(message);
  console.log(`panel: that drawn in ${seconds(began)} (stand's own transfer included)`);
}
const frame = await panel.page.evaluate(async () => {
  const chart = document.querySelector('scrkd-dashboard')!.shadowRoot!.querySelector('scrkd-chart')!;
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    chart.dispatchEvent(new CustomEvent('point', { detail: 10 + i }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[10]!;
});
console.log(`panel: a moving pointer costs ${frame.toFixed(1)} ms a frame (median)`);
if (panel.problems.length > 0) console.log(`problems: ${panel.problems.join('; ')}`);
await stand.close();
if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });

function sizeOf(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, each) => sum + sizeOf(each), 0);
}
