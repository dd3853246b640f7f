/**
 * The inspector's panel on a run of 100 epochs × 20 samples, of a full PSPNet's sizes: time to the first picture, script and drawing of a
 * tick of the scrubber, and the heap after thousands of ticks: `node bench/run.mjs inspector [EPOCHS SAMPLES TICKS] [--keep FOLDER]
 * [--tabs NAME,NAME] [--profile FILE] [--traces FOLDER]`. In headless Chromium, without a GPU; `npm run build` first.
 *
 * A tick is measured from a trace of the page's main thread: all that it does between two marks (script, style, layout, paint, commit),
 * one tick a frame.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import type { InspectorToHost, InspectorToPanel } from '../../src/protocol/inspector.ts';
import { InspectedRun } from '../../src/extension/inspector/inspected-run.ts';
import { correlationViews, deterministic, plausibleViews, syntheticRun } from '../../test/inspector/synthetic-run.ts';
import { Stand, type StandPanel } from '../../test/webview/stand/stand.ts';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { keep: { type: 'string' }, tabs: { type: 'string', default: 'saliency,logits,features,correlation' }, profile: { type: 'string' }, traces: { type: 'string' } } });
const [epochCount = 100, sampleCount = 20, ticks = 10_000] = positionals.map(Number);
const channels = 256;
/** Of the panel, each in a page of its own. */
const openings = 15;
const folder = options.keep === undefined ? mkdtempSync(join(tmpdir(), 'scrkd-bench-')) : resolve(options.keep);

/** Computed once: what is measured is the reading and the drawing. */
const made = new Map<string, ReturnType<typeof plausibleViews>>();

function views(arm: 'teacher' | 'plain' | 'distilled', epoch: number): ReturnType<typeof plausibleViews> {
  const step = arm === 'distilled' ? epoch % 4 : 0;
  const key = `${arm} ${step}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const fine = [1, 2, 3, 4, 5].flatMap((stage) => {
    const grid = Math.max(4, 112 >> stage);
    // Channels are correlated over a coarse grid: the matrices' sizes are what counts here.
    const byChannel = correlationViews(stage, 'F', deterministic(0.2 * step + stage, 0, channels, 4, 4), [channels, 4, 4]).slice(0, 1);
    const bySide = correlationViews(stage, 'F', deterministic(0.2 * step + stage, 0, 4, grid, grid), [4, grid, grid]).slice(1);
    return [...byChannel, ...bySide];
  });
  const rest = plausibleViews(arm, 0, step / 4, 4).filter(({ name }) => !name.includes('/corr_'));
  const whole = [...fine, ...(arm === 'distilled' ? fine.map((view) => ({ ...view, name: view.name.replace(/F$/, 'D2') })) : []), ...rest];
  made.set(key, whole);
  return whole;
}

const stand = await Stand.start();
try {
  const samples = Array.from({ length: sampleCount }, (_, i) => `sample-${i}`);
  const epochs = Array.from({ length: epochCount + 1 }, (_, i) => i);
  const kept = join(folder, 'distilled.txt');
  if (!existsSync(kept)) {
    console.log(`writing ${epochs.length} epochs x ${samples.length} samples`);
    // Only the first sample is opened; the others have to be there.
    const made = await syntheticRun({ folder, samples, epochs, views: (arm, sample, epoch) => (sample === samples[0] ? views(arm, epoch) : plausibleViews(arm, 0, epoch / epochCount, 4)) });
    writeFileSync(kept, made.distilled.path);
  }
  const distilledPath = readFileSync(kept, 'utf8');

  const started = performance.now();
  const run = await InspectedRun.open(distilledPath);
  const snapshot = await run.snapshot();
  const openMs = performance.now() - started;
  const first = (await Promise.all([run.capture('teacher', 0, samples[0]!, 'loss'), run.capture('plain', epochCount, samples[0]!, 'loss'), run.capture('distilled', epochCount, samples[0]!, 'loss')])).flatMap((read) => ('capture' in read ? [read.capture] : []));
  const readMs = performance.now() - started - openMs;

  // The extension reads the run while the panel loads, and sends it when the panel is ready. The panel's first wish has this ticket.
  const ticket = 1;
  const captures = ([['teacher', 0, first[0]!], ['plain', epochCount, first[1]!], ['distilled', epochCount, first[2]!]] as const).map(([role, epoch, { views, bytes }]) => ({ type: 'capture', ticket, role, epoch, views, bytes }) satisfies InspectorToPanel);
  const open = (): Promise<StandPanel<InspectorToHost, InspectorToPanel>> =>
    stand.open({ panel: 'inspector', width: 1440, height: 900, reducedMotion: false, played: [{ to: 'ready', after: 0, messages: [{ type: 'run', snapshot }] }, { to: 'captures', after: readMs, messages: captures }] });
  const pictureMs: number[] = [];
  for (let opened = 1; opened < openings; opened++) {
    const another = await open();
    pictureMs.push(await another.playedMs());
    await another.close();
  }
  const panel = await open();
  pictureMs.push(await panel.playedMs());
  pictureMs.sort((a, b) => a - b);
  console.log(`first picture, of ${openings}: median ${pictureMs[openings >> 1]!.toFixed(0)} ms, ${pictureMs[0]!.toFixed(0)} to ${pictureMs.at(-1)!.toFixed(0)} (goal 200), with ${readMs.toFixed(0)} to read three captures, and ${await panel.page.locator('.main scrkd-map').count()} matrices drawn; the folder was read in ${openMs.toFixed(0)} ms before`);
  for (const epoch of epochs) {
    for (const role of ['plain', 'distilled'] as const) {
      const read = await run.capture(role, epoch, samples[0]!, 'loss');
      if ('capture' in read) await panel.post({ type: 'capture', ticket, role, epoch, views: read.capture.views, bytes: read.capture.bytes });
    }
  }
  await panel.post({ type: 'captures-end', ticket });
  // The image and the mask, of which the saliency view's errors and scores are.
  const sent = new Set<string>();
  const sendFiles = async (): Promise<void> => {
    for (const message of panel.received.filter((asked) => asked.type === 'file')) {
      const { sample, kind } = message;
      if (sent.has(`${kind} ${sample}`)) continue;
      sent.add(`${kind} ${sample}`);
      await panel.post({ type: 'file', sample, kind, bytes: (await run.file(sample, kind)).buffer });
    }
  };
  await sendFiles();
  await panel.settle();

  const client = await panel.page.context().newCDPSession(panel.page);
  /** Bytes of the JavaScript heap and of the arrays that hang on it. */
  const heap = async (): Promise<number> => {
    await client.send('HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize = 0 } = (await client.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number };
    return usedSize + backingStorageSize;
  };
  await rest(client);
  for (const tab of options.tabs.split(',')) {
    await panel.page.keyboard.press('Home');
    await panel.page.click(`#tab-${tab}`);
    await panel.settle();
    await sendFiles();
    await rest(client);
    const { clock, own } = await tickTimes(panel.page, epochCount + 1, tab);
    const at = (times: readonly number[], share: number): string => times[Math.floor(share * (times.length - 1))]!.toFixed(1);
    console.log(`${tab}: a tick of the scrubber over ${epochCount} epochs: median ${at(clock, 0.5)} ms, p95 ${at(clock, 0.95)} ms (goal 8); time of the thread alone: median ${at(own, 0.5)} ms, p95 ${at(own, 0.95)} ms`);
  }
  if (options.profile !== undefined) {
    await client.send('Profiler.enable');
    await client.send('Profiler.setSamplingInterval', { interval: 300 });
    await client.send('Profiler.start');
    await scrub(panel.page, 3 * (epochCount + 1));
    writeFileSync(options.profile, JSON.stringify((await client.send('Profiler.stop')).profile));
  }
  await scrub(panel.page, 1_000);
  const early = await heap();
  await scrub(panel.page, Math.max(0, ticks - 1_000));
  const late = await heap();
  console.log(`heap after 1,000 ticks ${(early / 1e6).toFixed(1)} MB, after ${ticks} ${(late / 1e6).toFixed(1)} MB (${((100 * late) / early - 100).toFixed(1)} %, goal within 5 %)`);
} finally {
  await stand.close();
  if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
}

/** Waits until the page's main thread has rested for a while: what the panel does ahead is done. */
async function rest(client: CDPSession): Promise<void> {
  await client.send('Performance.enable');
  const worked = async (): Promise<number> => (await client.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')!.value;
  for (let before = await worked(), calm = 0; calm < 3; ) {
    await new Promise((done) => setTimeout(done, 300));
    const now = await worked();
    calm = now - before < 0.004 ? calm + 1 : 0;
    before = now;
  }
}

/** Ticks, one a frame, from epoch to epoch and round again. */
async function scrub(page: Page, count: number): Promise<void> {
  await page.evaluate(
    async ({ times, last }) => {
      const scrubber = document.querySelector('scrkd-scrubber')!;
      for (let i = 0; i < times; i++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        performance.mark(`tick ${i}`);
        scrubber.dispatchEvent(new CustomEvent('epoch', { detail: i % (last + 1) }));
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
      performance.mark(`tick ${times}`);
      performance.clearMarks();
    },
    { times: count, last: epochCount },
  );
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Of the thread itself, without what others took from it. */
  readonly tdur?: number;
}

/** Milliseconds that the page's main thread worked for each tick: on the clock, and of its own. */
async function tickTimes(page: Page, count: number, name: string): Promise<{ clock: number[]; own: number[] }> {
  const browser = page.context().browser()!;
  // What each task consists of is recorded only where it is looked at, for that takes time of the task's own.
  const details = options.traces === undefined ? [] : ['devtools.timeline', 'disabled-by-default-devtools.timeline'];
  await browser.startTracing(page, { categories: ['blink.user_timing', 'toplevel', ...details] });
  await scrub(page, count);
  const trace = await browser.stopTracing();
  if (options.traces !== undefined) {
    mkdirSync(options.traces, { recursive: true });
    writeFileSync(join(options.traces, `${name}.json`), trace);
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const marks = traceEvents.filter(({ name }) => /^tick \d+$/.test(name)).sort((a, b) => a.ts - b.ts);
  const { pid, tid } = marks[0]!;
  const tasks = traceEvents.filter((event) => event.pid === pid && event.tid === tid && event.ph === 'X' && /RunTask$/.test(event.name)).sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const clock = new Array<number>(marks.length - 1).fill(0);
  const own = new Array<number>(marks.length - 1).fill(0);
  let end = 0;
  for (const { ts, dur = 0, tdur = dur } of tasks) {
    // Two categories tell of the same task, one around the other.
    if (ts < end) continue;
    end = ts + dur;
    // A frame's task begins before its mark and ends after it: it is the mark's.
    const tick = marks.findLastIndex((mark) => mark.ts <= ts + dur);
    if (tick < 0 || tick >= clock.length) continue;
    clock[tick]! += dur / 1_000;
    own[tick]! += tdur / 1_000;
  }
  return { clock: clock.sort((a, b) => a - b), own: own.sort((a, b) => a - b) };
}
