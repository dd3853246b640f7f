/** Puts the optional engine into the user's cache: tfjs's kernels by npm, TensorFlow's libraries by pip, our addon between them. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../base/errors.ts';
import { EngineError } from '../errors.ts';
import { type Build, type Installation, type PinnedWheel, binding, builds, isInstalled, kernels, pip, supportedPlatform, tensorflowVersion, wheelTags } from './installation.ts';

export interface InstallOptions {
  readonly installation: Installation;
  /** What is fetched; default: the installation's own build. */
  readonly build?: Build;
  /** The folder with our build of the addon. */
  readonly bindings: string;
  /** What is being done, and the tools' own lines. */
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Begins anew. */
  readonly force?: boolean;
  /** A Python with pip; it only fetches and unpacks. Default: the first that works of python3, python. */
  readonly python?: string;
  /** Tries the installed engine, in a process of its own. */
  readonly probe: () => Promise<void>;
}

/**
 * Installs what is missing. An interrupted installation goes on: each part is kept once it is whole, and pip resumes its download.
 * @throws {EngineError} `installation`, with what was tried and what to do
 */
export async function installTensorFlow(options: InstallOptions): Promise<void> {
  const { installation, bindings, onProgress, force = false } = options;
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== supportedPlatform) throw failed(l10n.t('The engine "tensorflow" is available for {0} only, this is {1}. On Windows, use it in WSL2; `engine: onnxruntime` works everywhere.', supportedPlatform, platform));
  if (force) await rm(installation.folder, { recursive: true, force: true });
  if (isInstalled(installation)) {
    onProgress(l10n.t('Already installed in {0}.', installation.folder));
    return;
  }
  await mkdir(installation.folder, { recursive: true });
  await installKernels(options);
  await installWheels(options);
  const source = join(bindings, supportedPlatform, binding.file);
  await checkHash(source);
  await copyFile(source, installation.binding);
  onProgress(l10n.t('Trying it'));
  await writeFile(installation.done, JSON.stringify({ ...(options.build ?? builds[installation.build]), kernels, binding }));
  try {
    await options.probe();
  } catch (error) {
    await rm(installation.done, { force: true });
    throw failed(l10n.t('TensorFlow was installed in {0} but does not work: {1}', installation.folder, messageOf(error)), error);
  }
  onProgress(l10n.t('Installed: TensorFlow {0} in {1}.', tensorflowVersion, installation.folder));
}

async function installKernels({ installation, onProgress, signal }: InstallOptions): Promise<void> {
  const marker = join(installation.folder, 'kernels-done');
  if (await exists(marker)) return;
  onProgress(l10n.t('1 of 2: {0} {1} by npm', kernels.name, kernels.version));
  await writeFile(join(installation.folder, 'package.json'), JSON.stringify({ private: true }));
  // Its install script would fetch a TensorFlow of 2022.
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', `${kernels.name}@${kernels.version}`];
  await tool('npm', args, { folder: installation.folder, onProgress, signal, advice: l10n.t('Check that npm is on the PATH and reaches its registry (npm config get registry).') });
  await writeFile(marker, '');
}

async function installWheels(options: InstallOptions): Promise<void> {
  const { installation, onProgress, signal } = options;
  const { wheels, megabytes } = options.build ?? builds[installation.build];
  const marker = join(installation.folder, 'wheel-done');
  if (await exists(marker)) return;
  const python = options.python ?? (await findPython(installation.folder, signal));
  const [first] = wheels as [PinnedWheel];
  const others = wheels.length === 1 ? '' : l10n.t(' and {0} of NVIDIA\'s libraries', wheels.length - 1);
  onProgress(l10n.t('2 of 2: {0} {1}{2} by pip, {3} MB', first.name, first.version, others, megabytes));
  const target = `${installation.packages}.part`;
  await rm(target, { recursive: true, force: true }); // pip keeps finished downloads in its own cache
  const platforms = wheelTags.platforms.flatMap((platform) => ['--platform', platform]);
  const selection = ['--no-deps', '--only-binary=:all:', ...platforms, '--python-version', wheelTags.python, '--implementation', 'cp'];
  const advice = l10n.t('Check that pip reaches its index (pip config list). Running the command again keeps the files that were fetched whole.');
  await pipInstall(python, await newerPip(python, options), wheels, { installation, target, selection, onProgress, signal, advice });
  await rm(installation.packages, { recursive: true, force: true });
  await rename(target, installation.packages);
  const found = await readdir(join(installation.packages, 'tensorflow'));
  for (const library of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    if (!found.includes(library)) throw failed(l10n.t('The wheel in {0} has no {1}.', installation.packages, library));
  }
  await linkSolver(installation.packages);
  await writeFile(marker, '');
}

/** TensorFlow looks for NVIDIA's libraries beside itself, but not in cusolver's folder: without it, it leaves the GPU alone with hardly a word. */
async function linkSolver(packages: string): Promise<void> {
  const solver = join(packages, 'nvidia', 'cusolver', 'lib');
  const libraries = await readdir(solver).catch(() => []);
  for (const library of libraries.filter((name) => name.includes('.so'))) {
    await symlink(join('..', '..', 'cusolver', 'lib', library), join(packages, 'nvidia', 'cusparse', 'lib', library));
  }
}

interface PipInstall {
  readonly installation: Installation;
  readonly target: string;
  readonly selection: readonly string[];
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly advice: string;
}

/** @param pipFolder where the pip lies that is to be used, unless it is Python's own */
async function pipInstall(python: string, pipFolder: string | undefined, wheels: readonly PinnedWheel[], { installation, target, selection, ...how }: PipInstall): Promise<void> {
  const requirements = `${target}.requirements.txt`;
  await writeFile(requirements, wheels.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`).join(''));
  const ability = pipFolder === undefined ? ['--progress-bar', 'off'] : ['--progress-bar', 'raw', '--resume-retries', '20'];
  const command = ['-m', 'pip', 'install', '--disable-pip-version-check', '--root-user-action=ignore', '--no-compile', '--require-hashes', '-r', requirements, '--target', target];
  const environment = pipFolder === undefined ? {} : { PYTHONPATH: pipFolder };
  await tool(python, [...command, ...ability, ...selection], { folder: installation.folder, environment, ...how });
}

/** A pip that goes on with a broken download, in a folder of its own; nothing where this Python cannot have it. */
async function newerPip(python: string, { installation, onProgress, signal }: InstallOptions): Promise<string | undefined> {
  const folder = join(installation.folder, 'pip');
  if (await exists(join(folder, 'pip'))) return folder;
  const target = `${folder}.part`;
  await rm(target, { recursive: true, force: true });
  try {
    await pipInstall(python, undefined, [pip], { installation, target, selection: ['--no-deps', '--only-binary=:all:'], onProgress: () => undefined, signal, advice: '' });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    onProgress(l10n.t('pip {0} could not be fetched: a broken download will begin anew. {1}', pip.version, messageOf(error)));
    return undefined;
  }
  await rename(target, folder);
  return folder;
}

async function findPython(folder: string, signal: AbortSignal | undefined): Promise<string> {
  const tried = ['python3', 'python'];
  for (const python of tried) {
    const lines: string[] = [];
    if (await tool(python, ['-m', 'pip', '--version'], { folder, onProgress: (line) => lines.push(line), signal, advice: '' }).then(() => true, () => false)) return python;
  }
  throw failed(l10n.t('No Python with pip was found (tried {0}). Install one, or name it with --python. It only fetches and unpacks.', tried.join(', ')));
}

/** @throws {EngineError} `installation` unless the file is the one that was built. */
async function checkHash(file: string): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw failed(l10n.t('The addon {0} is missing from this installation of scrkd.', file), error);
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== binding.sha256) throw failed(l10n.t('{0} has the sha256 {1}, expected {2}.', file, found, binding.sha256));
}

interface ToolOptions {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly advice: string;
}

/** Runs a tool to its end, handing on its lines; its error repeats those that tell of one. */
function tool(command: string, args: readonly string[], { folder, environment = {}, onProgress, signal, advice }: ToolOptions): Promise<void> {
  const words = [command, ...args];
  const shown = words.slice(0, words.findIndex((word) => word.startsWith('--'))).join(' ');
  const last: string[] = [];
  const complaints: string[] = [];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split(/\r?\n|\r/);
        rest = lines.pop()!;
        for (const line of lines.filter((entry) => entry.trim() !== '')) {
          last.push(line);
          if (last.length > 5) last.shift();
          if (/^(?:ERROR:|npm (?:error|ERR!)) /.test(line)) complaints.push(line.replace(/^ERROR: /, ''));
          onProgress(line);
        }
      });
    }
    child.once('error', (error) => reject(signal?.aborted === true ? failed(l10n.t('The installation was cancelled; `scrkd engine install` goes on.')) : failed(l10n.t('`{0}` could not be started: {1}. {2}', shown, messageOf(error), advice), error)));
    child.once('close', (code) => (code === 0 ? resolve() : reject(failed(l10n.t('`{0}` ended with status {1}: {2} {3}', shown, String(code), (complaints.length > 0 ? complaints.slice(-2) : last).join(' | '), advice)))));
  });
}

function exists(file: string): Promise<boolean> {
  return readdir(dirname(file)).then((names) => names.includes(file.slice(dirname(file).length + 1)), () => false);
}

function failed(message: string, cause?: unknown): EngineError {
  return new EngineError('installation', message, { cause });
}
