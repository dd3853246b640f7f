/** What stands above an experiment and its stages, clicked. */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listRuns, readableRuns, type ReadableRun } from '../../src/runs/list-runs.ts';
import { livenessOf } from '../../src/runs/liveness.ts';
import { describeInVSCode, hasTerminal, makeScenes, startPackaged, until, type PackagedVSCode } from './support.ts';

const config = `version: 1
experiment: small
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: { name: pspnet, backbone: resnet18, width: 0.1 }, resolution: 64 }
  student: { model: { name: pspnet, backbone: resnet18, width: 0.1 }, resolution: 32, distill: { from: teacher, method: scrkd } }
training: { epochs: 20000, batchSize: 8, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 1, every: 20000 }
`;

// Minutes on a busy machine.
describeInVSCode('the lenses of a config', (version) => {
  let vscode: PackagedVSCode;
  beforeAll(async () => {
    // The terminal's text is in the page where no GPU draws it.
    vscode = await startPackaged({ version, files: { 'small.scrkd.yaml': config }, prepare: makeScenes, settings: { 'terminal.integrated.gpuAcceleration': 'off' }, size: { width: 1400, height: 900 } });
    await vscode.workbench.openFile('small.scrkd.yaml');
  });
  afterAll(async () => {
    for (const { state } of await runs()) if (livenessOf(state) === 'alive') process.kill(state.pid, 'SIGKILL');
    await vscode[Symbol.asyncDispose]();
  });

  const runs = (): Promise<ReadableRun[]> => readableRuns(join(vscode.workspace, 'runs'));
  const lens = (title: RegExp) => vscode.workbench.page.locator('.codelens-decoration a', { hasText: title }).first();
  async function untilTrained(attempt: number): Promise<ReadableRun> {
    let found: ReadableRun | undefined;
    await until(`a run in its attempt ${attempt} to train`, async () => {
      found = (await runs()).find(({ state }) => state.attempt === attempt && state.state === 'running' && state.step > 0);
      return found !== undefined;
    });
    return found!;
  }
  async function stop({ folder }: ReadableRun): Promise<void> {
    execFileSync(process.execPath, [resolve('dist/cli.js'), 'control', folder.path, 'stop'], { stdio: 'pipe' });
    await until('the run to stop', async () => (await runs())[0]?.state.state === 'stopped');
  }

  test.runIf(hasTerminal(version))('Dry Run tries two batches of every stage, and says shapes and memory', async () => {
    const { workbench, workspace } = vscode;
    await lens(/^Dry Run$/).click();
    const terminal = workbench.page.locator('.terminal-wrapper .xterm-rows');
    await until('the end of the dry run', async () => /2 batches of each stage ran; nothing was kept/.test((await terminal.allInnerTexts()).join('\n').replaceAll('\u00a0', ' ')), 120_000);
    const said = (await terminal.allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
    expect(said).toMatch(/student +16×16×24 8×8×24 4×4×24 2×2×24 1×1×24/);
    expect(said).toMatch(/memory \(peak\)/);
    await workbench.screenshot(`dry-run-${version}`);
    expect(await listRuns(join(workspace, 'runs'))).toEqual([]);
  });

  test('Start Distillation trains; a stopped run is resumed by Resume, and opened by Open Last Run', async () => {
    const { workbench } = vscode;
    await lens(/^Start Distillation$/).click();
    await stop(await untilTrained(1));
    await lens(/^Resume$/).click();
    await stop(await untilTrained(2));
    await lens(/^Resume$/).click();
    const { state } = await untilTrained(3);
    await lens(/^Resume$/).waitFor({ state: 'hidden' });
    // A trainer that dies without a word can be resumed as well.
    process.kill(state.pid, 'SIGKILL');
    await lens(/^Resume$/).waitFor();
    await lens(/^Open Last Run$/).click();
    const dashboard = await workbench.webview('scrkd-dashboard');
    await dashboard.getByText('teacher').first().waitFor();
    await workbench.screenshot(`last-run-${version}`);
  });
}, { isLong: true });
