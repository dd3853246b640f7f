/** TensorFlow as an engine: the step as it stands, kernel by kernel, through tfjs's kernels and our build of their addon. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../base/errors.ts';
import { createEagerEngine } from '../eager.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { type Installation, isInstalled, kernels, tensorflowVersion } from './installation.ts';
import { acceptSymmetricPadding } from './padding.ts';

const backendName = 'tensorflow';

/** Read by TensorFlow when it is loaded; what the user set stays. */
function environment({ build, folder }: Installation, onCpu: boolean): Readonly<Record<string, string>> {
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // The CPU build must not look for a GPU: with a driver and without CUDA's libraries it would abort.
    ...(build === 'cpu' || onCpu ? { CUDA_VISIBLE_DEVICES: '-1' } : { CUDA_CACHE_PATH: join(folder, 'cuda-cache') }), // newer GPUs compile kernels at first use, for minutes
  };
}

export interface TensorFlowOptions {
  readonly threads?: number;
  /** Leaves the GPU alone. */
  readonly onCpu?: boolean;
}

type NodeBackend = tf.KernelBackend & { readonly isUsingGpuDevice: boolean };

interface KernelBackendModule {
  readonly NodeJSKernelBackend: new (binding: unknown, packageName: string) => NodeBackend;
}

/**
 * Loads TensorFlow into this process, once. A broken installation can abort the process: probe it in a child before (`scrkd engine probe`).
 * @throws {EngineError} `not-installed` with what to do; `no-gpu` where NVIDIA's libraries are installed and find none; `runtime` when it does not load
 */
export function createTensorFlowEngine(installation: Installation, { threads, onCpu = false }: TensorFlowOptions = {}): Engine {
  if (!isInstalled(installation)) throw new EngineError('not-installed', l10n.t('The engine "tensorflow" is not installed. Install it with `scrkd engine install`, or use `engine: onnxruntime`.'));
  if (tf.engine().registryFactory[backendName] === undefined) register(installation, threads, onCpu);
  const backend = tf.findBackend(backendName) as NodeBackend;
  if (installation.build === 'cuda' && !onCpu && !backend.isUsingGpuDevice) throw noGpu();
  return createEagerEngine(backendName, {
    name: 'tensorflow',
    device: backend.isUsingGpuDevice ? l10n.t('NVIDIA GPU (not yet verified on hardware)') : l10n.t('CPU'),
    versions: { tensorflow: tensorflowVersion, 'tfjs-node': kernels.version, tfjs: tf.version_core },
  });
}

function noGpu(): EngineError {
  return new EngineError('no-gpu', l10n.t("TensorFlow finds no GPU that it can use. It needs an NVIDIA GPU and the driver r525 or later (Hopper: r555, Blackwell: r570); `nvidia-smi` shows both. `device: cpu` always works."));
}

function register(installation: Installation, threads: number | undefined, onCpu: boolean): void {
  const { kernels: folder, binding } = installation;
  for (const [name, value] of Object.entries(environment(installation, onCpu))) process.env[name] ??= value;
  if (threads !== undefined) {
    process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
    process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
  }
  const load = createRequire(join(folder, 'index.js'));
  // tfjs-node calls a function that Node 23 removed.
  const legacy = load('util') as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  const before = tf.engine().backendName;
  try {
    const addon: unknown = load(binding);
    const { NodeJSKernelBackend } = load(join(folder, 'nodejs_kernel_backend.js')) as KernelBackendModule;
    load(join(folder, 'register_all_kernels.js'));
    // Both copies of tfjs-core, ours and the one beside the kernels, share one registry through the global object.
    tf.registerBackend(backendName, () => new NodeJSKernelBackend(addon, kernels.name), -1);
    acceptSymmetricPadding(backendName);
    const engine = tf.engine();
    void engine.setBackend(backendName); // makes it, at once
    if (before) void engine.setBackend(before);
  } catch (error) {
    throw new EngineError('runtime', l10n.t('TensorFlow did not load from {0}: {1}. Install it again with `scrkd engine install --force`.', binding, messageOf(error)), { cause: error });
  }
}
