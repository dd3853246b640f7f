/** What a window reaches for outside of its folder: a dataset elsewhere, and an engine from an index. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { installationIn, kernels } from '../../src/engine/tensorflow/installation.ts';
import { describeInVSCode, makeScenes, startPackaged, until, type PackagedVSCode } from './support.ts';

describeInVSCode('what lies elsewhere', (version) => {
  let vscode: PackagedVSCode;
  let elsewhere: string;
  let index: Server;
  /** What npm and pip asked for, in order. */
  const asked: string[] = [];
  /** Takes requests and answers none of them. */
  let stalls = true;

  beforeAll(async () => {
    elsewhere = mkdtempSync(join(tmpdir(), 'scrkd-elsewhere-'));
    mkdirSync(join(elsewhere, 'aerial'));
    makeScenes(join(elsewhere, 'aerial'));
    const tarball = pack(elsewhere);
    index = createServer(({ url = '' }, response) => {
      asked.push(url);
      if (stalls) return;
      const address = `http://127.0.0.1:${(index.address() as AddressInfo).port}`;
      if (url === '/kernels.tgz') response.end(tarball);
      else if (decodeURIComponent(url) === `/${kernels.name}`) response.end(JSON.stringify({ name: kernels.name, 'dist-tags': { latest: kernels.version }, versions: { [kernels.version]: { name: kernels.name, version: kernels.version, dist: { tarball: `${address}/kernels.tgz` } } } }));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => index.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(index.address() as AddressInfo).port}`;
    mkdirSync(join(elsewhere, 'bin'));
    writeFileSync(join(elsewhere, 'bin/nvidia-smi'), '#!/bin/sh\necho "A GPU of the tests"\n');
    chmodSync(join(elsewhere, 'bin/nvidia-smi'), 0o755);
    vscode = await startPackaged({
      version,
      environment: {
        VSCODE_CLI: '1', // or the login shell's PATH would take the place of this one
        PATH: `${join(elsewhere, 'bin')}:${process.env['PATH'] ?? ''}`,
        npm_config_registry: address,
        npm_config_cache: join(elsewhere, 'npm-cache'),
        PIP_INDEX_URL: `${address}/simple/`,
        PIP_CACHE_DIR: join(elsewhere, 'pip-cache'),
        PIP_FIND_LINKS: '',
        PIP_RETRIES: '0',
        SCRKD_CACHE: join(elsewhere, 'cache'),
      },
    });
    await vscode.workbench.showContainer('SCRKD');
  });
  afterAll(async () => {
    await vscode[Symbol.asyncDispose]();
    index.closeAllConnections();
    index.close();
    rmSync(elsewhere, { recursive: true, force: true });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await vscode.workbench.screenshot(`failed-elsewhere-${version}`);
  });

  test('a dataset folder is added by its path, and stays when the window is loaded again', async () => {
    const { workbench, workspace } = vscode;
    const { page } = workbench;
    const settings = join(workspace, '.vscode/settings.json');
    const isAsked = (): Promise<void> => until('the path in the dialog', async () => (await workbench.quickInput.inputValue().catch(() => '')).startsWith('/'));
    await workbench.run('SCRKD: Add Dataset Folder');
    await isAsked();
    await page.keyboard.press('Escape');
    await workbench.quickInput.waitFor({ state: 'hidden' });
    expect(existsSync(settings)).toBe(false);

    await workbench.run('SCRKD: Add Dataset Folder');
    await isAsked();
    const folder = `${join(elsewhere, 'aerial/data')}/`;
    // The dialog writes its own path once more, when it has read that folder.
    await until('the folder in the dialog', async () => {
      const isWritten = (await workbench.quickInput.inputValue()) === folder;
      if (!isWritten) await workbench.quickInput.fill(folder);
      return isWritten && (await page.locator('.quick-input-list .monaco-list-row').count()) > 1;
    });
    await page.locator('.quick-input-widget').getByRole('button', { name: 'Add' }).click();
    await workbench.row(/^data\s*10 samples/, 'Datasets').waitFor();
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({ 'scrkd.datasets.folders': [join(elsewhere, 'aerial/data')] });
    await workbench.row(/^data/, 'Datasets').click();
    await workbench.row(/^train\s*8/, 'Datasets').waitFor();
    await workbench.row(/^test\s*2/, 'Datasets').click();
    await workbench.row(/^test-0001/, 'Datasets').waitFor();
    await workbench.screenshot(`added-dataset-${version}`);
    await workbench.reload();
    await workbench.row(/^data\s*10 samples/, 'Datasets').waitFor();
  });

  test('an installation is cancelled from its progress, leaves no process and no engine, and the next one goes on', async () => {
    const { workbench } = vscode;
    const installation = installationIn(join(elsewhere, 'cache'), 'cuda');
    const install = async (): Promise<void> => {
      await workbench.run('SCRKD: Install Engine');
      await workbench.dialog('Install TensorFlow for A GPU of the tests?').getByRole('button', { name: 'Install' }).click();
    };
    await install();
    await until('npm to ask the index', () => asked.length > 0);
    expect(processesIn(installation.folder)).not.toEqual([]);
    const progress = workbench.toast('Installing TensorFlow');
    await workbench.screenshot(`installing-${version}`);
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await progress.waitFor({ state: 'hidden' });
    await until('the end of its processes', () => processesIn(installation.folder).length === 0);
    expect(existsSync(installation.done)).toBe(false);
    expect(await workbench.toast(/./).count()).toBe(0); // who cancels knows

    stalls = false;
    index.closeAllConnections();
    asked.length = 0;
    await install();
    // npm's part comes from the index; pip's is pinned by its hash and not there.
    await workbench.toast(/`python3 -m pip install` ended with status 1: .*No matching distribution found for tensorflow.*Check that pip reaches its index/).waitFor();
    expect(existsSync(join(installation.kernels, 'kernels.js'))).toBe(true);
    expect(asked).toEqual(expect.arrayContaining(['/kernels.tgz', '/simple/tensorflow/']));
    expect(existsSync(installation.done)).toBe(false);
    expect(processesIn(installation.folder)).toEqual([]);
    await workbench.screenshot(`install-failed-${version}`);
  });
}, { isLong: true });

/** A package of the kernels' name with one file, as npm packs it. */
function pack(folder: string): Buffer {
  const source = join(folder, 'kernels');
  mkdirSync(join(source, 'dist'), { recursive: true });
  writeFileSync(join(source, 'package.json'), JSON.stringify(kernels));
  writeFileSync(join(source, 'dist/kernels.js'), '');
  const name = execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: source, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  return readFileSync(join(folder, name));
}

/** Ids of the processes that work in a folder. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readlinkSync(`/proc/${id}/cwd`).startsWith(folder);
    } catch {
      return false; // of somebody else, or gone
    }
  });
}
