import type { Experiment } from '../config/experiment.ts';
import type { Engine } from '../engine/engine.ts';
import { createOnnxRuntimeEngine } from '../engine/onnxruntime.ts';

/** The engine that a config asks for, and the device that a launch has to wait for. */
export async function engineFor({ threads }: Pick<Experiment, 'threads'>): Promise<{ engine: Engine; device: string }> {
  return { engine: await createOnnxRuntimeEngine(threads === undefined ? {} : { threads }), device: 'cpu' };
}
