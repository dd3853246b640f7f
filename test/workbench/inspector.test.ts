import { copyFileSync, mkdirSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { synthesise } from '../../src/data/synth/synthesise.ts';
import { readCapture } from '../../src/runs/captures.ts';
import { readableRuns, type ReadableRun } from '../../src/runs/list-runs.ts';
import { colourIndex, magnitudeColours } from '../../webview/inspector/colour.ts';
import { offDiagonalLimits } from '../../webview/inspector/plane.ts';
import { cosine } from '../../webview/inspector/text.ts';
import { scrkd } from '../training/support.ts';
import { describeInVSCode, startPackaged, until, type PackagedVSCode } from './support.ts';

const config = `version: 1
experiment: tiny
dataset: { root: ./data, validation: none }
stages:
  teacher:  { model: { name: pspnet, backbone: resnet18, width: 0.125 }, resolution: 64 }
  baseline: { model: { name: pspnet, backbone: resnet18, width: 0.125 }, resolution: 32 }
  student:  { model: { name: pspnet, backbone: resnet18, width: 0.125 }, resolution: 32, distill: { from: teacher, method: scrkd } }
training: { epochs: 3, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 2, every: 1 }
checkpoints: { every: 1 }
`;

/** What the test reads of the page, whose types are not those of a test. */
interface PageMap {
  readonly pixels: { readonly width: number; readonly height: number; readonly data: Iterable<number> };
}

describeInVSCode('the inspector', (version) => {
  let vscode: PackagedVSCode;
  let student: ReadableRun;
  let baseline: ReadableRun;
  beforeAll(async () => {
    vscode = await startPackaged({
      version,
      files: { 'tiny.scrkd.yaml': config },
      prepare: async (workspace) => {
        await synthesise({ folder: join(workspace, 'data'), train: 8, test: 4, size: 96, seed: 7 });
        const { code, stderr } = await scrkd(workspace, 'run', 'tiny.scrkd.yaml');
        if (code !== 0) throw new Error(stderr);
      },
    });
    const runs = await readableRuns(join(vscode.workspace, 'runs'));
    student = runs.find(({ manifest }) => manifest.stage === 'student')!;
    baseline = runs.find(({ manifest }) => manifest.stage === 'baseline')!;
  });
  afterAll(async () => vscode[Symbol.asyncDispose]());

  const plane = (view: { shape: readonly number[]; data: Float32Array }) => ({ rows: view.shape[0]!, columns: view.shape[1]!, data: view.data });

  test('opens from the palette and shows the pixels of the capture file', async () => {
    const { workbench } = vscode;
    await workbench.run('SCRKD: Show Correlation Maps');
    await workbench.pick('student-');
    const panel = await workbench.webview('scrkd-inspector');
    const cell = panel.getByRole('img', { name: 'Stage 1, height-wise, Distilled' });
    await cell.waitFor();
    await until('the captures have come', async () => (await panel.locator('footer.streaming').count()) === 0);
    const sample = (await panel.locator('scrkd-strip [aria-selected=true]').getAttribute('aria-label'))!;
    const view = async (run: ReadableRun, epoch: number, name: string) => plane((await readCapture(run.folder.capture(epoch, sample), [name])).views[0]!);
    const matrix = await view(student, 3, 'stage1/corr_h/D2');
    const limits = offDiagonalLimits([await view(student, 0, 'teacher/stage1/corr_h/F'), await view(baseline, 3, 'stage1/corr_h/F')]);
    const shown = await cell.evaluate((map: unknown) => {
      const { width, height, data } = (map as PageMap).pixels;
      return { width, height, data: [...data] };
    });
    const n = matrix.rows;
    for (const [row, column] of [[0, 0], [1, 5], [7, 2], [n - 1, n - 2]] as const) {
      const word = magnitudeColours('viridis')[colourIndex(matrix.data[row * n + column]!, limits.low, limits.high)]!;
      const at = 4 * (Math.floor(((row + 0.5) / n) * shown.height) * shown.width + Math.floor(((column + 0.5) / n) * shown.width));
      expect(shown.data.slice(at, at + 4)).toEqual([word & 255, (word >> 8) & 255, (word >> 16) & 255, 255]);
    }
    await workbench.screenshot(`inspector-correlation-${version}`);
  });

  test('scrubs, hovers, changes stage, slides the threshold, swipes', async () => {
    const { workbench } = vscode;
    const panel = await workbench.webview('scrkd-inspector');
    const track = panel.locator('scrkd-scrubber .track');
    await track.focus();
    await workbench.page.keyboard.press('Home');
    await until('epoch 0', async () => (await track.getAttribute('aria-valuenow')) === '0');
    await workbench.page.keyboard.press('End');
    const sample = (await panel.locator('scrkd-strip [aria-selected=true]').getAttribute('aria-label'))!;
    const matrix = plane((await readCapture(student.folder.capture(3, sample), ['stage1/corr_w/D2'])).views[0]!);
    const cell = panel.getByRole('img', { name: 'Stage 1, width-wise, Distilled' });
    const box = (await cell.boundingBox())!;
    const n = matrix.rows;
    await cell.hover({ position: { x: (5.5 / n) * box.width, y: (2.5 / n) * box.height } });
    await until('the value under the pointer', async () => (await panel.locator('.read-out tr[data-role=distilled] td').first().textContent()) === cosine(matrix.data[2 * n + 5]));
    await workbench.page.keyboard.press(']');
    await panel.getByRole('tab', { name: 'Saliency' }).click();
    await panel.locator('.threshold scrkd-slider input').fill('0.3');
    await until('the threshold', async () => (await panel.locator('.threshold > span').textContent()) === '0.30');
    await panel.locator('scrkd-swipe [role=slider]').press('ArrowLeft');
    await until('the swipe', async () => (await panel.locator('scrkd-swipe [role=slider]').getAttribute('aria-valuenow')) === '48');
    await panel.locator('.ranking').waitFor(); // computed by the inspector process
    await workbench.screenshot(`inspector-saliency-${version}`);
  });

  test('shows the channels of a stage, computed from the checkpoint', async () => {
    const { workbench } = vscode;
    const panel = await workbench.webview('scrkd-inspector');
    await panel.getByRole('tab', { name: 'Features' }).click();
    await panel.locator('.channels [role=option]').first().waitFor();
    await workbench.screenshot(`inspector-features-${version}`);
  });

  test('pins a sample in the run’s notes', async () => {
    const { workbench } = vscode;
    const panel = await workbench.webview('scrkd-inspector');
    const pin = panel.locator('scrkd-icon-button').filter({ has: panel.getByRole('button', { name: /Pin this sample/ }) });
    await pin.click();
    await until('the pin', async () => (await panel.locator('scrkd-strip .pin').count()) === 1);
  });

  test('keeps its place over a reload of the window, and says what a damaged capture is', async () => {
    const { workbench } = vscode;
    const [file] = readdirSync(student.folder.captureFolder(2));
    const path = join(student.folder.captureFolder(2), file!);
    mkdirSync(join(vscode.workspace, 'kept'), { recursive: true });
    copyFileSync(path, join(vscode.workspace, 'kept', file!));
    truncateSync(path, 200);
    await workbench.reload();
    const panel = await workbench.webview('scrkd-inspector');
    // The same run, without being asked for it; what was chosen a moment before may not have reached the window's store yet.
    await panel.getByRole('tab', { name: 'Correlation' }).click();
    await panel.locator('scrkd-strip [role=option]').first().click();
    await panel.locator('scrkd-scrubber .track').focus();
    await workbench.page.keyboard.press('Home');
    for (let i = 0; i < 2; i++) await workbench.page.keyboard.press('ArrowRight');
    await panel.locator('scrkd-map.empty .gap').first().waitFor();
    expect((await panel.getByRole('img', { name: 'Stage 1, height-wise, Teacher' }).getAttribute('class')) ?? '').not.toContain('empty');
    copyFileSync(join(vscode.workspace, 'kept', file!), path);
  });
});
