/**
 * The real VS Code for tests and for `npm start`: the server that the npm package `code-server` ships, with the Node it needs.
 * Everything comes from the npm registry, in pinned versions; see docs/testing.md.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from '../../src/runs/device-queue.ts';
import { Lock } from '../../src/runs/lock.ts';

/** The newest version that is tested, and the oldest that is supported. */
export const vscodeVersions = ['1.139.1', '1.100.3'] as const;
export type VSCodeVersion = (typeof vscodeVersions)[number];

interface Source {
  readonly codeServer: string;
  /** The major version of Node that this server runs on. */
  readonly nodeMajor: number;
  /** That Node from npm, where the machine's own is another. */
  readonly node: string;
}

const sources: Readonly<Record<VSCodeVersion, Source>> = {
  '1.139.1': { codeServer: '4.139.1', nodeMajor: 24, node: '24.21.0' },
  '1.100.3': { codeServer: '4.100.3', nodeMajor: 20, node: '20.20.2' },
};

export interface ServerFiles {
  readonly version: VSCodeVersion;
  /** Path of the Node to run it with. */
  readonly node: string;
  /** Path of `server-main.js`. */
  readonly main: string;
}

/** Fetches a version on first use (about 20 seconds, 800 MB in the user's cache); a second process that wants it waits for the first. */
export async function vscodeServer(version: VSCodeVersion, say: (line: string) => void = (line) => void process.stderr.write(`${line}\n`)): Promise<ServerFiles> {
  const parent = join(cacheDirectory(), 'vscode-server');
  const folder = join(parent, `${version}-${process.platform}-${process.arch}`);
  if (!existsSync(folder)) {
    await mkdir(parent, { recursive: true });
    const lock = await waitForLock(`${folder}.lock`, () => say(`Another process is fetching the server of VS Code ${version} …`));
    try {
      if (!existsSync(folder)) await fetchInto(folder, version, say);
    } finally {
      lock.release();
    }
  }
  return { version, node: nodeIn(folder, version), main: join(folder, 'node_modules/code-server/lib/vscode/out/server-main.js') };
}

/** A lock of a process that died is taken over. */
async function waitForLock(path: string, onWaiting: () => void): Promise<Lock> {
  for (let round = 0; ; round++) {
    const lock = Lock.tryAcquire(path);
    if (lock instanceof Lock) return lock;
    if (round === 0) onWaiting();
    await sleep(500);
  }
}

/** The folder appears complete or not at all. */
async function fetchInto(folder: string, version: VSCodeVersion, say: (line: string) => void): Promise<void> {
  const { codeServer, nodeMajor, node } = sources[version];
  const temporary = await mkdtemp(`${folder}-`);
  try {
    const install = async (what: string, cwd: string, ...packages: string[]): Promise<void> => {
      say(`Fetching VS Code ${version} from the npm registry (once): ${what} …`);
      await npm(cwd, ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', ...packages]);
    };
    await writeFile(join(temporary, 'package.json'), '{ "private": true }\n');
    const ownNode = Number(process.versions.node.split('.')[0]) === nodeMajor ? [] : [`${nodePackage()}@${node}`];
    await install('the server', temporary, `code-server@${codeServer}`, ...ownNode);
    const vscode = join(temporary, 'node_modules/code-server/lib/vscode');
    await install('its packages', vscode);
    await install('its extensions', join(vscode, 'extensions'));
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function nodePackage(): string {
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}

function nodeIn(folder: string, version: VSCodeVersion): string {
  const fetched = join(folder, 'node_modules', nodePackage(), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(fetched)) return fetched;
  if (Number(process.versions.node.split('.')[0]) === sources[version].nodeMajor) return process.execPath;
  throw new Error(`VS Code ${version} was fetched under another Node and needs Node ${sources[version].nodeMajor}; delete ${folder} and try again.`);
}

function npm(cwd: string, args: readonly string[]): Promise<void> {
  // code-server asks for another Node than ours in its "engines"; the one it runs on is fetched beside it.
  const child = spawn('npm', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], shell: process.platform === 'win32', env: { ...process.env, npm_config_engine_strict: 'false' } });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${errors.slice(-2000)}`))));
  });
}
