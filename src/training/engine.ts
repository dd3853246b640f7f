import * as l10n from '@vscode/l10n';
import { unreachable } from '../base/errors.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/errors.ts';
import { createOnnxRuntimeEngine } from '../engine/onnxruntime.ts';
import { installationIn } from '../engine/tensorflow/installation.ts';
import { cacheDirectory } from '../runs/device-queue.ts';

export type EngineWish = Partial<Pick<Experiment, 'engine' | 'device' | 'memory' | 'threads'>>;

/**
 * The engine that a config asks for, and the device that a launch has to wait for. `auto` is onnxruntime on the CPU: of the engines it
 * is the fastest there (bench/README.md), and always at hand.
 * @throws {EngineError} `not-installed`, `runtime`
 */
export async function engineFor({ engine = 'auto', device = 'auto', memory = 'auto', threads }: EngineWish): Promise<{ engine: Engine; device: string }> {
  const own = threads === undefined ? {} : { threads };
  switch (engine) {
    case 'auto':
    case 'onnxruntime':
      if (device === 'webgpu') {
        const { createWebGpuEngine } = await import('../engine/webgpu.ts');
        return { engine: await createWebGpuEngine(), device: 'webgpu' };
      }
      return { engine: await createOnnxRuntimeEngine({ ...own, memory }), device: 'cpu' };
    case 'tensorflow': {
      if (device === 'webgpu') throw new EngineError('runtime', l10n.t('`device: webgpu` needs `engine: onnxruntime`.'));
      const { createTensorFlowEngine } = await import('../engine/tensorflow/engine.ts');
      return { engine: createTensorFlowEngine(installationIn(cacheDirectory()), own), device: 'cpu' };
    }
    default:
      return unreachable(engine);
  }
}
