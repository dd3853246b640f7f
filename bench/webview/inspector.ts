/**
 * The inspector's panel on a run of 100 epochs × 20 samples, of a full PSPNet's sizes: time to the first picture, script and drawing of a
 * tick of the scrubber, and the heap after thousands of ticks. In headless Chromium, without a GPU.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InspectorToHost, InspectorToPanel } from '../../src/protocol/inspector.ts';
import { InspectedRun } from '../../src/extension/inspector/inspected-run.ts';
import { correlationViews, deterministic, plausibleViews, syntheticRun } from '../../test/inspector/synthetic-run.ts';
import { Stand } from '../../test/webview/stand/stand.ts';

const [epochCount = 100, sampleCount = 20, ticks = 10_000] = process.argv.slice(2).map(Number);
const channels = 256;
const folder = mkdtempSync(join(tmpdir(), 'scrkd-bench-'));

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
  console.log(`writing ${epochs.length} epochs x ${samples.length} samples`);
  // Only the first sample is opened; the others have to be there.
  const { distilled } = await syntheticRun({ folder, samples, epochs, views: (arm, sample, epoch) => (sample === samples[0] ? views(arm, epoch) : plausibleViews(arm, 0, epoch / epochCount, 4)) });

  const started = performance.now();
  const run = await InspectedRun.open(distilled.path);
  const snapshot = await run.snapshot();
  const first = (await Promise.all([run.capture('teacher', 0, samples[0]!, 'loss'), run.capture('plain', epochCount, samples[0]!, 'loss'), run.capture('distilled', epochCount, samples[0]!, 'loss')])).flatMap((read) => ('capture' in read ? [read.capture] : []));
  console.log(`host: folder opened and the first three captures read in ${(performance.now() - started).toFixed(0)} ms (goal: 200 ms to the first picture, with the drawing below)`);

  const panel = await stand.open<InspectorToHost, InspectorToPanel>({ panel: 'inspector', width: 1440, height: 900, reducedMotion: false });
  await panel.receive((message) => message.type === 'ready');
  await panel.post({ type: 'run', snapshot });
  const wish = await panel.receive((message) => message.type === 'captures');
  for (const [role, epoch, capture] of [['teacher', 0, first[0]!], ['plain', epochCount, first[1]!], ['distilled', epochCount, first[2]!]] as const) await panel.post({ type: 'capture', ticket: wish.ticket, role, epoch, views: capture.views, bytes: capture.bytes });
  for (const epoch of epochs) {
    for (const role of ['plain', 'distilled'] as const) {
      const read = await run.capture(role, epoch, samples[0]!, 'loss');
      if ('capture' in read) await panel.post({ type: 'capture', ticket: wish.ticket, role, epoch, views: read.capture.views, bytes: read.capture.bytes });
    }
  }
  await panel.post({ type: 'captures-end', ticket: wish.ticket });
  await panel.settle();

  const client = await panel.page.context().newCDPSession(panel.page);
  const heap = async (): Promise<number> => {
    await client.send('HeapProfiler.collectGarbage');
    return panel.page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
  };
  const scrub = (count: number): Promise<number[]> =>
    panel.page.evaluate(
      async ({ times, last }) => {
        const scrubber = document.querySelector('scrkd-scrubber')!;
        const inspector = document.querySelector('scrkd-inspector') as unknown as { updateComplete: Promise<unknown> };
        const durations: number[] = [];
        for (let i = 0; i < times; i++) {
          const begun = performance.now();
          scrubber.dispatchEvent(new CustomEvent('epoch', { detail: i % (last + 1) }));
          await inspector.updateComplete; // the pictures are painted within
          durations.push(performance.now() - begun);
          if (i % 20 === 0) await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return durations;
      },
      { times: count, last: epochCount },
    );
  await scrub(epochCount + 1);
  const durations = (await scrub(epochCount + 1)).sort((a, b) => a - b);
  const at = (share: number): string => durations[Math.floor(share * (durations.length - 1))]!.toFixed(1);
  console.log(`a tick of the scrubber over ${epochCount} epochs: median ${at(0.5)} ms, p95 ${at(0.95)} ms (goal 8 ms)`);
  await scrub(1_000);
  const early = await heap();
  await scrub(Math.max(0, ticks - 1_000));
  const late = await heap();
  console.log(`heap after 1,000 ticks ${(early / 1e6).toFixed(1)} MB, after ${ticks} ${(late / 1e6).toFixed(1)} MB (${((100 * late) / early - 100).toFixed(1)} %, goal within 5 %)`);
} finally {
  await stand.close();
  rmSync(folder, { recursive: true, force: true });
}
