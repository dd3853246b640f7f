/** Starts the real VS Code server in a folder of its own, and ends it with everything it started. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guardGroup } from './guard.ts';
import { vscodeServer, type ServerFiles, type VSCodeVersion } from './fetch-server.ts';

export interface ServerOptions {
  readonly version: VSCodeVersion;
  /** Everything this server writes: its data, the user's settings, its log. */
  readonly data: string;
  /** Where extensions are installed; default: an empty folder below `data`. */
  readonly extensions?: string;
  /** Folders are trusted without asking; default true. */
  readonly trusted?: boolean;
  /** For tests inside the extension host: only then is `payload` of the address honoured. Toasts and dialogs are not shown with it. */
  readonly runsTests?: boolean;
  /** The user's settings, above quiet defaults. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added to the environment of the extension host. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: a free one. */
  readonly port?: number;
}

export interface Server extends AsyncDisposable {
  readonly version: VSCodeVersion;
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  readonly authority: string;
  readonly data: string;
  readonly pid: number;
  /** The server's own output. */
  readonly log: string;
  /** Changes the user's settings: those of windows that are opened or reloaded afterwards. */
  changeSettings(settings: Readonly<Record<string, unknown>>): Promise<void>;
}

/** No welcome page, no news, no telemetry, no downloads. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  // Of a workspace that lies in this project's own folder.
  'git.openRepositoryInParentFolders': 'never',
  'files.simpleDialog.enable': true,
  'json.schemaDownload.enable': false,
  'typescript.disableAutomaticTypeAcquisition': true,
};

export async function startServer(options: ServerOptions): Promise<Server> {
  const files = await vscodeServer(options.version);
  const { data, trusted = true } = options;
  await mkdir(join(data, 'user/User'), { recursive: true });
  await mkdir(join(data, 'tmp'), { recursive: true });
  // Dark whatever the machine prefers: pictures are alike everywhere.
  const colours = { 'workbench.colorTheme': options.version === '1.100.3' ? 'Default Dark Modern' : 'Dark Modern', 'window.autoDetectColorScheme': false };
  let settings: Readonly<Record<string, unknown>> = { ...quietSettings, ...colours, ...(trusted && { 'security.workspace.trust.enabled': false }) };
  const changeSettings = async (changes: Readonly<Record<string, unknown>>): Promise<void> => {
    settings = { ...settings, ...changes };
    await writeFile(join(data, 'user/User/settings.json'), JSON.stringify(settings, undefined, 2));
  };
  await changeSettings(options.settings ?? {});
  const port = options.port ?? (await freePort());
  const log = join(data, 'server.log');
  const args = ['--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--accept-server-license-terms', '--reconnection-grace-time', '1'];
  if (trusted) args.push('--disable-workspace-trust');
  if (options.runsTests === true) args.push('--enable-smoke-test-driver');
  const child = launch(files, data, options.extensions, args, options.environment);
  const release = child.pid === undefined ? undefined : guardGroup(child.pid);
  const end = async (): Promise<void> => {
    await endGroup(child);
    release?.();
  };
  const output = createWriteStream(log);
  child.stdout?.pipe(output, { end: false });
  child.stderr?.pipe(output, { end: false });
  const address = `http://127.0.0.1:${port}`;
  const server: Server = {
    version: options.version,
    address,
    authority: `127.0.0.1:${port}`,
    data,
    pid: child.pid!,
    log,
    changeSettings,
    [Symbol.asyncDispose]: end,
  };
  try {
    await answers(address, child);
  } catch (error) {
    await end();
    throw error;
  }
  return server;
}

/** Installs a `.vsix` into a folder of extensions, as a user's "Install from VSIX" does. */
export async function installExtension(version: VSCodeVersion, vsix: string, extensions: string, data: string): Promise<void> {
  const files = await vscodeServer(version);
  await mkdir(join(data, 'tmp'), { recursive: true });
  const child = launch(files, data, extensions, ['--install-extension', vsix, '--force']);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`VS Code ${version} did not install ${vsix}:\n${output}`);
}

function launch(files: ServerFiles, data: string, extensions: string | undefined, args: readonly string[], environment?: Readonly<Record<string, string>>): ChildProcess {
  const folders = ['--server-data-dir', join(data, 'srv'), '--user-data-dir', join(data, 'user'), '--extensions-dir', extensions ?? join(data, 'extensions'), '--telemetry-level', 'off'];
  // A group of its own: ending only the server would leave its watchers and terminals behind.
  return spawn(files.node, [files.main, ...args, ...folders], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...withoutVSCode(process.env), TMPDIR: join(data, 'tmp'), XDG_RUNTIME_DIR: join(data, 'tmp'), EXTENSIONS_GALLERY: '{}', ...environment },
  });
}

/** Tests may themselves run in a terminal of VS Code, and under vitest: neither is the business of the VS Code that is tested. */
function withoutVSCode(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(VSCODE_|ELECTRON_|VITEST|NODE_OPTIONS$|NODE_ENV$|TEST$)/.test(name)));
}

async function answers(address: string, child: ChildProcess): Promise<void> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`The server of VS Code ended with code ${child.exitCode}.`);
    const response = await fetch(`${address}/version`).catch(() => undefined); // not listening yet
    if (response?.ok === true) return;
    await sleep(50);
  }
  throw new Error(`The server of VS Code does not answer at ${address}.`);
}

async function endGroup(child: ChildProcess): Promise<void> {
  const ended: Promise<unknown> = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'close');
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      return; // nobody of the group is left
    }
    await Promise.race([ended, sleep(2000)]);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('No free port.'));
      });
    });
  });
}
