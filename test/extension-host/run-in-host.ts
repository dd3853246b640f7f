/** Runs the suites of `suites/` inside the extension host of a real VS Code and brings home what they found. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startServer } from '../../scripts/vscode/server.ts';
import type { VSCodeVersion } from '../../scripts/vscode/fetch-server.ts';
import { openTestWindow } from '../../scripts/vscode/test-window.ts';
import { bundleSuites } from './bundle-suites.ts';

/** A test of a suite, as the host reported it. */
export interface HostResult {
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Message and stack of a failure. */
  readonly error?: string;
}

const root = resolve(import.meta.dirname, '../..');
/** A run with many suites on a loaded machine; milliseconds. */
const patience = 300_000;

/**
 * Bundles the suites, opens a window on a folder with a small synthetic dataset, and lets mocha run them in its extension host.
 * @throws Error with the host's console when the run ends without results
 */
export async function runInHost(version: VSCodeVersion): Promise<HostResult[]> {
  const scratch = join(root, '.vscode-test', `host-${version}`);
  rmSync(scratch, { recursive: true, force: true });
  const workspace = join(scratch, 'workspace');
  mkdirSync(workspace, { recursive: true });
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'dataset', 'synth', 'data', '--train', '12', '--test', '2', '--size', '64'], { cwd: workspace, stdio: 'pipe' });
  const entry = await bundleSuites(root);
  const reported: string[] = [];
  const said: string[] = [];
  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((done) => (end = done));
  await using server = await startServer({
    version,
    data: join(scratch, 'data'),
    runsTests: true,
    environment: { SCRKD_CACHE: join(scratch, 'cache'), SCRKD_TEST_GREP: process.env['SCRKD_TEST_GREP'] ?? '', NODE_PATH: join(root, 'node_modules') },
  });
  await using _workbench = await openTestWindow(server, {
    workspace,
    extension: root,
    tests: entry,
    onLine: (line) => {
      if (line.includes(marker)) reported.push(line.slice(line.indexOf(marker) + marker.length));
      else said.push(line);
    },
    onExit: (code) => end(code),
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((done) => (timer = setTimeout(() => done('late'), patience)));
  const code = await Promise.race([ended, late]).finally(() => clearTimeout(timer));
  const results = reported.map((line) => JSON.parse(line) as HostResult);
  if (code === 'late' || results.length === 0 || (code !== 0 && results.every(({ outcome }) => outcome !== 'failed'))) {
    throw new Error(`The tests in the extension host of VS Code ${version} ended with ${code} after ${results.length} results. The host said:\n${said.slice(-60).join('\n')}`);
  }
  return results;
}

/** Stands before each result on the host's console; see suites.ts. */
const marker = 'scrkd-test-result ';
