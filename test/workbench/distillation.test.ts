/** Start Distillation as a person does it: a run appears, pauses, goes on, stops, is found again and finishes; rows agree with the run folder. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { listRuns, type ReadableRun } from '../../src/runs/list-runs.ts';
import { isAlive, livenessOf } from '../../src/runs/liveness.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { describeInVSCode, startPackaged, until } from './support.ts';

const cli = resolve(import.meta.dirname, '../../dist/cli.js');

const config = (epochs: number): string => `version: 1
experiment: tiny
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: { name: pspnet, backbone: resnet18, width: 0.1 }, resolution: 32 }
training: { epochs: ${epochs}, batchSize: 2, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 1, every: ${epochs} }
`;

const makeData = (workspace: string): void => void execFileSync(process.execPath, [cli, 'dataset', 'synth', join(workspace, 'data'), '--train', '8', '--test', '2', '--size', '64']);

async function runsIn(workspace: string): Promise<ReadableRun[]> {
  return (await listRuns(join(workspace, 'runs'))).filter((run): run is ReadableRun => !('problem' in run));
}

async function stateOf(workspace: string): Promise<ReadableRun['state'] | undefined> {
  return (await runsIn(workspace)).at(-1)?.state;
}

describeInVSCode('a distillation in the workbench', (version) => {
  test('starts, pauses, goes on, survives a reload, stops without an orphan, is killed, resumed and finishes', async () => {
    await using started = await startPackaged({ version, files: { 'tiny.scrkd.yaml': config(400) }, prepare: makeData });
    const { workbench, workspace } = started;
    await workbench.showContainer('SCRKD');
    await workbench.view('Runs').getByText('No runs yet in this folder.').waitFor();
    await workbench.row('data', 'Datasets').waitFor();
    await workbench.screenshot(`empty-runs-${version}`);

    await workbench.run('SCRKD: Start Distillation');
    const row = workbench.row(/^teacher-/, 'Runs');
    await row.waitFor();
    await until('three epochs', async () => ((await stateOf(workspace))?.epoch ?? 0) >= 3);
    const shown = await row.innerText();
    expect(shown).toMatch(/\d+\/400/);
    expect(Number(/(\d+)\/400/.exec(shown)![1])).toBeLessThanOrEqual((await stateOf(workspace))!.epoch);
    await workbench.statusBarItem(/SCRKD: teacher-/).waitFor();
    await workbench.screenshot(`running-${version}`);

    await workbench.menu(row, 'Pause');
    await until('the pause', async () => (await stateOf(workspace))?.state === 'paused');
    await workbench.row(/paused at/, 'Runs').waitFor();
    const trainer = (await stateOf(workspace))!;
    await workbench.reload();
    await workbench.showContainer('SCRKD');
    await workbench.row(/paused at/, 'Runs').waitFor();
    expect((await stateOf(workspace))!.pid).toBe(trainer.pid);
    await workbench.menu(workbench.row(/^teacher-/, 'Runs'), 'Resume');
    await until('going on', async () => (await stateOf(workspace))?.state === 'running');

    await workbench.menu(workbench.row(/^teacher-/, 'Runs'), 'Stop');
    await until('the stop', async () => (await stateOf(workspace))?.state === 'stopped');
    await until('the end of the process', () => livenessOf(trainer) === 'dead');
    await workbench.row(/stopped at/, 'Runs').waitFor();

    await workbench.menu(workbench.row(/^teacher-/, 'Runs'), 'Resume from Checkpoint');
    await until('a new process', async () => (await stateOf(workspace))?.state === 'running' && isAlive((await stateOf(workspace))!));
    process.kill((await stateOf(workspace))!.pid, 'SIGKILL');
    await workbench.row(/interrupted at/, 'Runs').waitFor();
    await workbench.screenshot(`interrupted-${version}`);
    await workbench.menu(workbench.row(/^teacher-/, 'Runs'), 'Resume from Checkpoint');
    await until('the resumed run', async () => (await stateOf(workspace))?.state === 'running' && (await stateOf(workspace))!.attempt === 3);
    await workbench.menu(workbench.row(/^teacher-/, 'Runs'), 'Stop Now');
    await until('the stop', async () => (await stateOf(workspace))?.state === 'stopped');

    const [run] = await runsIn(workspace);
    const { events } = await readEvents(run!.folder);
    expect(events.flatMap((event) => (event.type === 'control' ? [`${event.verb} ${event.outcome}`] : []))).toEqual(['pause accepted', 'resume accepted', 'stop accepted', 'stop-now accepted']);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
  });

  test('a run of a terminal is seen and finishes; an invalid config is not started; scrkd is on the PATH', async () => {
    await using started = await startPackaged({ version, files: { 'tiny.scrkd.yaml': config(3), 'wrong.scrkd.yaml': config(3).replace('pspnet', 'pspnett') }, prepare: makeData });
    const { workbench, workspace } = started;
    await workbench.showContainer('SCRKD');
    await workbench.view('Runs').getByText('No runs yet in this folder.').waitFor();
    await workbench.page.keyboard.press('Control+Shift+Backquote');
    await workbench.page.locator('.terminal-wrapper.active .xterm-helper-textarea').first().waitFor();
    await workbench.page.waitForTimeout(2000);
    await workbench.page.keyboard.type('scrkd run tiny.scrkd.yaml\n');
    await until('a finished run', async () => (await stateOf(workspace))?.state === 'finished', 120_000);
    const [run] = await runsIn(workspace);
    await workbench.row(/^teacher-/, 'Runs').filter({ hasText: '32' }).waitFor();
    await workbench.row(/^teacher-/, 'Runs').locator('.monaco-tl-twistie').click();
    await workbench.row('Evaluations', 'Runs').locator('.monaco-tl-twistie').click();
    const { entries } = JSON.parse(readFileSync(join(run!.folder.path, 'metrics.json'), 'utf8')) as { entries: { protocol: string; metrics: { mae: number } }[] };
    for (const { protocol, metrics } of entries) await workbench.row(protocol, 'Runs').filter({ hasText: `mae ${metrics.mae.toFixed(4)}` }).first().waitFor();
    await workbench.screenshot(`finished-${version}`);

    await workbench.openFile('wrong.scrkd.yaml');
    await workbench.run('SCRKD: Start Distillation');
    await workbench.toast(/wrong\.scrkd\.yaml, line 5/).waitFor();
    expect(await runsIn(workspace)).toHaveLength(1);
    expect(existsSync(join(workspace, 'runs/.launches'))).toBe(false);
  });

  test('an untrusted folder refuses, and a folder without configs says what to do', async () => {
    await using started = await startPackaged({ version, trusted: false, files: { 'readme.txt': 'nothing' } });
    const { workbench } = started;
    const dialog = workbench.dialog(/trust the authors/i);
    await dialog.waitFor();
    await dialog.getByRole('button', { name: /No/ }).click();
    await workbench.showContainer('SCRKD');
    await workbench.view('Runs').getByText('This folder is not trusted.').waitFor();
    await workbench.run('SCRKD: Start Distillation');
    await workbench.toast(/This folder is not trusted/).waitFor();
    await workbench.screenshot(`untrusted-${version}`);
  });

  test('a folder without configs shows the next action', async () => {
    await using started = await startPackaged({ version, files: { 'readme.txt': 'nothing' } });
    await started.workbench.showContainer('SCRKD');
    await started.workbench.view('Runs').getByText('No distillation config in this folder.').waitFor();
    await started.workbench.view('Datasets').getByText('No dataset found in this folder.').waitFor();
    await started.workbench.screenshot(`no-configs-${version}`);
  });
});
