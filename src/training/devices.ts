/** Where trainings can compute on this machine. */
import { hasWebGpu } from '../engine/webgpu.ts';

/** Values of `device`. Whether a GPU is there as well shows when it is used. */
export async function availableDevices(): Promise<string[]> {
  return ['cpu', ...((await hasWebGpu()) ? ['webgpu'] : [])];
}
