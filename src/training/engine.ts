import * as l10n from '@vscode/l10n';
import { unreachable } from '../base/errors.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/errors.ts';
import { createOnnxRuntimeEngine } from '../engine/onnxruntime.ts';
import { installationIn } from '../engine/tensorflow/installation.ts';
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
 * The engine that a config asks for. `auto` is onnxruntime on the CPU: of the engines it is the fastest there (bench/README.md), and
 * always at hand.
 * @throws {EngineError} `not-installed`, `runtime`
 */
export async function engineFor({ engine = 'auto', device = 'auto', memory = 'auto', threads }: EngineWish): Promise<ChosenEngine> {
  const own = threads === undefined ? {} : { threads };
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
      return asked(createTensorFlowEngine(installationIn(cacheDirectory()), own), 'cpu', 'engine: tensorflow');
    }
    default:
      return unreachable(engine);
  }
}

function asked(engine: Engine, device: string, by: string): ChosenEngine {
  return { engine, device, choice: l10n.t('{0} on {1}, as `{2}` asks for.', engine.name, engine.device, by) };
}

function chosen(engine: Engine, wish: 'auto' | 'onnxruntime', device: 'auto' | 'cpu'): ChosenEngine {
  if (wish !== 'auto' && device !== 'auto') return asked(engine, 'cpu', `engine: ${wish}, device: ${device}`);
  const why =
    device === 'auto'
      ? l10n.t('the fastest engine on a CPU, and always at hand. No GPU is taken by itself, because none has been verified yet: `device: webgpu` takes one.')
      : l10n.t('the fastest engine on a CPU, and always at hand.');
  return { engine, device: 'cpu', choice: l10n.t('{0} on {1}: {2}', engine.name, engine.device, why) };
}
