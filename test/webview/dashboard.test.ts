import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DashboardModel } from '../../src/extension/dashboard/dashboard-model.ts';
import type { DashboardView, FromDashboard, ToDashboard } from '../../src/protocol/dashboard.ts';
import { RunFolder } from '../../src/runs/run-folder.ts';
import { readEpochs, readEvents, readMetrics } from '../../src/runs/read-run.ts';
import { RunWriter } from '../../src/runs/run-writer.ts';
import { fixed } from '../../webview/shared/format.ts';
import { smoothed } from '../../webview/shared/series.ts';
import type { Chart } from '../../webview/shared/chart.ts';
import { makeRealisticRun } from '../runs/support/realistic-run.ts';
import { accessibilityFindings } from './stand/accessibility.ts';
import { noBrowser, Stand, type StandOptions, type StandPanel } from './stand/stand.ts';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Panel = StandPanel<FromDashboard, ToDashboard>;

const weights = { mvcd: 1, msfd: 1, dsd: 10 };
const size = { epochs: 12, stepsPerEpoch: 20 };

describe.skipIf(noBrowser !== undefined)('the dashboard', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'scrkd-dashboard-'));
  let stand: Stand;
  let live: RunFolder;
  let finished: RunFolder;
  let baseline: RunFolder;
  beforeAll(async () => {
    live = makeRealisticRun(scratch, { ...size, weights, seed: 1, steps: 151, state: 'running', change: { afterStep: 80, msfd: 0.8 }, pauseAfterStep: 120 });
    finished = makeRealisticRun(scratch, { ...size, weights: { ...weights, dsd: 5 }, seed: 2 });
    baseline = makeRealisticRun(scratch, { ...size, seed: 3 });
    stand = await Stand.start();
  });
  afterAll(async () => {
    await stand.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** The panel with a model that plays the host's part, on these runs. */
  async function open(folders: readonly RunFolder[], options: Partial<StandOptions> = {}, mayControl = true): Promise<{ panel: Panel; model: DashboardModel; refresh: () => Promise<void> }> {
    const panel: Panel = await stand.open({ panel: 'dashboard', width: 1440, height: 900, ...options });
    const messages: ToDashboard[] = [];
    const model = new DashboardModel((message) => messages.push(message), () => mayControl);
    model.show(folders.map(({ path }) => path));
    await panel.receive((message) => message.type === 'ready');
    const refresh = async (): Promise<void> => {
      await model.refresh();
      for (const message of messages.splice(0)) await panel.post(message);
    };
    await refresh();
    return { panel, model, refresh };
  }

  const chart = (panel: Panel, id: string): Locator => panel.page.locator(`scrkd-chart[data-chart="${id}"]`);

  /** What is on the screen: each drawn line's points, read back from the plot. */
  async function drawn(panel: Panel, id: string): Promise<{ stroke: string; width: number; x: number[]; y: (number | null)[] }[]> {
    return chart(panel, id).evaluate((element) => {
      const { plot } = element as Chart;
      if (plot === undefined) return [];
      return plot.series.slice(1).map((series, i) => {
        const [x, y] = plot.data[i + 1] as unknown as [number[], (number | null)[]];
        const stroke: unknown = typeof series.stroke === 'function' ? series.stroke(plot, i + 1) : series.stroke;
        return { stroke: typeof stroke === 'string' ? stroke : '', width: series.width ?? 0, x, y };
      });
    });
  }

  const keep = (change: Partial<DashboardView>): DashboardView => ({ version: 1, folders: [], hidden: [], align: 'epoch', smoothing: 0, detail: 'step', scale: 'linear', wholeRange: true, ...change });

  it('draws the numbers of the event log: every term of every step, on each axis', async () => {
    const { events } = await readEvents(finished);
    const steps = events.filter((event) => event.type === 'step');
    const { panel } = await open([finished], { state: keep({ align: 'step' }) });
    for (const [id, values] of [
      ['total', steps.map(({ total }) => total)],
      ...['sod', 'mvcd', 'msfd', 'dsd'].map((term) => [`term.${term}`, steps.map(({ terms }) => terms[term]!)] as const),
      ['learningRate', steps.map(({ learningRate }) => learningRate * 1e5)],
    ] as const) {
      const [line] = await drawn(panel, id);
      expect(line?.x).toEqual(steps.map(({ step }) => step));
      line?.y.forEach((value, i) => expect(value).toBeCloseTo(values[i]!, 10));
    }
    await panel.page.getByRole('radio', { name: 'Epoch' }).click();
    await panel.settle();
    expect((await drawn(panel, 'total'))[0]?.x).toEqual(steps.map(({ step }) => step / size.stepsPerEpoch));
    await panel.page.getByRole('radio', { name: 'Time' }).click();
    await panel.settle();
    const time = (await drawn(panel, 'total'))[0]!.x;
    expect(time.at(-1)).toBeCloseTo((Date.parse(steps.at(-1)!.time) - Date.parse(steps[0]!.time)) / 1000 + steps[0]!.seconds, 0);
    expect(panel.problems).toEqual([]);
    await panel.close();
  });

  it('draws epochs, evaluations and resources as they were measured', async () => {
    const epochs = await readEpochs(finished);
    const { panel } = await open([finished], { state: keep({ detail: 'epoch' }) });
    const expectLine = async (id: string, values: readonly number[]): Promise<void> => {
      const [line] = await drawn(panel, id);
      expect(line?.x).toEqual(epochs.map(({ epoch }) => epoch));
      line?.y.forEach((value, i) => expect(value).toBeCloseTo(values[i]!, 9));
    };
    await expectLine('term.mvcd', epochs.map(({ terms }) => terms['mvcd']!));
    await expectLine('metric.maxF', epochs.map(({ metrics }) => metrics['validation/selection']!['maxF']!));
    await expectLine('metric.mae', epochs.map(({ metrics }) => metrics['validation/selection']!['mae']!));
    await expectLine('imagesPerSecond', epochs.map(({ imagesPerSecond }) => imagesPerSecond));
    await expectLine('stepTime', epochs.map(({ seconds }) => (1000 * seconds) / size.stepsPerEpoch));
    await expectLine('memory', epochs.map(({ memoryBytes }) => memoryBytes / 1024 ** 3));
    await panel.close();
  });

  it('smooths the line and keeps the steps behind it for the run that one looks at', async () => {
    const { events } = await readEvents(live);
    const steps = events.filter((event) => event.type === 'step');
    const { panel } = await open([live, finished], { state: keep({ smoothing: 0.6 }) });
    const lines = await drawn(panel, 'total');
    // The raw curve of the chosen run, then the others, the chosen one on top.
    expect(lines.map(({ width }) => width)).toEqual([1.1, 1.1, 1.6]);
    const x = steps.map(({ step }) => step / size.stepsPerEpoch);
    const y = steps.map(({ total }) => total);
    lines[0]!.y.forEach((value, i) => expect(value).toBeCloseTo(y[i]!, 9));
    const expected = smoothed({ x, y }, 0.6, size.epochs);
    lines[2]!.y.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 9));
    await panel.close();
  });

  it('overlays runs in the colours of the table, a baseline dashed, and hides one', async () => {
    const { panel } = await open([live, finished, baseline]);
    const lines = await drawn(panel, 'term.sod');
    expect(new Set(lines.map(({ stroke }) => stroke)).size).toBe(3);
    expect(await drawn(panel, 'term.mvcd')).toHaveLength(3); // raw and two: the baseline has no such term
    await panel.page.getByRole('checkbox', { name: /baseline/ }).click();
    await panel.settle();
    expect(await drawn(panel, 'term.sod')).toHaveLength(lines.length - 1);
    expect(await panel.kept()).toMatchObject({ hidden: [baseline.path], folders: [live.path, finished.path, baseline.path] });
    await panel.close();
  });

  it('says in the table what differs, and the final figures', async () => {
    const { panel } = await open([finished, baseline]);
    const text = await panel.page.locator('scrkd-run-table th.differs').allTextContents();
    expect(text).toEqual(['method', 'α', 'β', 'γ', 'from']);
    await panel.page.getByRole('button', { name: 'More', exact: true }).click();
    await panel.page.getByRole('menuitemradio', { name: 'test · scrkd448' }).click();
    await panel.settle();
    const { metrics } = readMetrics(finished).entries[0]!;
    const row = await panel.page.locator('scrkd-run-table tbody tr').first().textContent();
    for (const name of ['mae', 'maxF', 's', 'meanE']) expect(row).toContain(fixed(metrics[name], 4));
    await panel.close();
  });

  it('says in one line that finished runs were not evaluated on the way, in the place of empty charts', async () => {
    const unevaluated = makeRealisticRun(scratch, { ...size, seed: 4 });
    const without = readFileSync(unevaluated.events, 'utf8').split('\n').filter((line) => !line.includes('"split":"validation"'));
    writeFileSync(unevaluated.events, without.join('\n'));
    const { panel, model, refresh } = await open([unevaluated]);
    await panel.page.getByText('not evaluated while training; the final figures are in the table.').waitFor();
    expect(await chart(panel, 'metric.maxF').count()).toBe(0);
    expect(await chart(panel, 'memory').or(chart(panel, 'total')).count()).toBeGreaterThan(0);
    model.show([unevaluated.path, finished.path]);
    await refresh();
    await chart(panel, 'metric.maxF').waitFor();
    await panel.close();
  });

  it('marks what happened, changes of weights in orange', async () => {
    const { panel } = await open([live]);
    const marks = await chart(panel, 'total').evaluate((element) => [...(element as Chart).marks]);
    expect(marks.filter(({ accent }) => accent)).toEqual([{ x: 80 / size.stepsPerEpoch, glyph: 'β', accent: true }]);
    expect(marks.some(({ glyph, x }) => glyph === '‖' && x === 120 / size.stepsPerEpoch)).toBe(true);
    const list = (await panel.page.locator('scrkd-run-panel li').allTextContents()).map((item) => item.replace(/\s+/g, ' '));
    expect(list.join('\n')).toContain('β 1 → 0.8');
    expect(list.join('\n')).toContain('Paused 3 min 12 s');
    await panel.close();
  });

  it('sends what was turned only at Apply, and tells the answer', async () => {
    using writer = await RunWriter.open(makeRealisticRun(scratch, { ...size, weights, seed: 9, steps: 30, state: 'running' }).path);
    writer.setState('running');
    const { panel, model, refresh } = await open([writer.folder]);
    const field = panel.page.getByRole('textbox', { name: 'γ, DSD: value' });
    await field.fill('14');
    await field.press('Tab');
    expect(panel.received.some(({ type }) => type === 'control')).toBe(false);
    expect(await panel.page.locator('scrkd-run-panel .pending').textContent()).toContain('γ 10 → 14');
    await panel.page.getByRole('button', { name: 'Apply' }).click();
    const asked = await panel.receive((message) => message.type === 'control');
    expect(asked).toEqual({ type: 'control', folder: writer.folder.path, control: { verb: 'set', changes: { dsd: 14 } } });
    model.control(asked.folder, asked.control);
    await refresh();
    expect(await panel.page.getByRole('status').textContent()).toContain('waiting for the trainer');
    const [pending] = writer.control.poll(30);
    expect(pending?.request).toMatchObject({ verb: 'set', args: { dsd: 14 } });
    pending?.accept();
    await refresh();
    expect(await panel.page.getByRole('status').textContent()).toContain('Accepted after step 30');
    expect(await panel.page.locator('scrkd-run-panel .pending').count()).toBe(0);
    expect(await field.inputValue()).toBe('14');
    expect(await panel.page.locator('scrkd-run-panel li.change').textContent()).toContain('γ 10 → 14');

    await panel.page.getByRole('button', { name: 'Pause' }).click();
    const pause = await panel.receive((message) => message.type === 'control' && message.control.verb === 'pause');
    if (pause.type === 'control') model.control(pause.folder, pause.control);
    writer.control.poll(30)[0]?.reject('it is paused already');
    await refresh();
    expect(await panel.page.getByRole('status').textContent()).toContain('Refused (pause): it is paused already');
    expect(panel.problems).toEqual([]);
    await panel.close();
  });

  it('refuses a text that is no weight, and resets', async () => {
    const { panel } = await open([live]);
    const field = panel.page.getByRole('textbox', { name: 'α, MVCD: value' });
    await field.fill('-1');
    await field.press('Tab');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await panel.page.getByRole('slider', { name: 'β, MSFD' }).press('ArrowRight');
    expect(await panel.page.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
    await panel.page.getByRole('button', { name: 'Reset' }).click();
    expect(await field.getAttribute('aria-invalid')).toBe('false');
    expect(await panel.page.getByRole('slider', { name: 'β, MSFD' }).getAttribute('aria-valuetext')).toBe('0.8');
    await panel.close();
  });

  it('controls nothing in a folder that is not trusted, and says so', async () => {
    const { panel } = await open([live], {}, false);
    expect(await panel.page.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true);
    expect(await panel.page.getByText('The folder is not trusted').count()).toBe(1);
    await panel.close();
  });

  it('comes back as it was left', async () => {
    const state = keep({ folders: [live.path, finished.path], hidden: [finished.path], selected: finished.path, align: 'time', smoothing: 0.3, scale: 'log' });
    const { panel } = await open([live, finished], { state });
    expect(await panel.page.getByRole('radio', { name: 'Time' }).getAttribute('aria-checked')).toBe('true');
    expect(await panel.page.getByRole('checkbox').nth(1).isChecked()).toBe(false);
    expect(await panel.page.locator('scrkd-run-panel h2').textContent()).toBe(await panel.page.locator('scrkd-run-table tbody tr').nth(1).getByRole('button').first().textContent());
    expect(await chart(panel, 'total').evaluate((element) => (element as Chart).scale)).toBe('log');
    await panel.close();
  });

  it('is usable by the keyboard alone', async () => {
    const { panel } = await open([live, finished]);
    await panel.page.getByRole('radio', { name: 'Epoch' }).focus();
    await panel.page.keyboard.press('ArrowRight');
    expect(await panel.page.getByRole('radio', { name: 'Step' }).getAttribute('aria-checked')).toBe('true');
    await panel.page.keyboard.press('ArrowLeft');
    const plot = chart(panel, 'total').getByRole('img');
    await plot.focus();
    await panel.page.keyboard.press('Home');
    await panel.page.keyboard.press('Shift+ArrowRight');
    expect(await plot.getAttribute('aria-label')).toContain('epoch 10.0');
    await panel.page.keyboard.press('ArrowDown');
    expect(await chart(panel, 'term.sod').getByRole('img').evaluate((element) => element.matches(':focus'))).toBe(true);
    await panel.page.keyboard.press('Escape');
    expect(await plot.getAttribute('aria-label')).not.toContain('epoch');
    await panel.page.getByRole('button', { name: 'More', exact: true }).focus();
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('Escape');
    expect(await panel.page.getByRole('menu').count()).toBe(0);
    await panel.close();
  });

  it('says what to do when there is nothing, and what is wrong with a folder', async () => {
    const empty = await open([]);
    await empty.panel.page.getByRole('button', { name: 'Add Runs…' }).click();
    expect(await empty.panel.receive((message) => message.type === 'add-runs')).toEqual({ type: 'add-runs' });
    await empty.panel.close();
    const broken = await open([new RunFolder(join(scratch, 'nowhere'))]);
    expect(await broken.panel.page.locator('scrkd-run-table .error').textContent()).toContain('run.json');
    await broken.panel.close();
  });

  it('has no accessibility findings in any theme and width, and breaks no content policy', async () => {
    for (const [theme, width] of [
      ['dark', 1440],
      ['light', 1440],
      ['highContrast', 700],
      ['highContrastLight', 360],
    ] as const) {
      const { panel } = await open([live, finished, baseline], { theme, width });
      expect(panel.problems).toEqual([]); // before axe, which writes style attributes of its own
      expect(await accessibilityFindings(panel.page), `${theme} ${width}`).toEqual([]);
      expect(await panel.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
      await panel.close();
    }
  });
});
