/** The packaged extension in a real VS Code, ready to be used as a person would. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe } from 'vitest';
import { installedExtension } from '../../scripts/package/packaged.ts';
import { missingBrowser } from '../../scripts/vscode/browser.ts';
import type { VSCodeVersion } from '../../scripts/vscode/fetch-server.ts';
import { startServer, type ServerOptions } from '../../scripts/vscode/server.ts';
import { Workbench, type WorkbenchOptions } from '../../scripts/vscode/workbench.ts';
import { testedVersions, testsAll } from '../vscode.ts';

export { until } from '../../scripts/vscode/workbench.ts';

export interface PackagedOptions extends Pick<ServerOptions, 'trusted' | 'settings' | 'environment'>, Pick<WorkbenchOptions, 'size' | 'scale'> {
  readonly version: VSCodeVersion;
  /** Files of the workspace: path to text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Fills the workspace before it is opened; for files that are not texts. */
  readonly prepare?: (workspace: string) => void | Promise<void>;
  /** What is opened instead of the folder, e.g. a `.code-workspace` among its files. */
  readonly open?: string;
}

export interface PackagedVSCode extends AsyncDisposable {
  readonly workbench: Workbench;
  /** Path of the folder that is open. */
  readonly workspace: string;
  /** Path of the installed extension's files. */
  readonly extensions: string;
}

const root = resolve(import.meta.dirname, '../..');

/** Starts VS Code on a fresh folder with the packaged extension installed. Ended by `await using`, with every process it started but detached trainings. */
export async function startPackaged(options: PackagedOptions): Promise<PackagedVSCode> {
  const scratch = mkdtempSync(join(tmpdir(), 'scrkd-workbench-'));
  const workspace = join(scratch, 'workspace');
  mkdirSync(workspace);
  for (const [name, text] of Object.entries(options.files ?? {})) writeFile(join(workspace, name), text);
  await options.prepare?.(workspace);
  const extensions = await installedExtension(root, options.version);
  const ends: (() => Promise<void>)[] = [async () => rm(scratch, { recursive: true, force: true, maxRetries: 5 })];
  const end = async (): Promise<void> => {
    for (const each of ends.splice(0).reverse()) await each();
  };
  try {
    const server = await startServer({
      version: options.version,
      data: join(scratch, 'data'),
      extensions,
      ...(options.trusted !== undefined && { trusted: options.trusted }),
      ...(options.settings !== undefined && { settings: options.settings }),
      environment: { SCRKD_CACHE: join(scratch, 'cache'), ...options.environment },
    });
    ends.push(async () => server[Symbol.asyncDispose]());
    const workbench = await Workbench.open(server, {
      workspace: options.open === undefined ? workspace : join(workspace, options.open),
      ...(options.size !== undefined && { size: options.size }),
      ...(options.scale !== undefined && { scale: options.scale }),
    });
    ends.push(async () => workbench[Symbol.asyncDispose]());
    return { workbench, workspace, extensions, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** What the views call a run without a name of its own, by its folder's name. */
export function runLabel(folderName: string): string {
  return `${folderName.slice(0, folderName.lastIndexOf('-'))}-${folderName.slice(-4).toLowerCase()}`;
}

/** A small synthetic dataset in `data/` of a workspace. */
export function makeScenes(workspace: string): void {
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'dataset', 'synth', 'data', '--train', '8', '--test', '2', '--size', '64'], { cwd: workspace, stdio: 'pipe' });
}

/** Whether terminals open: the npm package of 1.100.3 lacks what node-pty is built to on Linux. */
export function hasTerminal(version: VSCodeVersion): boolean {
  return version !== '1.100.3';
}

/** A group of tests, once for each version of VS Code; left out with the reason where there is no browser, and a long one except with all tests. */
export function describeInVSCode(title: string, tests: (version: VSCodeVersion) => void, { isLong = false }: { readonly isLong?: boolean } = {}): void {
  const missing = isLong && !testsAll ? 'only in npm run test:all' : missingBrowser();
  for (const version of testedVersions) {
    describe.skipIf(missing !== undefined)(`${title} (VS Code ${version}${missing === undefined ? '' : `; ${missing}`})`, () => tests(version));
  }
}

function writeFile(path: string, text: string): void {
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
