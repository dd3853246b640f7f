import { expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { testsAll } from '../vscode.ts';
import { eventsOfType, newestRun, scrkd, stateHash, trainAgain, untilStep } from './support.ts';

/** What a short training is to show of a stage that has just been trained: 24 scenes in batches of 4. */
export function testTrainedStage(folder: string, config: string, stage: string, epochs: number): void {
  test('learns in flat memory', async () => {
    const means = await eventsOfType(await newestRun(folder, stage), 'epoch');
    expect(means).toHaveLength(epochs);
    expect(means.at(-1)!.total).toBeLessThan(means[0]!.total);
    expect(means.at(-1)!.memoryBytes).toBeLessThan(1.1 * means[1]!.memoryBytes);
  });

  test('killed, it resumes to equal weights, moments and statistics', async () => {
    const unbroken = await newestRun(folder, stage);
    const { started, run } = await trainAgain(folder, config, stage);
    await untilStep(run, 9); // 6 steps an epoch
    started.process.kill('SIGKILL');
    await started.ended;
    const resumed = await scrkd(folder, 'resume', run.folder.path);
    expect(resumed.code, resumed.stderr).toBe(exitCodes.ok);
    expect(await stateHash(run)).toBe(await stateHash(unbroken));
  }, testsAll ? 1_800_000 : 300_000);
}
