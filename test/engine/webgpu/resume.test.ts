/** A training with `device: webgpu` that is killed and goes on, on a software Vulkan. Takes minutes: `npm run test:all`. */
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../../src/cli/exit-codes.ts';
import { eventsOfType, makeScenes, newestRun, scratchFolder, scrkd, stateHash, trainAgain, untilStep, writeConfig } from '../../training/support.ts';
import { reason, vulkanEnvironment } from './vulkan.ts';

describe.skipIf(reason !== undefined)(`device: webgpu${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  const folder = scratchFolder();

  beforeAll(async () => {
    Object.assign(process.env, vulkanEnvironment); // the trainers are children of this process
    await makeScenes(folder, 16, 2);
  });

  test('a training that is killed resumes to the numbers of an unbroken one', async () => {
    writeConfig(folder, 'gpu', `
version: 1
experiment: gpu
dataset: { root: ./data, validation: none }
device: webgpu
stages:
  student: { model: { name: pspnet, backbone: resnet18, width: 0.03 }, resolution: 32 }
training: { epochs: 3, batchSize: 4, optimizer: { learningRate: 1.0e-3 } }
captures: { samples: 0 }
`);
    const ended = await scrkd(folder, 'run', 'gpu.scrkd.yaml');
    expect(ended.code, ended.stderr).toBe(exitCodes.ok);
    expect(ended.stdout).toContain('WebGPU, not yet verified on hardware');
    const unbroken = await newestRun(folder, 'student');
    const { started, run } = await trainAgain(folder, 'gpu', 'student');
    await untilStep(run, 6); // 4 steps an epoch
    started.process.kill('SIGKILL');
    await started.ended;
    const resumed = await scrkd(folder, 'resume', run.folder.path);
    expect(resumed.code, resumed.stderr).toBe(exitCodes.ok);
    expect((await eventsOfType(run, 'step')).map(({ total }) => total)).toEqual((await eventsOfType(unbroken, 'step')).map(({ total }) => total));
    expect(await stateHash(run)).toBe(await stateHash(unbroken));
  }, 1_200_000);
});
