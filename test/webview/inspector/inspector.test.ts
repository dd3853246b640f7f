import { mkdtempSync, rmSync, truncateSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resize } from '../../../src/data/resize.ts';
import { decodeFloat16, encodeFloat16 } from '../../../src/formats/float16.ts';
import { createEvaluator } from '../../../src/metrics/evaluator.ts';
import { readCapture } from '../../../src/runs/captures.ts';
import { colourIndex, magnitudeColours } from '../../../webview/inspector/colour.ts';
import type { MapElement } from '../../../webview/inspector/map-element.ts';
import { offDiagonalLimits } from '../../../webview/inspector/plane.ts';
import { cosine, fixed } from '../../../webview/inspector/text.ts';
import { cosines, correlationViews, deterministic, isObject, plausibleViews, saliencyAt, studentSide, syntheticRun, type SyntheticRun } from '../../inspector/synthetic-run.ts';
import { testsAll } from '../../vscode.ts';
import { accessibilityFindings } from '../stand/accessibility.ts';
import { noBrowser, Stand } from '../stand/stand.ts';
import { playInspector } from './played-host.ts';

const epochs = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const samples = ['alpha', 'beta', 'gamma'];

/** All pixels of a map; `at` gives those at a share of its sides. */
async function pixels(page: Page, label: RegExp): Promise<{ at(x: number, y: number): number[] }> {
  const { width, height, data } = await page.evaluate((source) => {
    const map = [...document.querySelectorAll<MapElement>('scrkd-map')].find((element) => new RegExp(source).test(element.getAttribute('aria-label') ?? ''))!;
    const { width, height, data } = map.pixels!;
    return { width, height, data: [...data] };
  }, label.source);
  return {
    at: (x, y) => {
      const start = 4 * (Math.floor(y * height) * width + Math.floor(x * width));
      return data.slice(start, start + 4);
    },
  };
}

function rgba(word: number): number[] {
  return [word & 255, (word >> 8) & 255, (word >> 16) & 255, word >>> 24];
}

const halves = (values: Float32Array): Float32Array => decodeFloat16(encodeFloat16(values));

describe.skipIf(noBrowser !== undefined)('the inspector', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scrkd-inspector-'));
  let stand: Stand;
  let run: SyntheticRun;
  beforeAll(async () => {
    stand = await Stand.start();
    run = await syntheticRun({ folder, samples, epochs, views: (arm, sample, epoch) => plausibleViews(arm, samples.indexOf(sample), epoch / 8) });
  });
  afterAll(async () => {
    await stand.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('paints every cell of a matrix in the colour of the value that the capture file holds', async () => {
    const { panel } = await playInspector(stand, run.distilled.path);
    const { views } = await readCapture(run.distilled.capture(8, 'alpha'));
    const matrix = (name: string) => {
      const view = views.find((other) => other.name === name)!;
      return { rows: view.shape[0]!, columns: view.shape[1]!, data: view.data };
    };
    const [teacher, distilled] = [(await readCapture(run.distilled.capture(0, 'alpha'))).views.find(({ name }) => name === 'teacher/stage1/corr_h/F')!, matrix('stage1/corr_h/D2')];
    const plain = (await readCapture(run.plain.capture(8, 'alpha'))).views.find(({ name }) => name === 'stage1/corr_h/F')!;
    const { low, high } = offDiagonalLimits([teacher, plain].map(({ shape, data }) => ({ rows: shape[0]!, columns: shape[1]!, data })));
    const shown = await pixels(panel.page, /^Stage 1, height-wise.*Distilled$/);
    for (let row = 0; row < distilled.rows; row++) {
      for (let column = 0; column < distilled.columns; column++) {
        const expected = rgba(magnitudeColours('viridis')[colourIndex(distilled.data[row * distilled.columns + column]!, low, high)]!);
        expect(shown.at((column + 0.5) / distilled.columns, (row + 0.5) / distilled.rows)).toEqual(expected);
      }
    }
    expect(panel.problems).toEqual([]);
    await panel.close();
  });

  it('says the value under the pointer in all arms at once, to the last digit', async () => {
    const { panel } = await playInspector(stand, run.distilled.path, { state: undefined });
    const n = studentSide >> 2;
    const place = { row: 1, column: 3 };
    const cell = panel.page.locator('.row:nth-of-type(3) .block:nth-of-type(3) .cell').first();
    await cell.hover({ position: await at(cell, (place.column + 0.5) / n, (place.row + 0.5) / n) });
    await panel.settle();
    const read = async (role: string, column: number): Promise<string> => (await panel.page.locator(`.read-out tr[data-role=${role}] td`).nth(column).textContent())!.trim();
    const value = (a: number): number => halves(cosines(deterministic(a + 0.2, 0, 12, n, n), [12, n, n], 'h'))[place.row * n + place.column]!;
    expect(await read('teacher', 0)).toBe(cosine(value(1.7)));
    expect(await read('plain', 0)).toBe(cosine(value(0.2)));
    expect(await read('distilled', 0)).toBe(cosine(value(0.2 + 1.5)));
    expect(await panel.page.locator('.read-out thead th').first().textContent()).toContain(`height ${place.row} × ${place.column}`);
    await panel.close();
  });

  it('shows the distances of the published golden values', async () => {
    // Two images, as in the specification: the term is the mean over both.
    const goldenFolder = join(folder, 'golden');
    const shape = [6, 5, 4] as const;
    const golden = await syntheticRun({
      folder: goldenFolder,
      samples: ['image0', 'image1'],
      epochs: [0],
      views: (arm, sample) => correlationViews(1, 'F', deterministic(arm === 'teacher' ? 1.7 : 0.2, sample === 'image0' ? 0 : 1, ...shape), shape),
    });
    const { panel, answerAll } = await playInspector(stand, golden.distilled.path);
    const shown = async (): Promise<number[]> => (await panel.page.locator('.row .figures b').allTextContents()).map(Number);
    const first = await shown();
    await panel.page.locator('scrkd-strip [role=option]').nth(1).click();
    await answerAll();
    const second = await shown();
    const expected = [0.44314414, 0.06838948, 0.04054689];
    for (const [view, value] of expected.entries()) expect((first[view]! + second[view]!) / 2).toBeCloseTo(value, 2.9);
    // K_c, K_h, K_w of the first image, row 0.
    for (const [axis, row] of [['c', [1, 0.9776, 0.9038]], ['h', [1, 0.9672, 0.8337]], ['w', [1, 0.9765, 0.8715]]] as const) {
      const matrix = cosines(deterministic(0.2, 0, ...shape), shape, axis);
      for (const [column, value] of row.entries()) expect(matrix[column]).toBeCloseTo(value, 4);
    }
    await panel.close();
  });

  it('scrubs every picture together without asking the host', async () => {
    const { panel } = await playInspector(stand, run.distilled.path);
    const asked = panel.received.length;
    const before = (await pixels(panel.page, /^Stage 3, channel-wise.*Distilled$/)).at(0.3, 0.7);
    await panel.page.keyboard.press('Home');
    await panel.settle();
    expect(await panel.page.locator('scrkd-scrubber .track').getAttribute('aria-valuetext')).toBe('epoch 0 of 8');
    expect((await pixels(panel.page, /^Stage 3, channel-wise.*Distilled$/)).at(0.3, 0.7)).not.toEqual(before);
    for (let i = 0; i < 3; i++) await panel.page.keyboard.press('.');
    await panel.settle();
    expect(await panel.page.locator('scrkd-scrubber .track').getAttribute('aria-valuenow')).toBe('3');
    await expect.poll(() => panel.page.getByRole('gridcell', { name: 'Stage 2, height-wise' }).locator('.unseen').textContent()).toContain('at epoch 3');
    expect(panel.received.length).toBe(asked);
    await panel.close();
  });

  it('keeps tab, sample, epoch, stage and zoom over a reload', async () => {
    const { panel, answerAll } = await playInspector(stand, run.distilled.path);
    await panel.page.locator('scrkd-strip [role=option]').nth(1).click();
    await answerAll();
    for (const key of ['Home', '.', '.', '3', '[', 'c']) await panel.page.keyboard.press(key);
    await panel.settle();
    const state = await panel.kept();
    await panel.close();
    const again = await playInspector(stand, run.distilled.path, { state });
    expect(await again.panel.page.locator('scrkd-strip [aria-selected=true]').getAttribute('aria-label')).toContain('beta');
    expect(await again.panel.page.locator('scrkd-scrubber .track').getAttribute('aria-valuenow')).toBe('2');
    expect(await again.panel.page.locator('.read h2').first().textContent()).toContain('S2 · width');
    await again.panel.close();
  });

  it('says which picture is missing or corrupt, and shows the rest', async () => {
    const broken = await syntheticRun({ folder: join(folder, 'broken'), samples: ['alpha'], epochs: [0, 1, 2], views: (arm, _, epoch) => plausibleViews(arm, 0, epoch / 2) });
    truncateSync(broken.distilled.capture(2, 'alpha'), 300);
    unlinkSync(broken.plain.capture(1, 'alpha'));
    const { panel } = await playInspector(stand, broken.distilled.path);
    const gap = async (role: RegExp): Promise<string> => (await panel.page.getByRole('img', { name: role }).first().locator('.gap .why').allTextContents()).join();
    expect(await gap(/^Stage 1, channel-wise.*Distilled$/)).toMatch(/truncated|bytes|header/i);
    expect(await gap(/^Stage 1, channel-wise.*Plain$/)).toBe('');
    expect(await gap(/^Stage 1, channel-wise.*Teacher$/)).toBe('');
    await panel.page.keyboard.press(',');
    await panel.settle();
    expect(await gap(/^Stage 1, channel-wise.*Plain$/)).toBe('No capture of this sample at this epoch.');
    expect(await gap(/^Stage 1, channel-wise.*Distilled$/)).toBe('');
    expect(panel.problems).toEqual([]);
    await panel.close();
  });

  it('scores the map at the threshold as an independent count does, and as the evaluator', async () => {
    const { panel, answerAll } = await playInspector(stand, run.distilled.path);
    await panel.page.click('#tab-saliency');
    await answerAll();
    const map = halves(Float32Array.from({ length: studentSide ** 2 }, (_, i) => saliencyAt('plain', 1, (i % studentSide) / studentSide, Math.floor(i / studentSide) / studentSide)));
    const soft = shrunkMask();
    const text = async (table: string, column: number): Promise<string> => (await panel.page.locator(`${table} tr[data-role=plain] td`).nth(column).textContent())!;
    for (const threshold of [0.5, 0.31]) {
      await panel.page.locator('.threshold scrkd-slider input').fill(String(threshold));
      await panel.settle();
      const selected = [...map].map((value) => value >= threshold);
      const hits = soft.reduce((sum, value, i) => sum + (selected[i] ? value / 255 : 0), 0);
      const positive = soft.reduce((sum, value) => sum + value / 255, 0);
      const count = selected.filter(Boolean).length;
      expect(await text('.at-threshold', 0)).toBe(fixed(count === 0 ? 0 : hits / count, 3));
      expect(await text('.at-threshold', 1)).toBe(fixed(hits / positive, 3));
      expect(await text('.at-threshold', 3)).toBe(fixed(hits / (count + positive - hits), 3));
      const { mae, maxF, s } = createEvaluator('scrkd448').add(map, Uint8Array.from(soft), studentSide, studentSide);
      expect([await text('.of-image', 0), await text('.of-image', 1), await text('.of-image', 2)]).toEqual([fixed(mae, 4), fixed(maxF, 4), fixed(s, 4)]);
    }
    await panel.close();
  });

  it('follows swipe, blink, temperature and zoom', async () => {
    const { panel, answerAll } = await playInspector(stand, run.distilled.path);
    await panel.page.click('#tab-saliency');
    await answerAll();
    const handle = panel.page.locator('scrkd-swipe [role=slider]');
    await handle.focus();
    await panel.page.keyboard.press('ArrowRight');
    await panel.settle();
    expect(await handle.getAttribute('aria-valuenow')).toBe('52');
    await panel.page.keyboard.press('b');
    await panel.settle();
    expect(await panel.page.locator('scrkd-swipe .tag.left').textContent()).toContain('Distilled');
    await panel.page.click('#tab-logits');
    await panel.settle();
    await panel.page.locator('.threshold scrkd-slider input').fill('4');
    await panel.settle();
    expect(await panel.page.locator('.side p').textContent()).toContain('0.438 … 0.562');
    await panel.page.click('#tab-correlation');
    await panel.page.locator('.block').nth(4).dblclick();
    await panel.settle();
    const matrix = panel.page.locator('.zoomed .cell').first();
    await matrix.hover();
    await panel.page.mouse.wheel(0, -400);
    await panel.settle();
    expect((await panel.kept() as { window: { size: number } }).window.size).toBeLessThan(0.6);
    await panel.page.keyboard.press('Escape');
    await panel.settle();
    expect(await panel.page.locator('.matrices').count()).toBe(1);
    expect(panel.problems).toEqual([]);
    await panel.close();
  });

  it('shows a sample of 4000 × 4000 pixels', async () => {
    const large = await syntheticRun({ folder: join(folder, 'large'), samples: ['huge'], epochs: [0], imageSide: 4000, views: (arm) => plausibleViews(arm, 0, 1) });
    const { panel, answerAll } = await playInspector(stand, large.distilled.path);
    await panel.page.click('#tab-saliency');
    await answerAll();
    await panel.page.waitForFunction(() => document.querySelector('.at-threshold [data-role=plain] td')?.textContent !== '–');
    const [red, green] = await panel.page.evaluate(() => {
      const { width, height, data } = (document.querySelector('figure.picture scrkd-scene') as unknown as { pixels: ImageData }).pixels;
      const at = 4 * (Math.floor(height * 0.25) * width + Math.floor(width * 0.75));
      return [...data.slice(at, at + 4)];
    });
    expect(red).toBeGreaterThan(180);
    expect(green).toBeLessThan(80);
    expect(panel.problems).toEqual([]);
    await panel.close();
  });

  it('exports the figure in four forms, with its numbers', async () => {
    const { panel, answerAll } = await playInspector(stand, run.distilled.path);
    await panel.page.keyboard.press('x');
    await answerAll(); // the ground truth, which this view does not show
    const saved = await panel.receive((message) => message.type === 'save');
    const file = (suffix: string): Uint8Array => new Uint8Array(saved.files.find((each) => each.suffix === suffix)!.bytes);
    expect(saved.name).toBe('synthetic-correlation-alpha-epoch8');
    expect([...file('png').subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    const pdf = Buffer.from(file('pdf')).toString('latin1');
    expect(pdf.startsWith('%PDF-1.4')).toBe(true);
    expect(pdf).toContain('(Teacher) Tj');
    // Three arms: three matrices of three stages each, a spatial map each; image, ground truth and errors; a colour bar and three squares.
    expect(pdf.match(/\/Subtype \/Image/g)).toHaveLength(3 * (3 * 3 + 1) + 3 + 4);
    expect(pixelsPerInch(file('png'))).toBe(300);
    const svg = Buffer.from(file('svg')).toString();
    expect(svg.match(/<image /g)!.length).toBeGreaterThanOrEqual(27);
    expect(svg).toContain('>Teacher</text>');
    const csv = Buffer.from(file('csv')).toString().split('\r\n');
    expect(csv[0]).toBe('sample,epoch,stage,view,arm,l1_to_reference');
    expect(csv.length).toBe(1 + 2 * 3 * 3 * epochs.length + 1);
    const npy = file('distilled-stage2-height.npy');
    expect(Buffer.from(npy.subarray(1, 6)).toString()).toBe('NUMPY');
    const n = studentSide >> 2;
    const values = new Float32Array(npy.slice(npy.length - 4 * n * n).buffer);
    expect([...values]).toEqual([...halves(cosines(deterministic(1.9, 0, 12, n, n), [12, n, n], 'h'))]);
    await panel.page.locator('scrkd-menu').getByRole('button').first().click();
    await panel.page.getByRole('menuitemradio', { name: '600 dpi' }).click();
    await panel.page.keyboard.press('x');
    const sharper = await panel.receive((message) => message.type === 'save' && message !== saved);
    if (sharper.type !== 'save') throw new Error('no figure');
    expect(pixelsPerInch(new Uint8Array(sharper.files[0]!.bytes))).toBe(600);
    expect(panel.problems).toEqual([]);
    await panel.close();
  });

  it('says where the pointer is in the image, on the teacher’s grid and on the student’s', async () => {
    const { panel, answerAll } = await playInspector(stand, run.distilled.path);
    const place = async (): Promise<string[]> => panel.page.locator('.place .at td').allTextContents();
    // Row 1 of 4 of the second stage: images of 64 pixels, teacher 32 and student 16 wide.
    const cell = panel.page.locator('.row:nth-of-type(3) .block:nth-of-type(3) .cell').first();
    await cell.hover({ position: await at(cell, 0.5, 1.5 / 4) });
    await panel.settle();
    expect(await place()).toEqual(['16–31', '2–3', '1']);
    await panel.page.click('#tab-saliency');
    await answerAll();
    const map = panel.page.locator('figure.map-teacher .cell');
    await map.hover({ position: await at(map, 0.6, 0.3) });
    await panel.settle();
    expect(await place()).toEqual(['38, 19', '19, 9', '9, 4']);
    await panel.close();
  });

  it('shows what the features are of, and the spatial map beside the matrices', async () => {
    const { panel, answerAll } = await playInspector(stand, run.distilled.path);
    const spatial = await pixels(panel.page, /^Stage 3, spatial map, Distilled$/);
    const side = studentSide >> 3;
    const map = halves(Float32Array.from({ length: side * side }, (_, i) => 1 + Math.sin(1.7 + 6 * ((i % side) / side) * (Math.floor(i / side) / side))));
    const [low, high] = [Math.min(...map), Math.max(...map)];
    for (const [row, column] of [[0, 0], [1, 1]] as const) expect(spatial.at((column + 0.5) / side, (row + 0.5) / side)).toEqual(rgba(magnitudeColours('viridis')[colourIndex(map[row * side + column]!, low, high)]!));
    await panel.page.click('#tab-features');
    await answerAll();
    for (const name of ['Image alpha', 'Ground truth of alpha']) expect(await panel.page.locator('.pictures').getByRole('img', { name }).count(), name).toBe(1);
    expect(await panel.page.locator('.pictures').getByRole('img', { name: /^Error, (plain|teacher|distilled): \d+ false positives/ }).count()).toBe(3);
    await panel.close();
  });

  it('computes the logits of a sample without captures, and marks the epochs whose checkpoint is kept', async () => {
    const partly = await syntheticRun({ folder: join(folder, 'partly'), samples: ['alpha'], epochs: [0, 1, 2], uncaptured: ['omega'], kept: [2], views: (arm, _, epoch) => plausibleViews(arm, 0, epoch / 2) });
    const asked: string[] = [];
    const { panel, answerAll } = await playInspector(stand, partly.distilled.path, {}, (question) => {
      if (question.kind !== 'capture') return Promise.reject(new Error('not part of this test'));
      asked.push(`${question.role} ${question.sample} ${question.epoch}`);
      return Promise.resolve({ kind: 'capture', views: plausibleViews(question.role === 'assistant' ? 'teacher' : question.role, 0, 1).map(({ name, shape, data }) => ({ name, shape: [...shape], data: data.slice().buffer })) });
    });
    await panel.page.click('#tab-logits');
    await panel.page.locator('scrkd-strip [role=option]').nth(1).click();
    await answerAll();
    expect(await panel.page.locator('.logit-grid .row').count()).toBe(3);
    expect(new Set(asked)).toEqual(new Set(['plain omega 2', 'teacher omega 0', 'distilled omega 2']));
    expect(await panel.page.locator('scrkd-scrubber .kept').count()).toBe(1);
    expect(await panel.page.locator('scrkd-scrubber .track').getAttribute('aria-valuetext')).toContain('checkpoint kept');
    const state = await panel.kept();
    await panel.close();
    // As at first sight, without any sample's captures read before.
    const again = await playInspector(stand, partly.distilled.path, { state }, () => Promise.reject(new Error('the trainer is busy')));
    expect(await again.panel.page.locator('scrkd-strip [aria-selected=true]').getAttribute('aria-label')).toContain('omega');
    await again.panel.close();
  });

  it('is accessible in every tab and theme', async () => {
    const some = ['dark', 'highContrastLight'] as const;
    for (const theme of testsAll ? ([...some, 'light', 'highContrast'] as const) : some) {
      const { panel, answerAll } = await playInspector(stand, run.distilled.path, { theme });
      const tabs = ['correlation', 'features', 'logits', 'saliency'];
      for (const tab of tabs) {
        await panel.page.click(`#tab-${tab}`);
        await answerAll();
      }
      // Before axe-core: its own styles are refused by the page's content policy.
      expect(panel.problems).toEqual([]);
      for (const tab of tabs) {
        await panel.page.click(`#tab-${tab}`);
        await panel.settle();
        expect(await accessibilityFindings(panel.page), `${tab}, ${theme}`).toEqual([]);
        const unnamed = await panel.page.evaluate(() => [...document.querySelectorAll('canvas:not([aria-hidden=true]), scrkd-map')].filter((picture) => picture.closest('[role=img][aria-label]:not([aria-label=""]), [role=presentation], [role=option]') === null).length);
        expect(unnamed, `pictures without a description, ${tab}`).toBe(0);
      }
      await panel.close();
    }
  });

  it('fits into side bars and columns of any width', async () => {
    const { panel, answerAll } = await playInspector(stand, run.distilled.path);
    for (const tab of ['correlation', 'features', 'logits', 'saliency']) {
      await panel.page.click(`#tab-${tab}`);
      await answerAll();
      for (const width of [300, 320, 480, 520, 800, 860, 1040]) {
        await panel.page.setViewportSize({ width, height: 800 });
        await panel.settle();
        expect(await panel.page.evaluate(overflowing), `${tab} at ${width}`).toEqual([]);
      }
    }
    await panel.close();
  });

  it('writes at a step of the scrubber what a view drawn anew shows', async () => {
    const { panel, answerAll } = await playInspector(stand, run.distilled.path);
    for (const tab of ['correlation', 'features', 'logits', 'saliency']) {
      await panel.page.keyboard.press('End');
      await panel.page.click(`#tab-${tab}`);
      await answerAll();
      for (let i = 0; i < 3; i++) await panel.page.keyboard.press(',');
      await panel.settle();
      await panel.page.waitForTimeout(300); // what is only spoken is written when the scrubber rests
      const stepped = await panel.page.evaluate(appearance);
      await panel.page.keyboard.press('?');
      await panel.page.keyboard.press('?');
      await panel.settle();
      expect(await panel.page.evaluate(appearance), tab).toEqual(stepped);
      expect(stepped.text).toContain('epoch 5');
    }
    expect(panel.problems).toEqual([]);
    await panel.close();
  });

  it('keeps to one canvas for a view’s maps, and fills it again when the browser took it away', async () => {
    const { panel } = await playInspector(stand, run.distilled.path);
    expect(await panel.page.locator('.main scrkd-map').count()).toBe(4 * 3 * 3);
    expect(await panel.page.locator('.main canvas').count()).toBe(1);
    const label = /^Stage 1, height-wise.*Distilled$/;
    const before = (await pixels(panel.page, label)).at(0.3, 0.7);
    await panel.page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.main scrkd-sheet > canvas')!;
      canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height);
      canvas.dispatchEvent(new Event('contextrestored'));
    });
    expect((await pixels(panel.page, label)).at(0.3, 0.7)).toEqual(before);
    await panel.close();
  });
});

async function at(cell: ReturnType<Page['locator']>, x: number, y: number): Promise<{ x: number; y: number }> {
  const box = (await cell.boundingBox())!;
  return { x: x * box.width, y: y * box.height };
}

/** Of a PNG's pHYs chunk, which follows its header. */
function pixelsPerInch(png: Uint8Array): number {
  expect(Buffer.from(png.subarray(37, 41)).toString()).toBe('pHYs');
  return Math.round(new DataView(png.buffer, png.byteOffset).getUint32(41) * 0.0254);
}

/** The mask at the student's size, as training shrinks it. */
function shrunkMask(): number[] {
  const data = Uint8Array.from({ length: 64 * 64 }, (_, i) => (isObject((i % 64) / 64, Math.floor(i / 64) / 64) ? 255 : 0));
  return [...resize({ width: 64, height: 64, channels: 1, data }, { width: studentSide, height: studentSide }, 'bilinear').data];
}

/** In the page: elements whose contents are wider than they are, and texts that are cut off. Names may be cut off, the strip of samples scrolls. */
function overflowing(): string[] {
  const mayBe = (element: Element): boolean => element.closest('scrkd-strip .list, .unseen, select, option') !== null || getComputedStyle(element).textOverflow === 'ellipsis';
  const found: string[] = [];
  for (const element of document.querySelectorAll('body, body *')) {
    const { display, overflowX, visibility } = getComputedStyle(element);
    if (element.clientWidth === 0 || display === 'inline' || visibility === 'hidden' || mayBe(element)) continue;
    const holds = overflowX !== 'visible' || element.matches('.number, td, th, .title, figcaption, button');
    if (holds && element.scrollWidth > element.clientWidth + (element.matches('.cell') ? 1 : 0)) found.push(`${element.tagName.toLowerCase()}.${[...element.classList].join('.')} ${element.scrollWidth} > ${element.clientWidth}: ${element.textContent.trim().slice(0, 40)}`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode() !== null) {
    const text = texts.currentNode;
    const parent = text.parentElement!;
    if ((text.textContent ?? '').trim() === '' || mayBe(parent) || parent.closest('script, style') !== null) continue;
    range.selectNodeContents(text);
    const { left, right, width } = range.getBoundingClientRect();
    if (width === 0) continue;
    if (left < -0.5 || right > innerWidth + 0.5) found.push(`text ${left}…${right}: ${(text.textContent ?? '').trim().slice(0, 40)}`);
  }
  return found;
}

/** In the page: all that is read, said and seen of a view. */
function appearance(): { text: string; labels: (string | null)[]; styles: string[]; pictures: string[] } {
  const panel = document.querySelector('scrkd-inspector main')!;
  return {
    text: `${panel.textContent} ${document.querySelector('scrkd-scrubber')!.textContent}`.replace(/\s+/g, ' '),
    labels: [...panel.querySelectorAll('[aria-label]')].map((element) => element.getAttribute('aria-label')),
    styles: [...panel.querySelectorAll<HTMLElement>('[style]')].map((element) => element.style.cssText),
    pictures: [...panel.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()),
  };
}
