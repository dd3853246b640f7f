/** `scrkd engine …`: installs and tries the optional engine. */
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import * as l10n from '@vscode/l10n';
import { createTensorFlowEngine } from '../../engine/tensorflow/engine.ts';
import { installTensorFlow } from '../../engine/tensorflow/install.ts';
import { builds, installationIn, installedIn, type BuildName } from '../../engine/tensorflow/installation.ts';
import { prove } from '../../engine/tensorflow/proof.ts';
import { cacheDirectory } from '../../runs/device-queue.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';

/** Beside the bundle, where the build puts it. */
const bindings = fileURLToPath(new URL('./native', import.meta.url));

interface BuildOptions {
  readonly cpu?: boolean;
  readonly gpu?: boolean;
}

export async function install({ force, python, ...wanted }: BuildOptions & { readonly force?: boolean; readonly python?: string }): Promise<ExitCode> {
  const cancel = new AbortController();
  const onInterrupt = (): void => cancel.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const onProgress = progressTo(process.stderr);
    const gpu = wanted.cpu === true ? undefined : await nvidiaGpu();
    const build: BuildName = wanted.gpu === true || gpu !== undefined ? 'cuda' : 'cpu';
    if (gpu !== undefined) onProgress(l10n.t('Found {0}: TensorFlow is installed with NVIDIA\'s libraries, {1} MB. `--cpu` does without. This build has not been verified on hardware yet.', gpu, builds.cuda.megabytes));
    await installTensorFlow({
      installation: installationIn(cacheDirectory(), build),
      bindings,
      onProgress,
      signal: cancel.signal,
      probe: () => probeInChild(build),
      ...(force === undefined ? {} : { force }),
      ...(python === undefined ? {} : { python }),
    });
    return exitCodes.ok;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** Loads the engine into this process and lets it compute. */
export async function probe({ cpu, gpu }: BuildOptions): Promise<ExitCode> {
  const cache = cacheDirectory();
  const engine = createTensorFlowEngine(gpu === true ? installationIn(cache, 'cuda') : cpu === true ? installationIn(cache, 'cpu') : installedIn(cache));
  await prove(engine);
  process.stdout.write(`${l10n.t('TensorFlow {0} on {1} computes correctly.', engine.versions['tensorflow']!, engine.device)}\n`);
  return exitCodes.ok;
}

/** The name of an NVIDIA GPU whose driver answers. */
async function nvidiaGpu(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], { timeout: 10_000 });
    return stdout.split('\n')[0]?.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** TensorFlow may abort its process: it is tried in one that may. */
function probeInChild(build: BuildName): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [process.argv[1]!, 'engine', 'probe', build === 'cuda' ? '--gpu' : '--cpu'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const errors: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
    child.once('error', reject);
    child.once('close', (code, signal) => (code === 0 ? resolve() : reject(new Error(l10n.t('the trial ended with {0}: {1}', signal ?? `status ${code ?? '?'}`, errors.join('').trim().split('\n').slice(-3).join(' '))))));
  });
}

/** pip's raw progress lines (`Progress 1048576 of 274000871`) become one line a tenth. */
function progressTo(stream: NodeJS.WriteStream): (line: string) => void {
  let shown = -1;
  return (line) => {
    const [, done, total] = /^Progress (\d+) of (\d+)$/.exec(line) ?? [];
    if (done === undefined || total === undefined) {
      stream.write(`${line}\n`);
      return;
    }
    const tenth = Math.floor((10 * Number(done)) / Number(total));
    if (tenth === shown) return;
    shown = tenth;
    stream.write(l10n.t('{0} of {1} MB', (Number(done) / 1e6).toFixed(0), (Number(total) / 1e6).toFixed(0)) + '\n');
  };
}
