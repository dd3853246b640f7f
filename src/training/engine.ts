import * as l10n from '@vscode/l10n';
import { messageOf, unreachable } from '../base/errors.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/errors.ts';
import { createOnnxRuntimeEngine } from '../engine/onnxruntime.ts';
import { installationIn, installedIn, isInstalled } from '../engine/tensorflow/installation.ts';
import { cacheDirectory } from '../runs/device-queue.ts';

export interface ChosenEngine {
  readonly engine: Engine;
  /** What a launch has to wait for. */
  readonly device: string;
  /** Which engine it is and why, in a sentence. */
  readonly choice: string;
}

export type EngineWish = Partial<Pick<Experiment, 'engine' | 'device' | 'memory' | 'threads'>>;

/**
 * The engine that a config asks for. `auto` is TensorFlow on an NVIDIA GPU where that build was installed, which ends with a proof that it
 * computes; else onnxruntime on the CPU: of the engines it is the fastest there (bench/README.md), and always at hand.
 * @throws {EngineError} `not-installed`, `no-gpu`, `runtime`
 */
export async function engineFor({ engine = 'auto', device = 'auto', memory = 'auto', threads }: EngineWish): Promise<ChosenEngine> {
  const own = threads === undefined ? {} : { threads };
  if (engine === 'auto' && device === 'auto' && isInstalled(installationIn(cacheDirectory(), 'cuda'))) return onNvidia(own, memory);
  switch (engine) {
    case 'auto':
    case 'onnxruntime':
      if (device === 'webgpu') {
        const { createWebGpuEngine } = await import('../engine/webgpu.ts');
        return asked(await createWebGpuEngine(), 'webgpu', 'device: webgpu');
      }
      return chosen(await createOnnxRuntimeEngine({ ...own, memory }), engine, device);
    case 'tensorflow': {
      if (device === 'webgpu') throw new EngineError('runtime', l10n.t('`device: webgpu` needs `engine: onnxruntime`.'));
      const { createTensorFlowEngine } = await import('../engine/tensorflow/engine.ts');
      const installation = installedIn(cacheDirectory());
      const onCpu = device === 'cpu' || installation.build === 'cpu';
      return asked(createTensorFlowEngine(installation, { ...own, onCpu }), onCpu ? 'cpu' : 'cuda', 'engine: tensorflow');
    }
    default:
      return unreachable(engine);
  }
}

function asked(engine: Engine, device: string, by: string): ChosenEngine {
  return { engine, device, choice: l10n.t('{0} on {1}, as `{2}` asks for.', engine.name, engine.device, by) };
}

/** Where the GPU does not answer any more, the CPU trains, and the choice says so. */
async function onNvidia(own: { readonly threads?: number }, memory: NonNullable<EngineWish['memory']>): Promise<ChosenEngine> {
  const { createTensorFlowEngine } = await import('../engine/tensorflow/engine.ts');
  try {
    const engine = createTensorFlowEngine(installationIn(cacheDirectory(), 'cuda'), own);
    return { engine, device: 'cuda', choice: l10n.t('{0} on {1}: it was installed for this GPU, and computed correctly then.', engine.name, engine.device) };
  } catch (error) {
    const engine = await createOnnxRuntimeEngine({ ...own, memory });
    return { engine, device: 'cpu', choice: l10n.t('{0} on {1}, because TensorFlow does not work: {2}', engine.name, engine.device, messageOf(error)) };
  }
}

function chosen(engine: Engine, wish: 'auto' | 'onnxruntime', device: 'auto' | 'cpu'): ChosenEngine {
  if (wish !== 'auto' && device !== 'auto') return asked(engine, 'cpu', `engine: ${wish}, device: ${device}`);
  const why =
    device === 'auto'
      ? l10n.t('the fastest engine on a CPU, and always at hand. No GPU is taken by itself, because none has been verified yet: `device: webgpu` takes one.')
      : l10n.t('the fastest engine on a CPU, and always at hand.');
  return { engine, device: 'cpu', choice: l10n.t('{0} on {1}: {2}', engine.name, engine.device, why) };
}
