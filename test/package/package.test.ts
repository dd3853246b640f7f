import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkPackage } from '../../scripts/package/check-package.ts';
import { packageExtension, stageExtension } from '../../scripts/package/package-extension.ts';
import { packagedExtension } from '../../scripts/package/packaged.ts';
import { targets } from '../../scripts/package/targets.ts';
import { vscodeVersions } from '../../scripts/vscode/fetch-server.ts';
import { installExtension } from '../../scripts/vscode/server.ts';
import { testsAll } from '../vscode.ts';

const root = resolve(import.meta.dirname, '../..');
/** Bytes, minified. */
const hostBudget = 300e3;
const panelBudget = 500e3;

const own = targets.find((target) => target === `${process.platform}-${process.arch}`);
let scratch: string;
let extension: string;

/** Outside the clone: nothing of its node_modules can be found from there. */
beforeAll(async () => {
  if (own === undefined) return;
  scratch = mkdtempSync(join(tmpdir(), 'scrkd-package-'));
  const extensions = join(scratch, 'extensions');
  await installExtension(vscodeVersions[0], await packagedExtension(root), extensions, join(scratch, 'data'));
  extension = join(extensions, readdirSync(extensions).find((name) => name.startsWith('scrkd.'))!);
});
afterAll(() => {
  if (own !== undefined) rmSync(scratch, { recursive: true, force: true });
});

test.skipIf(own === undefined)('the package holds what its platform needs, nothing else, and is not too large', async () => {
  await checkPackage(await packagedExtension(root), own!);
});

test.skipIf(own === undefined)('bundles keep their budgets', () => {
  expect(statSync(join(extension, 'dist/extension.cjs')).size).toBeLessThanOrEqual(hostBudget);
  const panels = readdirSync(join(extension, 'dist/webview')).filter((name) => name.endsWith('.js'));
  expect(panels).toContain('graph.js');
  for (const panel of panels) expect(statSync(join(extension, 'dist/webview', panel)).size, panel).toBeLessThanOrEqual(panelBudget);
});

test.skipIf(own === undefined)('the installed extension trains with what it brings along', () => {
  const folder = join(scratch, 'experiment');
  // As in a terminal of VS Code: by the launcher, under the Node that the extension names.
  const environment = { PATH: process.env['PATH'], HOME: scratch, SCRKD_CACHE: join(scratch, 'cache'), SCRKD_NODE: process.execPath };
  const scrkd = (...args: string[]): string => {
    if (process.platform === 'win32') return execFileSync(process.execPath, [join(extension, 'dist/cli.js'), ...args], { cwd: scratch, env: environment, encoding: 'utf8' });
    return execFileSync(join(extension, 'dist/bin/scrkd'), args, { cwd: scratch, env: environment, encoding: 'utf8' });
  };
  scrkd('dataset', 'synth', join(folder, 'data'), '--train', '4', '--test', '2', '--size', '64');
  const config = join(folder, 'tiny.scrkd.yaml');
  writeFileSync(
    config,
    `version: 1
experiment: tiny
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: { name: pspnet, backbone: resnet18, width: 0.125 }, resolution: 64 }
training: { epochs: 1, batchSize: 2 }
captures: { samples: 1, every: 1 }
`,
  );
  scrkd('run', config);
  const [run] = readdirSync(join(folder, 'runs/tiny')).filter((name) => name.startsWith('teacher-'));
  expect(existsSync(join(folder, 'runs/tiny', run!, 'metrics.json'))).toBe(true);
});

test.runIf(testsAll)('packages of every platform hold what they need', { timeout: 600_000 }, async () => {
  const staged = mkdtempSync(join(tmpdir(), 'scrkd-packages-'));
  try {
    await stageExtension(root, staged);
    for (const target of targets) {
      const vsix = join(staged, `${target}.vsix`);
      await packageExtension(target, root, staged, vsix);
      await checkPackage(vsix, target);
      rmSync(vsix);
    }
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
});
