/** TensorFlow as an engine: the step as it stands, kernel by kernel, through tfjs's kernels and our build of their addon. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../base/errors.ts';
import { createEagerEngine } from '../eager.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { type Installation, isInstalled, kernels, wheel } from './installation.ts';
import { acceptSymmetricPadding } from './padding.ts';

const backendName = 'tensorflow';

/** Read by TensorFlow when it is loaded; what the user set stays. */
const environment: Readonly<Record<string, string>> = {
  TF_CPP_MIN_LOG_LEVEL: '2',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  CUDA_VISIBLE_DEVICES: '-1', // the CPU build must not look for a GPU: with a driver and without CUDA's libraries it would abort
};

interface KernelBackendModule {
  readonly NodeJSKernelBackend: new (binding: unknown, packageName: string) => tf.KernelBackend;
}

/**
 * Loads TensorFlow into this process, once. A broken installation can abort the process: probe it in a child before (`scrkd engine probe`).
 * @throws {EngineError} `not-installed` with what to do; `runtime` when it does not load
 */
export function createTensorFlowEngine(installation: Installation, { threads }: { readonly threads?: number } = {}): Engine {
  if (!isInstalled(installation)) throw new EngineError('not-installed', l10n.t('The engine "tensorflow" is not installed. Install it with `scrkd engine install`, or use `engine: onnxruntime`.'));
  if (tf.engine().registryFactory[backendName] === undefined) register(installation, threads);
  return createEagerEngine(backendName, { name: 'tensorflow', device: l10n.t('CPU'), versions: { tensorflow: wheel.version, 'tfjs-node': kernels.version, tfjs: tf.version_core } });
}

function register({ kernels: folder, binding }: Installation, threads: number | undefined): void {
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
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
