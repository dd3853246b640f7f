/** Installation of TensorFlow from an index of its own: a download that breaks off, one that is not what was pinned, and what no GPU means. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, mkdir, mkdtemp, rm, writeFile, readlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { execFileSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builds, installationIn, pip, wheelTags, type Build, type Installation } from '../../src/engine/tensorflow/installation.ts';
import { installTensorFlow } from '../../src/engine/tensorflow/install.ts';
import { testsAll } from '../vscode.ts';

const native = join(import.meta.dirname, '../../src/engine/tensorflow/native');

/** Of 300 kB of noise each, so that a connection can break in the middle. */
const noise = createHash('shake256', { outputLength: 300_000 }).update('wheel').digest();

/** A wheel as pip takes it, made by Python's own zip. */
function wheel(folder: string, name: string, files: readonly string[]): { readonly file: string; readonly bytes: Buffer } {
  const file = `${name.replaceAll('-', '_')}-1.0-py3-none-any.whl`;
  const info = `${name.replaceAll('-', '_')}-1.0.dist-info`;
  const script = `
import sys, zipfile
noise = sys.stdin.buffer.read()
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for entry in sys.argv[4:]: z.writestr(entry, noise)
    z.writestr(sys.argv[3] + '/METADATA', f'Metadata-Version: 2.1\\nName: {sys.argv[2]}\\nVersion: 1.0\\n')
    z.writestr(sys.argv[3] + '/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    z.writestr(sys.argv[3] + '/RECORD', ''.join(f'{entry},,\\n' for entry in [*sys.argv[4:], sys.argv[3] + '/METADATA', sys.argv[3] + '/WHEEL', sys.argv[3] + '/RECORD']))
`;
  const path = join(folder, file);
  execFileSync('python3', ['-c', script, path, name, info, ...files], { input: noise });
  return { file, bytes: readFileSync(path) };
}

/** Whether the machine has, or can fetch, a pip that resumes; without it there is nothing to test. */
function newPip(folder: string): string | undefined {
  try {
    execFileSync('python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', folder, `pip==${pip.version}`], { stdio: 'pipe', timeout: 120_000 });
    return join(folder, `pip-${pip.version}-py3-none-any.whl`);
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    return undefined;
  }
}

describe.skipIf(!testsAll || process.platform !== 'linux' || process.arch !== 'x64')('an installation (only in npm run test:all)', () => {
  let folder: string;
  let server: Server | undefined;
  let installation: Installation;
  const asked: { readonly path: string; readonly range: string | undefined }[] = [];
  const served = new Map<string, Buffer>();
  /** Which file's first answer ends in the middle. */
  let broken: string | undefined;
  const variables = ['PIP_INDEX_URL', 'PIP_FIND_LINKS', 'PIP_CACHE_DIR'] as const;
  const before: { readonly [Name in (typeof variables)[number]]?: string | undefined } = Object.fromEntries(variables.map((name) => [name, process.env[name]]));

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = decodeURIComponent(request.url!);
    asked.push({ path, range: request.headers.range });
    const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
    if (project !== undefined) {
      const files = [...served.keys()].filter((file) => file.startsWith(`${project.replaceAll('-', '_')}-`));
      response.writeHead(files.length === 0 ? 404 : 200, { 'Content-Type': 'text/html' }).end(files.map((file) => `<a href="/files/${file}">${file}</a>`).join('\n'));
      return;
    }
    const bytes = served.get(path.replace('/files/', ''));
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = { 'Content-Length': bytes.length - from, 'Accept-Ranges': 'bytes', ETag: '"1"', 'Content-Type': 'application/octet-stream' };
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : headers);
    if (path.endsWith(broken ?? '?')) {
      broken = undefined;
      response.write(bytes.subarray(from, Math.floor(bytes.length / 2)), () => setTimeout(() => response.destroy(), 200));
      return;
    }
    response.end(bytes.subarray(from));
  };

  beforeEach(async ({ skip }) => {
    folder = await mkdtemp(join(tmpdir(), 'scrkd-tf-install-'));
    asked.length = 0;
    served.clear();
    const found = newPip(folder);
    if (found === undefined) return skip('no pip to be fetched');
    served.set(`pip-${pip.version}-py3-none-any.whl`, await readFile(found));
    const listening = createServer(answer);
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    process.env['PIP_INDEX_URL'] = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/simple/`;
    process.env['PIP_CACHE_DIR'] = join(folder, 'pip-cache');
    delete process.env['PIP_FIND_LINKS'];
    installation = installationIn(folder);
    await mkdir(installation.folder, { recursive: true });
    await writeFile(join(installation.folder, 'kernels-done'), ''); // npm's part is not the matter
  });

  afterEach(async () => {
    for (const name of variables) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, Object.fromEntries(Object.entries(before).filter(([, value]) => value !== undefined)));
    server?.closeAllConnections();
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const libraries = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];
  const publish = (name: string, files: readonly string[]): { readonly name: string; readonly version: string; readonly sha256: string } => {
    const { file, bytes } = wheel(folder, name, files);
    served.set(file, bytes);
    return { name, version: '1.0', sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const install = (build: Build, at = installation, lines: string[] = []): Promise<void> =>
    installTensorFlow({ installation: at, build, bindings: native, onProgress: (line) => lines.push(line), probe: () => Promise.resolve() });

  it('goes on where the connection broke, and is checked whole', async () => {
    const pinned = publish('fake-tensorflow', libraries);
    broken = 'fake_tensorflow-1.0-py3-none-any.whl';
    await install({ wheels: [pinned], megabytes: 1 });
    const downloads = asked.filter(({ path }) => path.endsWith('fake_tensorflow-1.0-py3-none-any.whl'));
    expect(downloads[0]!.range).toBeUndefined();
    expect(downloads.at(-1)!.range).toMatch(/^bytes=[1-9]\d*-/);
    expect(await readFile(join(installation.packages, 'tensorflow/libtensorflow_cc.so.2'))).toEqual(noise);
  }, 240_000);

  it('refuses what was not pinned, and takes the right file afterwards', async () => {
    const pinned = publish('fake-tensorflow', libraries);
    const wrong = { ...pinned, sha256: '0'.repeat(64) };
    await expect(install({ wheels: [wrong], megabytes: 1 })).rejects.toMatchObject({ reason: 'installation', message: expect.stringMatching(/hash/i) as string });
    await install({ wheels: [pinned], megabytes: 1 });
  }, 240_000);

  it("puts NVIDIA's libraries beside TensorFlow, and the solver where TensorFlow looks", async () => {
    const cuda = installationIn(folder, 'cuda');
    await mkdir(cuda.folder, { recursive: true });
    await writeFile(join(cuda.folder, 'kernels-done'), '');
    const wheels = [publish('fake-tensorflow', libraries), publish('fake-cusparse', ['nvidia/cusparse/lib/libcusparse.so.12']), publish('fake-cusolver', ['nvidia/cusolver/lib/libcusolver.so.11'])];
    await install({ wheels, megabytes: 1 }, cuda);
    const link = join(cuda.packages, 'nvidia/cusparse/lib/libcusolver.so.11');
    expect(await readlink(link)).toBe('../../cusolver/lib/libcusolver.so.11');
    expect(await readFile(link)).toEqual(noise);
  }, 240_000);

  // Metadata alone: 3.4 GB stay where they are.
  it.each(Object.entries(builds))('the index has every wheel of %s under its hash', (_name, { wheels }) => {
    const report = join(folder, 'report.json');
    const { PIP_INDEX_URL: _index, ...usual } = process.env; // the one that the machine has
    const platforms = wheelTags.platforms.flatMap((platform) => ['--platform', platform]);
    const args = ['install', '--dry-run', '--ignore-installed', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--target', join(folder, 'nothing'), '--report', report, '--python-version', wheelTags.python, '--implementation', 'cp', ...platforms];
    execFileSync('python3', ['-m', 'pip', ...args, ...wheels.map(({ name, version }) => `${name}==${version}`)], { stdio: 'pipe', env: { ...usual, ...(before.PIP_INDEX_URL !== undefined && { PIP_INDEX_URL: before.PIP_INDEX_URL }) } });
    const { install: resolved } = JSON.parse(readFileSync(report, 'utf8')) as { install: { metadata: { name: string; version: string }; download_info: { archive_info: { hashes: { sha256: string } } } }[] };
    const found = resolved.map(({ metadata: { name, version }, download_info }) => ({ name: name.replaceAll('_', '-'), version, sha256: download_info.archive_info.hashes.sha256 }));
    const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
    expect(found.sort(byName)).toEqual([...wheels].sort(byName));
  }, 240_000);
});
