/**
 * `node scripts/run.mjs scripts/workbench-pictures/main.ts`: the pictures of the whole workbench in `docs/images/`. A person's window on the example of
 * `npm start`, whose experiment is trained; a further student, with another weight of DSD, trains while the pictures are taken.
 */
import { spawn } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readableRuns } from '../../src/runs/list-runs.ts';
import { readEpochs } from '../../src/runs/read-run.ts';
import { installedExtension } from '../package/packaged.ts';
import { exampleWorkspace } from '../start/example-workspace.ts';
import { vscodeVersions } from '../vscode/fetch-server.ts';
import { startServer } from '../vscode/server.ts';
import { until, Workbench } from '../vscode/workbench.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/images' }, epochs: { type: 'string', default: '8' } } });
const root = process.cwd();
const version = vscodeVersions[0];
const extensions = await installedExtension(root, version);
const workspace = resolve('.vscode-test/pictures/aerial-saliency');
rmSync(workspace, { recursive: true, force: true });
cpSync(exampleWorkspace(root), workspace, { recursive: true });
const demo = readFileSync(resolve(workspace, 'demo.scrkd.yaml'), 'utf8');
writeFileSync(resolve(workspace, 'demo-dsd5.scrkd.yaml'), demo.replace('experiment: demo', 'experiment: demo-dsd5').replace('method: scrkd }', 'method: scrkd, weights: { dsd: 5 } }'));

const environment = { ...process.env, SCRKD_CACHE: resolve('.vscode-test/pictures/cache') };
const training = spawn(process.execPath, [resolve('.vscode-test/package/dist/cli.js'), 'run', 'demo-dsd5.scrkd.yaml', '--stage', 'student'], { cwd: workspace, env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
const live = async () => (await readableRuns(resolve(workspace, 'runs'))).find(({ manifest }) => manifest.experiment === 'demo-dsd5' && manifest.stage === 'student');
try {
  await using server = await startServer({ version, extensions, data: resolve('.vscode-test/pictures/data'), environment: { SCRKD_CACHE: environment.SCRKD_CACHE } });
  await using workbench = await Workbench.open(server, { workspace, size: { width: 1600, height: 1000 }, scale: 1.5 });
  const { page } = workbench;
  await until('a few epochs of the new student', async () => {
    const run = await live();
    return run !== undefined && (await readEpochs(run.folder)).length >= Number(values.epochs);
  }, 600_000);
  await workbench.showContainer('SCRKD');
  await workbench.openFile('demo.scrkd.yaml');
  await workbench.row(/^demo\s/, 'Runs').first().waitFor();
  for (const kind of ['dark', 'light'] as const) {
    await workbench.useTheme(kind);
    await page.screenshot({ path: resolve(values.out, `workbench-${kind}.png`), animations: 'disabled' });
  }
} finally {
  training.kill('SIGKILL');
}
process.exit(0);
