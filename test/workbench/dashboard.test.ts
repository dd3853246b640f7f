import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEvents } from '../../src/runs/read-run.ts';
import type { ReadableRun } from '../../src/runs/list-runs.ts';
import { makeRealisticRun } from '../runs/support/realistic-run.ts';
import { endlessPair, eventsOfType, makeScenes, start, untilRun, untilStep, writeConfig, type Started } from '../training/support.ts';
import { describeInVSCode, startPackaged, until, type PackagedVSCode } from './support.ts';

const config = endlessPair('live');

describeInVSCode('the dashboard', (version) => {
  let vscode: PackagedVSCode;
  let training: Started;
  let run: ReadableRun;
  const policyProblems: string[] = [];

  beforeAll(async () => {
    vscode = await startPackaged({
      version,
      prepare: async (workspace) => {
        await makeScenes(workspace, 8, 2);
        writeConfig(workspace, 'live', config);
        makeRealisticRun(join(workspace, 'runs'), { experiment: 'live', stage: 'student-gamma5', weights: { mvcd: 1, msfd: 1, dsd: 5 }, epochs: 4, stepsPerEpoch: 10, seed: 2 });
        training = start(workspace, 'run', 'live.scrkd.yaml');
        run = await untilRun(workspace, 'student');
        await untilStep(run, 2);
      },
    });
    vscode.workbench.page.on('console', (message) => {
      if (message.type() === 'error' && message.text().includes('Content Security Policy')) policyProblems.push(message.text());
    });
  });
  afterAll(async () => {
    training.process.kill('SIGKILL');
    await training.ended;
    await vscode[Symbol.asyncDispose]();
    rmSync(vscode.workspace, { recursive: true, force: true });
  });

  /** What a chart's lines end with, by the name of their run. */
  async function ends(chart: string): Promise<Record<string, { points: number; x: number }>> {
    const panel = await vscode.workbench.webview('scrkd-dashboard');
    return panel.locator(`scrkd-chart[data-chart="${chart}"]`).evaluate((element) => {
      const { lines } = element as unknown as { lines: readonly { label: string; curve: { x: ArrayLike<number> } }[] };
      return Object.fromEntries(lines.map(({ label, curve: { x } }) => [label, { points: x.length, x: x[x.length - 1] ?? NaN }]));
    });
  }

  test('lays two runs over each other, and follows the one that trains', async () => {
    const { workbench } = vscode;
    const { page } = workbench;
    await workbench.run('SCRKD: Open Dashboard');
    const rows = page.locator('.quick-input-list .monaco-list-row', { hasText: 'student-' });
    await until('both students in the list', async () => (await rows.count()) === 2);
    await rows.nth(0).click();
    await rows.nth(1).click();
    await page.keyboard.press('Enter');
    const panel = await workbench.webview('scrkd-dashboard');
    await until('two rows', async () => (await panel.locator('scrkd-run-table tbody tr').count()) === 2);
    await until('curves of both', async () => Object.keys(await ends('term.dsd')).length === 2);
    expect(await panel.locator('scrkd-run-table th.differs').allTextContents()).toEqual(expect.arrayContaining(['γ']));
    const before = Object.values(await ends('total')).map(({ points }) => points);
    await until('new steps of the live run', async () => Math.max(...Object.values(await ends('total')).map(({ points }) => points)) > Math.max(...before));
    await workbench.screenshot(`dashboard-${version}`);
  });

  test('a weight that is turned reaches the trainer, its log, and the curves', async () => {
    const panel = await vscode.workbench.webview('scrkd-dashboard');
    // For the reload below: VS Code keeps what panels say a few seconds later.
    await panel.getByRole('radio', { name: 'Step' }).click();
    await panel.getByRole('checkbox').nth(1).click();
    const field = panel.getByRole('textbox', { name: 'γ, DSD: value' });
    await field.fill('2.5');
    await field.press('Tab');
    await panel.getByRole('button', { name: 'Apply' }).click();
    await until('the control event', async () => (await eventsOfType(run, 'control')).some(({ verb, args, outcome }) => verb === 'set' && args['dsd'] === 2.5 && outcome === 'accepted'));
    await until('the answer in the panel', async () => (await panel.getByRole('status').textContent())?.includes('Accepted after step') ?? false);
    await until('the mark in the list', async () => (await panel.locator('scrkd-run-panel li.change').first().textContent())?.includes('γ 10 → 2.5') ?? false);
    const [answer] = (await eventsOfType(run, 'control')).filter(({ verb }) => verb === 'set');
    await untilStep(run, answer!.step + 1);
    const { events } = await readEvents(run.folder);
    for (const event of events) if (event.type === 'step') expect(event.weights['dsd']).toBe(event.step > answer!.step ? 2.5 : 10);
  });

  test('is there again after a reload, as it was left', async () => {
    const { workbench } = vscode;
    await workbench.reload();
    const panel = await workbench.webview('scrkd-dashboard');
    await until('two rows again', async () => (await panel.locator('scrkd-run-table tbody tr').count()) === 2);
    expect(await panel.getByRole('radio', { name: 'Step' }).getAttribute('aria-checked')).toBe('true');
    expect(await panel.getByRole('checkbox').nth(1).isChecked()).toBe(false);
    await until('the curves of the other', async () => Object.keys(await ends('term.dsd')).length === 1);
    expect(policyProblems).toEqual([]);
  });
});
