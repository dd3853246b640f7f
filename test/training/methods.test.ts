import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { methodNames } from '../../src/config/catalog/methods.ts';
import { testsAll } from '../vscode.ts';
import { eventsOfType, makeScenes, newestRun, runsOf, scratchFolder, scrkd, smallModel, start, stateHash, until, untilStep, writeConfig } from './support.ts';

/** One without layers of its own, one with an adapter, one with a discriminator; all in `npm run test:all`. */
const trained = methodNames.filter((name) => name !== 'scrkd' && (testsAll || ['kd', 'reviewkd', 'skd'].includes(name)));

const folder = scratchFolder();
const epochs = 4;
const stages = trained.map((name) => `  ${name}: { model: ${smallModel}, resolution: 64, distill: { from: teacher, method: ${name} } }`).join('\n');

beforeAll(async () => {
  await makeScenes(folder, 24, 2, 128);
  writeConfig(
    folder,
    'methods',
    `
version: 1
experiment: methods
dataset: { root: ./data, validation: none }
stages:
  teacher: { model: ${smallModel}, resolution: 128, training: { epochs: 2 } }
${stages}
training: { epochs: ${String(epochs)}, batchSize: 4, optimizer: { learningRate: 2.0e-3 } }
captures: { samples: 1, every: 1000 }
`,
  );
  const ended = await scrkd(folder, 'run', 'methods.scrkd.yaml');
  expect(ended.code, ended.stderr).toBe(exitCodes.ok);
}, 600_000);

describe.each(trained)('%s through the command line', (name) => {
  test('learns in flat memory', async () => {
    const run = await newestRun(folder, name);
    const means = await eventsOfType(run, 'epoch');
    expect(means).toHaveLength(epochs);
    expect(means.at(-1)!.total).toBeLessThan(means[0]!.total);
    const [early, late] = [means[1]!.memoryBytes, means.at(-1)!.memoryBytes];
    expect(late).toBeLessThan(1.1 * early);
  });

  test('killed, it resumes to equal weights, moments and statistics', async () => {
    const unbroken = await newestRun(folder, name);
    const started = start(folder, 'run', 'methods.scrkd.yaml', '--retrain', '--stage', name);
    const run = await until('a new run', async () => {
      const newest = (await runsOf(folder, name)).at(-1)!;
      return newest.folder.path !== unbroken.folder.path && newest.state.state === 'running' ? newest : undefined;
    });
    await untilStep(run, 9); // 6 steps an epoch
    started.process.kill('SIGKILL');
    await started.ended;
    const resumed = await scrkd(folder, 'resume', run.folder.path);
    expect(resumed.code, resumed.stderr).toBe(exitCodes.ok);
    expect(await stateHash(run)).toBe(await stateHash(unbroken));
  }, 300_000);
});

test('a weight of another method is refused with the names of the run\'s own terms', async () => {
  const name = trained[0]!;
  const started = start(folder, 'run', 'methods.scrkd.yaml', '--retrain', '--stage', name);
  const earlier = (await runsOf(folder, name)).length;
  const run = await until('a new run', async () => {
    const runs = await runsOf(folder, name);
    return runs.length > earlier && runs.at(-1)!.state.state === 'running' ? runs.at(-1) : undefined;
  });
  const answer = await scrkd(folder, 'control', run.folder.path, 'set', 'mvcd=2');
  expect(answer.code).toBe(exitCodes.failed);
  expect(answer.stdout).toContain('no loss term mvcd; its terms are kd');
  await started.ended;
}, 120_000);
