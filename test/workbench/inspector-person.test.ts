/** The inspector on runs of every kind, as a person meets them: a long one, one that trains, one of huge images, damaged ones. */
import { existsSync, readFileSync, readdirSync, truncateSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { synthesise } from '../../src/data/synth/synthesise.ts';
import { readCapture } from '../../src/runs/captures.ts';
import { readableRuns, type ReadableRun } from '../../src/runs/list-runs.ts';
import { livenessOf } from '../../src/runs/liveness.ts';
import { readNotes } from '../../src/runs/read-run.ts';
import { writeNotes } from '../../src/runs/run-writer.ts';
import { colourIndex, magnitudeColours } from '../../webview/inspector/colour.ts';
import { offDiagonalLimits } from '../../webview/inspector/plane.ts';
import { plausibleViews, syntheticRun, type SyntheticRun } from '../inspector/synthetic-run.ts';
import { start } from '../training/support.ts';
import { testedVersions } from '../vscode.ts';
import { describeInVSCode, runLabel, startPackaged, until, type PackagedVSCode } from './support.ts';

const lastEpoch = 100;
const samples = Array.from({ length: 20 }, (_, i) => `scene-${String(i).padStart(2, '0')}`);

/** Long enough that it still trains when it is looked at. */
const live = `version: 1
experiment: live
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: { name: pspnet, backbone: resnet18, width: 0.125 }, resolution: 64 }
  student: { model: { name: pspnet, backbone: resnet18, width: 0.125 }, resolution: 32, distill: { from: teacher, method: scrkd } }
training: { epochs: 24, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 2, every: 1 }
checkpoints: { every: 4 }
`;

/** What a test reads of the page, whose types are not its own. */
interface PageMap {
  readonly pixels: { readonly width: number; readonly height: number; readonly data: ArrayLike<number> & Iterable<number> };
}

describeInVSCode(
  'the inspector, in depth',
  (version) => {
    if (version !== testedVersions[0]) {
      test.skip('only in the newest VS Code', () => undefined);
      return;
    }
    let vscode: PackagedVSCode;
    let long: SyntheticRun;
    let huge: SyntheticRun;
    beforeAll(async () => {
      vscode = await startPackaged({
        version,
        // The Runs view looks beside configs.
        files: { 'live.scrkd.yaml': live, 'long/long.scrkd.yaml': live, 'huge/huge.scrkd.yaml': live },
        prepare: async (workspace) => {
          await synthesise({ folder: join(workspace, 'data'), train: 16, test: 4, size: 96, seed: 7 });
          const epochs = Array.from({ length: lastEpoch + 1 }, (_, i) => i);
          long = await syntheticRun({ folder: join(workspace, 'long'), samples, epochs, views: (arm, sample, epoch) => plausibleViews(arm, samples.indexOf(sample) % 3, epoch / lastEpoch) });
          writeNotes(long.distilled, { ...readNotes(long.distilled), pins: samples });
          huge = await syntheticRun({ folder: join(workspace, 'huge'), samples: ['huge'], epochs: [0, 1], imageSide: 4000, views: (arm, _, epoch) => plausibleViews(arm, 0, epoch) });
        },
      });
    });
    afterAll(async () => {
      for (const { state } of await liveRuns()) if (livenessOf(state) === 'alive') process.kill(state.pid, 'SIGKILL');
      await vscode[Symbol.asyncDispose]();
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await vscode.workbench.screenshot(`failed-inspector-person-${version}`);
    });

    const liveRuns = (): Promise<ReadableRun[]> => readableRuns(join(vscode.workspace, 'runs'));
    const shownEpoch = async (panel: FrameLocator): Promise<number> => Number(await panel.locator('scrkd-scrubber .track').getAttribute('aria-valuenow'));
    const lastShown = async (panel: FrameLocator): Promise<number> => Number(await panel.locator('scrkd-scrubber .track').getAttribute('aria-valuemax'));
    const streamed = async (panel: FrameLocator): Promise<void> => until('the captures', async () => (await panel.locator('scrkd-scrubber').count()) === 1 && (await panel.locator('footer.streaming').count()) === 0);
    /** Another run, through the panel's own menu. */
    async function choose(panel: FrameLocator, run: string): Promise<void> {
      await panel.locator('header scrkd-menu').getByRole('button').first().click();
      await panel.getByRole('menuitem', { name: /Choose another run/ }).click();
      await vscode.workbench.pick(run);
      await vscode.workbench.tab(run.slice(-4).toLowerCase()).waitFor();
    }
    const gaps = async (panel: FrameLocator): Promise<string[]> => (await panel.locator('scrkd-map.empty .gap .why').allTextContents()).filter((text) => text !== '');

    test('opens a run of 100 epochs × 20 pinned samples from the Runs tree, and scrubs it', async () => {
      const { workbench } = vscode;
      await workbench.showContainer('SCRKD');
      const row = workbench.row(runLabel(long.distilled.name), 'Runs').first();
      await row.waitFor();
      await workbench.menu(row, 'Show Correlation Maps');
      const panel = await workbench.webview('scrkd-inspector');
      await streamed(panel);
      expect(await panel.locator('scrkd-strip .pin').count()).toBe(20);
      expect(await lastShown(panel)).toBe(lastEpoch);
      await panel.locator('scrkd-scrubber .track').focus();
      await workbench.page.keyboard.press('Home');
      for (let i = 0; i < 3; i++) await workbench.page.keyboard.press('PageUp');
      for (let i = 0; i < 7; i++) await workbench.page.keyboard.press('ArrowRight');
      await until('epoch 37', async () => (await shownEpoch(panel)) === 37);
      await workbench.page.keyboard.press('1');
      const matrixOf = async (path: string, name: string) => {
        const view = (await readCapture(path, [name])).views[0]!;
        return { rows: view.shape[0]!, columns: view.shape[1]!, data: view.data };
      };
      const matrix = await matrixOf(long.distilled.capture(37, samples[0]!), 'stage2/corr_h/D2');
      const limits = offDiagonalLimits([await matrixOf(long.distilled.capture(0, samples[0]!), 'teacher/stage2/corr_h/F'), await matrixOf(long.plain.capture(lastEpoch, samples[0]!), 'stage2/corr_h/F')]);
      const n = matrix.rows;
      const colourAt = async (row: number, column: number): Promise<number[]> =>
        panel.getByRole('img', { name: 'Stage 2, height-wise, Distilled' }).evaluate(
          (map: unknown, [x, y]) => {
            const { width, height, data } = (map as PageMap).pixels;
            const at = 4 * (Math.floor(y! * height) * width + Math.floor(x! * width));
            return [0, 1, 2, 3].map((channel) => data[at + channel]!);
          },
          [(column + 0.5) / n, (row + 0.5) / n],
        );
      for (const [row, column] of [[0, 1], [3, 1], [2, 3]] as const) {
        const word = magnitudeColours('viridis')[colourIndex(matrix.data[row * n + column]!, limits.low, limits.high)]!;
        expect(await colourAt(row, column)).toEqual([word & 255, (word >> 8) & 255, (word >> 16) & 255, 255]);
      }
      await workbench.screenshot(`inspector-long-${version}`);
    });

    test('exports the view where the dialog says', async () => {
      const { workbench } = vscode;
      const panel = await workbench.webview('scrkd-inspector');
      await panel.locator('scrkd-scrubber .track').focus();
      await workbench.page.keyboard.press('x');
      await until('the proposed name', async () => (await workbench.quickInput.inputValue()).endsWith('synthetic-correlation-scene-00-epoch37.png'));
      await workbench.screenshot(`inspector-export-${version}`);
      await workbench.answer(join(vscode.workspace, 'figure.png'));
      await workbench.toast('figure.png exported').waitFor();
      for (const suffix of ['png', 'svg', 'pdf', 'csv', 'distilled-stage2-height.npy']) expect(existsSync(join(vscode.workspace, `figure.${suffix}`)), suffix).toBe(true);
      expect(readFileSync(join(vscode.workspace, 'figure.pdf'), 'latin1')).toContain('(Distilled) Tj');
    });

    test('swipes and blinks between two arms, by mouse and by keys', async () => {
      const { workbench } = vscode;
      const panel = await workbench.webview('scrkd-inspector');
      await panel.getByRole('tab', { name: 'Saliency' }).click();
      await panel.locator('.at-threshold tr[data-role=plain]').waitFor();
      const swipe = panel.locator('scrkd-swipe');
      const handle = swipe.getByRole('slider');
      const tags = async (): Promise<string> => (await swipe.locator('.tag').allTextContents()).join(' | ');
      const at = async (): Promise<number> => Number(await handle.getAttribute('aria-valuenow'));
      /** Equal sums, equal pictures. */
      const picture = async (): Promise<number> =>
        swipe.locator('scrkd-scene').evaluate((scene: unknown) => {
          let sum = 0;
          for (const byte of (scene as PageMap).pixels.data) sum = (31 * sum + byte) >>> 0;
          return sum;
        });
      expect(await tags()).toBe('Plain · epoch 37 | Distilled · epoch 37');
      const box = (await swipe.boundingBox())!;
      await workbench.page.mouse.move(box.x + box.width / 2, box.y + box.height / 3);
      await workbench.page.mouse.down();
      await workbench.page.mouse.move(box.x + 0.8 * box.width, box.y + box.height / 3, { steps: 5 });
      await workbench.page.mouse.up();
      await until('the divider where it was dragged', async () => Math.abs((await at()) - 80) <= 1);
      await handle.press('ArrowLeft');
      await until('the divider moved by a key', async () => Math.abs((await at()) - 78) <= 1);
      await workbench.screenshot(`inspector-swipe-${version}`);
      await handle.press('b');
      await until('the arms exchanged', async () => (await tags()) === 'Distilled · epoch 37 | Plain · epoch 37');
      await handle.press('Shift+B');
      await until('one arm alone', async () => (await tags()) === 'Distilled · epoch 37');
      const one = await picture();
      await workbench.screenshot(`inspector-blink-${version}`);
      await until('the other', async () => (await tags()) === 'Plain · epoch 37');
      expect(await picture()).not.toBe(one);
      await until('the first again', async () => (await tags()) === 'Distilled · epoch 37');
      await panel.getByRole('button', { name: 'Stop blinking' }).click();
      await until('both', async () => (await tags()) === 'Distilled · epoch 37 | Plain · epoch 37');
      await panel.getByRole('tab', { name: 'Correlation' }).click();
    });

    test('says what is missing and what is damaged, and shows the rest', async () => {
      const { workbench } = vscode;
      truncateSync(long.distilled.capture(50, samples[1]!), 300);
      unlinkSync(long.plain.capture(50, samples[1]!));
      const panel = await workbench.webview('scrkd-inspector');
      await panel.locator('scrkd-strip [role=option]').nth(1).click();
      await streamed(panel);
      await panel.locator('scrkd-scrubber .track').focus();
      await workbench.page.keyboard.press('Home');
      for (let i = 0; i < 5; i++) await workbench.page.keyboard.press('PageUp');
      await until('epoch 50', async () => (await shownEpoch(panel)) === 50);
      await until('the placeholders', async () => (await gaps(panel)).length > 0);
      const said = await gaps(panel);
      expect(said.some((text) => text === 'No capture of this sample at this epoch.')).toBe(true);
      expect(said.some((text) => /bytes|truncated|header/i.test(text))).toBe(true);
      expect((await panel.getByRole('img', { name: 'Stage 1, height-wise, Teacher' }).getAttribute('class')) ?? '').not.toContain('empty');
      await workbench.screenshot(`inspector-damaged-${version}`);
    });

    test('shows a sample of 4000 × 4000 pixels', async () => {
      const { workbench } = vscode;
      const panel = await workbench.webview('scrkd-inspector');
      await choose(panel, runLabel(huge.distilled.name));
      await streamed(panel);
      await panel.getByRole('tab', { name: 'Saliency' }).click();
      await until('the scores', async () => /\d/.test((await panel.locator('.of-image tr[data-role=plain] td').first().textContent()) ?? ''));
      const picture = panel.locator('figure.picture .cell');
      await picture.hover();
      await until('the place under the pointer', async () => /^(1999|2\d{3}|19\d\d), /.test((await panel.locator('.place .at td').first().textContent()) ?? ''));
      await workbench.screenshot(`inspector-huge-${version}`);
    });

    test('is a view of the panel, which can be moved to the side bar, as well', async () => {
      const { workbench } = vscode;
      await workbench.run('SCRKD Inspector: Focus on SCRKD Inspector View');
      const empty = await workbench.webview('scrkd-inspector scrkd-notice');
      await empty.getByRole('button', { name: 'Choose a Run' }).click();
      await workbench.pick(runLabel(long.distilled.name));
      const inspectors = workbench.page.locator('iframe.webview.ready');
      await until('a second inspector with pictures', async () => {
        const scrubbers = await Promise.all((await inspectors.all()).map(async (frame) => frame.contentFrame().frameLocator('iframe#active-frame').locator('scrkd-scrubber').count()));
        return scrubbers.filter((count) => count > 0).length === 2;
      });
      await workbench.screenshot(`inspector-view-${version}`);
      await workbench.run('View: Toggle Panel Visibility');
    });

    test('follows a run that trains, and leaves the device to it', async () => {
      const { workbench } = vscode;
      const training = start(vscode.workspace, 'run', 'live.scrkd.yaml');
      const student = async (): Promise<ReadableRun | undefined> => (await liveRuns()).find(({ manifest }) => manifest.stage === 'student');
      await until('the student’s first capture', async () => {
        const run = await student();
        return run !== undefined && existsSync(run.folder.captures) && readdirSync(run.folder.captures).length > 0;
      }, 180_000);
      const run = (await student())!;
      const panel = await workbench.webview('scrkd-inspector');
      await choose(panel, runLabel(run.folder.name));
      const before = await lastShown(panel);
      await until('another epoch', async () => (await lastShown(panel)) > before + 1, 120_000);
      await workbench.screenshot(`inspector-live-${version}`);
      await panel.locator('scrkd-strip .uncaptured').first().click();
      await until('that the trainer is busy', async () => (await gaps(panel)).some((text) => text.includes('is training: the device is left to it')));
      await workbench.screenshot(`inspector-busy-${version}`);
      expect((await training.ended).code).toBe(0);
    });

    test('computes an image that is dropped on the panel', async () => {
      const { workbench } = vscode;
      const panel = await workbench.webview('scrkd-inspector');
      const jpeg = readFileSync(join(vscode.workspace, 'data/images/test-0002.jpg')).toString('base64');
      await panel.locator('body').evaluate((body: unknown, base64) => {
        const page = globalThis as unknown as { atob(text: string): string; File: new (parts: Uint8Array[], name: string, options: { type: string }) => unknown; DataTransfer: new () => { items: { add(file: unknown): void } }; DragEvent: new (type: string, init: object) => unknown };
        const transfer = new page.DataTransfer();
        transfer.items.add(new page.File([Uint8Array.from(page.atob(base64), (character) => character.charCodeAt(0))], 'mine.jpg', { type: 'image/jpeg' }));
        (body as { dispatchEvent(event: unknown): void }).dispatchEvent(new page.DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }));
      }, jpeg);
      await panel.locator('figure.picture figcaption', { hasText: 'mine.jpg' }).waitFor();
      await until('its maps', async () => (await panel.locator('figure.map-distilled scrkd-map:not(.stale):not(.empty)').count()) === 1, 60_000);
      await workbench.screenshot(`inspector-dropped-${version}`);
    });
  },
  { isLong: true },
);
