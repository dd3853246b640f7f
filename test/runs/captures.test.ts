import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { withSafetensors } from '../../src/formats/safetensors-reader.ts';
import { captureFiles, readCapture, type CaptureView } from '../../src/runs/captures.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { RunWriter } from '../../src/runs/run-writer.ts';
import { exampleManifest } from './support/example-run.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** A correlation matrix: symmetric, in [-1, 1], ones on the diagonal. */
function correlations(count: number, n: number): Float32Array {
  const random = new Random('correlations', count, n);
  const data = new Float32Array(count * n * n);
  for (let matrix = 0; matrix < count; matrix++) {
    for (let row = 0; row < n; row++) {
      for (let column = row; column < n; column++) {
        const value = row === column ? 1 : random.between(-1, 1);
        data[(matrix * n + row) * n + column] = value;
        data[(matrix * n + column) * n + row] = value;
      }
    }
  }
  return data;
}

const views: CaptureView[] = [
  { name: 'stage1/corr_c/F', shape: [7, 7], data: correlations(1, 7), symmetric: true },
  { name: 'stage1/corr_h/D2', shape: [2, 5, 5], data: correlations(2, 5), symmetric: true },
  { name: 'head1/logit', shape: [2, 3], data: Float32Array.of(-12.5, 0, 1, 2, 3, 40), symmetric: false },
  { name: 'stage1/mean/F', shape: [3], data: Float32Array.of(1e6, -3e5, 1), symmetric: false },
  { name: 'saliency', shape: [1, 2], data: Float32Array.of(0.25, NaN), symmetric: false },
];

describe('captures', () => {
  test('come back to float16, with one triangle on the disk', async () => {
    using writer = RunWriter.create(temporaryFolder(), exampleManifest());
    expect(await writer.captures.write(2, 20, [{ sample: 'a/1', views }])).toBe(true);
    const path = writer.folder.capture(2, 'a/1');
    expect(captureFiles(writer.folder)).toEqual([{ epoch: 2, files: [path] }]);
    await withSafetensors(path, async (file) => {
      expect((await file.read('stage1/corr_c/F')).shape).toEqual([28]);
      expect((await file.read('stage1/corr_h/D2')).shape).toEqual([2, 15]);
    });
    const capture = await readCapture(path);
    expect(capture).toMatchObject({ sample: 'a/1', epoch: 2, step: 20 });
    for (const view of views) {
      const found = capture.views.find(({ name }) => name === view.name)!;
      expect([found.shape, found.symmetric]).toEqual([view.shape, view.symmetric]);
      found.data.forEach((value, i) => {
        const expected = view.data[i]!;
        if (Number.isNaN(expected)) expect(value).toBeNaN();
        // float16 has 11 significant bits; beyond its range values share one power of two.
        else expect(Math.abs(value - expected)).toBeLessThanOrEqual(Math.max(Math.abs(expected) * 2 ** -11, view.name === 'stage1/mean/F' ? 1e-6 : 2 ** -25));
      });
    }
    expect((await readCapture(path, ['head1/logit'])).views.map(({ name }) => name)).toEqual(['head1/logit']);
    const { events } = await readEvents(writer.folder);
    expect(events).toMatchObject([{ type: 'capture', epoch: 2, step: 20, samples: ['a/1'], folder: 'captures/epoch-0002', bytes: statSync(path).size }]);
  });

  test('end at the budget with one event; what is there counts also for the next attempt, and is replaced for free', async () => {
    const writer = RunWriter.create(temporaryFolder(), exampleManifest());
    await writer.captures.write(1, 10, [{ sample: '1', views }]);
    const one = writer.captures.bytes;
    expect(one).toBe(statSync(writer.folder.capture(1, '1')).size);
    writer.close();
    using next = await RunWriter.open(writer.folder.path, { captureBudget: 2 * one });
    expect(next.captures.bytes).toBe(one);
    expect(await next.captures.write(1, 10, [{ sample: '1', views }])).toBe(true);
    expect(await next.captures.write(2, 20, [{ sample: '1', views }])).toBe(true);
    expect(await next.captures.write(3, 30, [{ sample: '1', views }])).toBe(false);
    expect(await next.captures.write(4, 40, [{ sample: '1', views: [] }])).toBe(false);
    expect(next.captures.bytes).toBe(2 * one);
    const { events } = await readEvents(next.folder);
    expect(events.filter((event) => event.type === 'log')).toMatchObject([{ reason: 'capture-budget', details: { epoch: 3, budget: 2 * one } }]);
  });

  test('a file that is no capture is refused by name', async () => {
    using writer = RunWriter.create(temporaryFolder(), exampleManifest());
    await writer.checkpoints.write({ kinds: ['last'], epoch: 1, step: 1, training: {}, tensors: [] });
    await expect(readCapture(writer.folder.checkpoint('last'))).rejects.toThrow(/last\.safetensors: is damaged/);
  });
});
