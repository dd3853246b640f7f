/** A GPU that is lost in the middle of a training. onnxruntime is the real one, on the CPU; its sessions fail as Dawn's do. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Runtime from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadExperiment } from '../../src/cli/load-config.ts';
import { openNewestCheckpoint } from '../../src/runs/checkpoints.ts';
import { listRuns } from '../../src/runs/list-runs.ts';
import { readEvents } from '../../src/runs/read-run.ts';
import { launch, type LaunchOptions } from '../../src/training/launch.ts';
import { StopRequest } from '../../src/training/stop.ts';
import { makeScenes, smallModel, writeConfig } from './support.ts';

/** Steps that the device lasts for. */
const fault = vi.hoisted(() => ({ stepsLeft: Infinity }));

vi.mock('onnxruntime-node', async (importOriginal) => {
  const real = await importOriginal<typeof Runtime>();
  const create = async (model: Uint8Array, { executionProviders: _gpu, preferredOutputLocation: _there, ...options }: Runtime.InferenceSession.SessionOptions): Promise<Runtime.InferenceSession> => {
    const session = await real.InferenceSession.create(model, { ...options, extra: {}, graphOptimizationLevel: 'disabled' });
    const isStep = session.inputNames.includes('mask');
    return new Proxy(session, {
      get: (target, name) => {
        if (name !== 'run') {
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) as unknown : value;
        }
        return async (feeds: Runtime.InferenceSession.FeedsType) => {
          if (isStep) fault.stepsLeft--;
          if (fault.stepsLeft < 0) throw new Error('WebGPU device lost (1): VK_ERROR_DEVICE_LOST');
          return target.run(feeds);
        };
      },
    });
  };
  return { ...real, listSupportedBackends: () => [{ name: 'webgpu', bundled: true }], InferenceSession: { create } };
});

const folder = mkdtempSync(join(tmpdir(), 'scrkd-lost-'));
const before = process.env['SCRKD_CACHE'];
beforeAll(async () => {
  process.env['SCRKD_CACHE'] = join(folder, 'cache');
  await makeScenes(folder, 8, 2);
});
afterAll(() => {
  if (before === undefined) delete process.env['SCRKD_CACHE'];
  else process.env['SCRKD_CACHE'] = before;
  rmSync(folder, { recursive: true, force: true });
});

test('ends with a checkpoint and a message that says how to go on, and goes on', async () => {
  const config = writeConfig(folder, 'lost', `
version: 1
experiment: lost
dataset: { root: ./data, validation: none }
device: webgpu
stages:
  student: { model: ${smallModel}, resolution: 32 }
training: { epochs: 3, batchSize: 4 }
captures: { samples: 0 }
`);
  const experiment = await loadExperiment(config, () => undefined);
  const options: LaunchOptions = { experiment, runsDirectory: join(folder, 'runs'), observe: () => undefined, stop: new StopRequest(), versions: {} };
  fault.stepsLeft = 3; // of two an epoch
  await expect(launch(options)).rejects.toMatchObject({
    reason: 'device-lost',
    message: expect.stringMatching(/epoch 2, step 4: The GPU was lost: .*VK_ERROR_DEVICE_LOST.*smaller batch.*checkpoint is of step 2: `scrkd resume .*` goes on/) as string,
  });
  const [run] = await listRuns(join(folder, 'runs'));
  expect(run).toMatchObject({ state: { state: 'failed', error: { reason: 'device-lost' } } });
  const { checkpoint } = await openNewestCheckpoint(run!.folder);
  expect(checkpoint?.info).toMatchObject({ epoch: 1, step: 2 });
  await checkpoint?.tensors.close();

  fault.stepsLeft = Infinity;
  expect((await launch(options)).end).toBe('trained');
  const { events } = await readEvents(run!.folder);
  expect(events.filter(({ type }) => type === 'resume')).toMatchObject([{ step: 2 }]);
}, 120_000);
