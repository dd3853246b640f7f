/** Start Distillation as a person does it. One window and one small training for all of it; what rows say is held against the run folders. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { processTree, survivors } from '../../src/extension/launch/process-tree.ts';
import type { RunState } from '../../src/protocol/run.ts';
import { listRuns, readableRuns, type ReadableRun } from '../../src/runs/list-runs.ts';
import { livenessOf } from '../../src/runs/liveness.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { describeInVSCode, hasTerminal, startPackaged, until, type PackagedVSCode } from './support.ts';

/** A network of the smallest size, trained for long enough that nobody sees its end. */
const config = (experiment: string, epochs = 20_000): string => `version: 1
experiment: ${experiment}
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: { name: pspnet, backbone: resnet18, width: 0.1 }, resolution: 32 }
training: { epochs: ${epochs}, batchSize: 8, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 1, every: ${epochs} }
`;

describeInVSCode('a distillation', (version) => {
  let vscode: PackagedVSCode;
  beforeAll(async () => {
    // The terminal's text is in the page where no GPU draws it.
    vscode = await startPackaged({ version, files: { 'readme.txt': 'nothing yet' }, settings: { 'terminal.integrated.gpuAcceleration': 'off' } });
  });
  afterAll(async () => {
    // Trainers outlive windows: those of a test that failed are ended by hand.
    for (const { state } of await runs()) if (livenessOf(state) === 'alive') process.kill(state.pid, 'SIGKILL');
    await vscode[Symbol.asyncDispose]();
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await vscode.workbench.screenshot(`failed-distillation-${version}`);
  });

  const runs = (): Promise<ReadableRun[]> => readableRuns(join(vscode.workspace, 'runs'));
  async function runOf(experiment: string): Promise<ReadableRun | undefined> {
    return (await runs()).find(({ manifest }) => manifest.experiment === experiment);
  }
  async function untilState(experiment: string, state: RunState['state'], attempt = 1): Promise<RunState> {
    let found: RunState | undefined;
    await until(`${experiment} to be ${state}`, async () => {
      found = (await runOf(experiment))?.state;
      return found?.state === state && found.attempt === attempt;
    });
    return found!;
  }
  /** The row of a run, by the end of its id. */
  async function rowOf(experiment: string) {
    const { manifest } = (await runOf(experiment))!;
    return vscode.workbench.row(`${manifest.stage}-${manifest.id.slice(-4).toLowerCase()}`, 'Runs');
  }
  async function untilRow(experiment: string, text: RegExp): Promise<void> {
    const row = await rowOf(experiment);
    await row.locator('.label-description').filter({ hasText: text }).waitFor();
  }
  const startFromPalette = async (file: string): Promise<void> => {
    await vscode.workbench.run('SCRKD: Start Distillation');
    await vscode.workbench.pick(file);
  };

  /** `scrkd run` as a person types it; a process of its own where there is no terminal. */
  const runInTerminal = async (file: string): Promise<void> => {
    if (!hasTerminal(version)) {
      spawn(process.execPath, [resolve('dist/cli.js'), 'run', file], { cwd: vscode.workspace, env: { ...process.env, SCRKD_CACHE: join(vscode.workspace, '../cache') }, stdio: 'ignore', detached: true }).unref();
      return;
    }
    const { page } = vscode.workbench;
    await vscode.workbench.run('Terminal: Create New Terminal');
    const terminal = page.locator('.terminal-wrapper.active');
    await terminal.locator('.xterm-rows').filter({ hasText: /\S/ }).first().waitFor(); // the prompt: what is typed before it can be lost
    await terminal.locator('.xterm-helper-textarea').first().focus();
    await page.keyboard.type(`scrkd run ${file}`);
    await page.keyboard.press('Enter');
  };

  test('a folder without configs says what to do; scenes are drawn and a config is of its language', async () => {
    const { workbench, workspace } = vscode;
    await workbench.showContainer('SCRKD');
    await workbench.view('Runs').getByText('No distillation config in this folder.').waitFor();
    await workbench.view('Datasets').getByText('No dataset found in this folder.').waitFor();
    await workbench.screenshot(`no-configs-${version}`);
    await workbench.run('SCRKD: Generate Synthetic Dataset');
    await workbench.answer('data');
    await workbench.pick('40 scenes');
    await workbench.row('data', 'Datasets').filter({ hasText: '40 samples' }).waitFor();
    for (const experiment of ['long', 'third']) writeFileSync(join(workspace, `${experiment}.scrkd.yaml`), config(experiment));
    writeFileSync(join(workspace, 'short.scrkd.yaml'), config('short', 2));
    await workbench.view('Runs').getByText('No runs yet in this folder.').waitFor();
    await workbench.openFile('short.scrkd.yaml');
    await workbench.statusBarItem('SCRKD experiment').waitFor();
    await workbench.run('View: Close Editor');
    await workbench.tab('short.scrkd.yaml').waitFor({ state: 'hidden' });
  });

  test('starts from the palette; its row and the status bar follow; it pauses', async () => {
    const { workbench } = vscode;
    await startFromPalette('long.scrkd.yaml');
    await until('three epochs', async () => ((await runOf('long'))?.state.epoch ?? 0) >= 3);
    await untilRow('long', /\b[1-9]\d*\/20000/);
    const shown = await (await rowOf('long')).locator('.label-description').innerText();
    expect(Number(shown.split('/')[0])).toBeLessThanOrEqual((await runOf('long'))!.state.epoch);
    await workbench.statusBarItem(/SCRKD: teacher-/).waitFor();
    await workbench.screenshot(`running-${version}`);
    await workbench.menu(await rowOf('long'), 'Pause');
    const paused = await untilState('long', 'paused');
    await untilRow('long', new RegExp(`paused at ${paused.epoch}/20000`));
  });

  test('is found again after a reload, by the same process, and goes on', async () => {
    const { workbench } = vscode;
    const before = (await runOf('long'))!.state;
    await workbench.reload();
    await workbench.showContainer('SCRKD');
    await untilRow('long', new RegExp(`paused at ${before.epoch}/20000`));
    await workbench.menu(await rowOf('long'), 'Resume');
    const after = await untilState('long', 'running');
    expect(after).toMatchObject({ pid: before.pid, processStart: before.processStart });
    await until('a later step', async () => (await runOf('long'))!.state.step > before.step);
    await workbench.run('SCRKD: Pause');
    await untilState('long', 'paused');
  });

  test('launches of a terminal and of the palette wait for the device; their order changes, and a place is given up', async () => {
    const { workbench } = vscode;
    await runInTerminal('short.scrkd.yaml');
    await untilState('short', 'queued');
    await untilRow('short', /waiting for .*, 1 ahead/);
    await startFromPalette('third.scrkd.yaml');
    await untilState('third', 'queued');
    await untilRow('third', /2 ahead/);
    await workbench.screenshot(`waiting-${version}`);
    await workbench.menu(await rowOf('third'), 'Move Up in Queue');
    await untilRow('third', /1 ahead/);
    await untilRow('short', /2 ahead/);
    const { state } = (await runOf('third'))!;
    await workbench.menu(await rowOf('third'), 'Stop');
    await untilState('third', 'stopped');
    await until('the end of its process', () => livenessOf(state) === 'dead');
    await untilRow('short', /1 ahead/);
  });

  test('stops without an orphan; then the waiting run trains and finishes, and its rows say what its files say', async () => {
    const { workbench } = vscode;
    await workbench.menu(await rowOf('long'), 'Resume');
    const state = await untilState('long', 'running');
    const tree = await processTree(state);
    await workbench.menu(await rowOf('long'), 'Stop');
    await untilState('long', 'stopped');
    await until('the end of every process of the training', () => survivors(tree).length === 0);
    await untilRow('long', /stopped at \d+\/20000/);
    await untilState('short', 'finished');
    const run = (await runOf('short'))!;
    const row = await rowOf('short');
    await row.filter({ hasText: '32' }).waitFor();
    await row.click();
    await workbench.page.keyboard.press('ArrowRight');
    await workbench.row('Evaluations', 'Runs').click();
    const { entries } = JSON.parse(readFileSync(join(run.folder.path, 'metrics.json'), 'utf8')) as { entries: { protocol: string; metrics: { mae: number } }[] };
    expect(entries.length).toBeGreaterThan(0);
    for (const { protocol, metrics } of entries) await workbench.row(protocol, 'Runs').filter({ hasText: `mae ${metrics.mae.toFixed(4)}` }).first().waitFor();
    await workbench.screenshot(`finished-${version}`);
  });

  test('a killed trainer is told from a live one and offered for resume; nothing is missing from its log', async () => {
    const { workbench } = vscode;
    await workbench.menu(await rowOf('long'), 'Resume from Checkpoint');
    const { pid } = await untilState('long', 'running', 2);
    process.kill(pid, 'SIGKILL');
    await untilRow('long', /interrupted at/);
    await workbench.statusBarItem('SCRKD: 1 run was interrupted').waitFor();
    await workbench.screenshot(`interrupted-${version}`);
    await workbench.menu(await rowOf('long'), 'Resume from Checkpoint');
    await untilState('long', 'running', 3);
    await workbench.menu(await rowOf('long'), 'Stop Now');
    await untilState('long', 'stopped', 3);
    const { events } = await readEvents((await runOf('long'))!.folder);
    expect(events.flatMap((event) => (event.type === 'control' ? [`${event.verb} ${event.outcome}`] : []))).toEqual([
      'pause accepted', 'resume accepted', 'pause accepted', 'resume accepted', 'stop accepted', 'stop-now accepted',
    ]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
  });

  test('a config with an error is not started, and its line is named', async () => {
    const { workbench, workspace } = vscode;
    writeFileSync(join(workspace, 'wrong.scrkd.yaml'), config('wrong').replace('pspnet', 'pspnett'));
    await workbench.openFile('wrong.scrkd.yaml');
    await workbench.run('SCRKD: Start Distillation');
    await workbench.toast(/wrong\.scrkd\.yaml, line 5/).waitFor();
    expect(await runOf('wrong')).toBeUndefined();
  });

  test('a filter says how many runs pass', async () => {
    const { workbench } = vscode;
    await workbench.run('SCRKD: Filter Runs');
    await workbench.answer('short');
    await workbench.view('Runs').getByText('1 of 3 runs pass the filter.').waitFor();
    await workbench.run('SCRKD: Clear Filter');
    await (await rowOf('long')).waitFor();
  });
});

describeInVSCode('a folder that is not trusted', (version) => {
  test('refuses to start, with the reason', async () => {
    await using started = await startPackaged({ version, trusted: false, files: { 'tiny.scrkd.yaml': config('tiny') } });
    const { workbench } = started;
    // Older versions ask; newer ones open folders in restricted mode and say so above.
    const dialog = workbench.dialog(/trust the authors/i);
    await dialog.or(workbench.page.getByText(/^Restricted Mode is intended/)).first().waitFor();
    if (await dialog.isVisible()) await dialog.getByRole('button', { name: /^No/ }).click();
    await workbench.showContainer('SCRKD');
    await workbench.view('Runs').getByText('This folder is not trusted.').waitFor();
    await workbench.run('SCRKD: Start Distillation');
    await workbench.toast(/This folder is not trusted/).waitFor();
    await workbench.screenshot(`untrusted-${version}`);
    expect(await listRuns(join(started.workspace, 'runs'))).toEqual([]);
  });
});
