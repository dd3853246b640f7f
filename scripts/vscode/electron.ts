/**
 * `npm run test:electron [-- VERSION]`: the suites of the extension host in VS Code for the desktop, which @vscode/test-electron downloads;
 * for machines that reach Microsoft's update server and have a display (`xvfb-run` makes one).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { bundleSuites } from '../../test/extension-host/bundle-suites.ts';
import { vscodeVersions } from './fetch-server.ts';

const root = process.cwd();
const [version = vscodeVersions[0]] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'scrkd-electron-'));
try {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  const workspace = join(scratch, 'workspace');
  mkdirSync(workspace);
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'dataset', 'synth', 'data', '--train', '12', '--test', '2', '--size', '64'], { cwd: workspace, stdio: 'inherit' });
  const extensionTestsPath = await bundleSuites(root);
  process.exitCode = await runTests({
    vscodeExecutablePath: await download(version),
    extensionDevelopmentPath: root,
    extensionTestsPath,
    launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust', '--user-data-dir', join(scratch, 'user')],
    extensionTestsEnv: { SCRKD_CACHE: join(scratch, 'cache'), NODE_PATH: join(root, 'node_modules') },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Path of VS Code's executable, from earlier downloads or from Microsoft's update server. */
async function download(wanted: string): Promise<string> {
  try {
    return await downloadAndUnzipVSCode(wanted);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`VS Code ${wanted} could not be downloaded: ${reason}. "npx vitest run test/extension-host" runs the same suites without it, in the server part of VS Code from npm.`, { cause });
  }
}
