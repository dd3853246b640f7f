import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { methodNames } from '../../src/config/catalog/methods.ts';
import { testsAll } from '../vscode.ts';
import { makeScenes, scratchFolder, scrkd, smallModel, trainAgain, writeConfig } from './support.ts';
import { testTrainedStage } from './trained-stage.ts';

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
}, testsAll ? 1_800_000 : 600_000);

describe.each(trained)('%s through the command line', (name) => {
  testTrainedStage(folder, 'methods', name, epochs);
});

test('a weight of another method is refused with the names of the run\'s own terms', async () => {
  const { started, run } = await trainAgain(folder, 'methods', trained[0]!);
  const answer = await scrkd(folder, 'control', run.folder.path, 'set', 'mvcd=2');
  expect(answer.code).toBe(exitCodes.failed);
  expect(answer.stdout).toContain('no loss term mvcd; its terms are kd');
  await started.ended;
}, 120_000);
