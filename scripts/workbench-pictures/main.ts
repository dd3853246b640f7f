/**
 * `node scripts/run.mjs scripts/workbench-pictures/main.ts [--out docs/images]`: the pictures of the whole workbench. A person's window on the
 * example of `npm start`, whose experiment is trained; another student, with half the weight of DSD, trains while the pictures are taken.
 * What the dashboard shows is held against the run folders first.
 */
import { spawn } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readableRuns, type ReadableRun } from '../../src/runs/list-runs.ts';
import { readEpochs, readMetrics } from '../../src/runs/read-run.ts';
import { installedExtension } from '../package/packaged.ts';
import { exampleWorkspace } from '../start/example-workspace.ts';
import { vscodeVersions } from '../vscode/fetch-server.ts';
import { startServer } from '../vscode/server.ts';
import { until, Workbench } from '../vscode/workbench.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/images' }, epochs: { type: 'string', default: '7' } } });

/** The example's config with a line a field, as one writes it by hand: the same stages, so that their runs are its. */
const config = (experiment: string, dsd: number): string => `# Demonstration size, not a result.
version: 1
experiment: ${experiment}
dataset:
  root: ./data
  validation: none
stages:
  teacher:
    model: &small { name: pspnet, backbone: resnet18, width: 0.25 }
    resolution: 112
  baseline:
    model: *small
    resolution: 56
  student:
    model: *small
    resolution: 56
    distill:
      from: teacher
      method: scrkd
      weights: { mvcd: 1, msfd: 1, dsd: ${dsd} }
training:
  epochs: 21
  batchSize: 8
  optimizer: { learningRate: 2.0e-3 }
  schedule: { step: { every: 14, factor: 0.1 } }
captures: { samples: 4, every: 7 }
checkpoints: { every: 21 }
`;

const root = process.cwd();
const version = vscodeVersions[0];
const extensions = await installedExtension(root, version);
const folder = resolve('.vscode-test/pictures');
const workspace = join(folder, 'aerial-saliency');
rmSync(folder, { recursive: true, force: true });
cpSync(exampleWorkspace(root), workspace, { recursive: true });
writeFileSync(join(workspace, 'demo.scrkd.yaml'), config('demo', 10));
writeFileSync(join(workspace, 'demo-dsd5.scrkd.yaml'), config('demo-dsd5', 5));

const environment = { SCRKD_CACHE: join(folder, 'cache') };
const training = spawn(process.execPath, [resolve('.vscode-test/package/dist/cli.js'), 'run', 'demo-dsd5.scrkd.yaml', '--stage', 'student'], { cwd: workspace, env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] });
try {
  const live = async (): Promise<ReadableRun | undefined> => (await readableRuns(join(workspace, 'runs'))).find(({ manifest }) => manifest.experiment === 'demo-dsd5');
  const hasTrained = async (epochs: number): Promise<boolean> => {
    const run = await live();
    return run !== undefined && (await readEpochs(run.folder)).length >= epochs;
  };
  await until('the new student to begin', () => hasTrained(1), 300_000);
  await using server = await startServer({ version, extensions, data: join(folder, 'data'), environment, settings: { 'editor.minimap.enabled': false, 'scrkd.datasets.folders': [] } });
  await using workbench = await Workbench.open(server, { workspace, size: { width: 1600, height: 1000 }, scale: 1.5 });
  const { page } = workbench;
  await workbench.showContainer('SCRKD');
  await workbench.row('demo-dsd5', 'Runs').first().waitFor();
  await workbench.row(/^data/, 'Datasets').click();
  await workbench.row(/^train\s*1/, 'Datasets').click();
  await workbench.row('train-0001', 'Datasets').waitFor();
  await workbench.openFile('demo.scrkd.yaml');
  await workbench.run('SCRKD: Open Dashboard');
  const finished = (await readableRuns(join(workspace, 'runs'))).filter(({ manifest, state }) => state.state === 'finished' && manifest.stage !== 'teacher');
  const compared = [(await live())!, ...finished];
  const labels = compared.map(({ manifest: { stage, id } }) => `${stage}-${id.slice(-4).toLowerCase()}`);
  for (const label of labels) await workbench.pick(label);
  await page.keyboard.press('Enter');
  const panel = await workbench.webview('scrkd-dashboard').catch(async (error: unknown) => {
    await workbench.screenshot('failed-workbench-pictures');
    throw error;
  });
  await until('a row of each run', async () => (await panel.locator('scrkd-run-table tbody tr').count()) === compared.length);
  await workbench.run('View: Move Editor into Right Group');
  await drag(530);
  await workbench.goTo(20, 30);
  await until('some epochs of the new student', () => hasTrained(Number(values.epochs)), 600_000);
  for (const run of finished) await check(run);
  for (const kind of ['dark', 'light'] as const) {
    await workbench.useTheme(kind);
    const again = await workbench.webview('scrkd-dashboard');
    await again.locator(kind === 'dark' ? 'body.vscode-dark' : 'body.vscode-light').waitFor({ state: 'attached' });
    await until('the charts', async () => (await again.locator('scrkd-chart canvas').count()) > 8);
    await page.mouse.move(1000, 985);
    await page.waitForTimeout(1500); // hovers fade
    await page.screenshot({ path: resolve(values.out, `workbench-${kind}.png`), animations: 'disabled' });
  }

  /** Moves the border between the two groups of editors. @param width of the first one, in pixels */
  async function drag(width: number): Promise<void> {
    const [left, right] = await Promise.all([0, 1].map((index) => page.locator('.editor-group-container').nth(index).boundingBox()));
    await page.mouse.move(right!.x, right!.y + 500);
    await page.mouse.down();
    await page.mouse.move(left!.x + width, right!.y + 500, { steps: 8 });
    await page.mouse.up();
  }

  /** @throws Error where the table shows other figures than `metrics.json` */
  async function check({ folder: run, manifest }: ReadableRun): Promise<void> {
    const { metrics } = readMetrics(run).entries.find(({ protocol }) => protocol === 'pysod')!;
    const label = labels[compared.findIndex((each) => each.folder.path === run.path)]!;
    const shown = await (await workbench.webview('scrkd-dashboard')).locator('scrkd-run-table tbody tr', { hasText: label }).innerText();
    for (const name of ['mae', 'maxF', 's'] as const) {
      if (!shown.includes(metrics[name]!.toFixed(4))) throw new Error(`${manifest.stage}: the dashboard shows ${shown}, metrics.json says ${name} ${String(metrics[name])}`);
    }
  }
} finally {
  training.kill('SIGKILL');
}
process.exit(0);
