import { beforeAll, describe, expect } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { modelNames } from '../../src/config/catalog/models.ts';
import { testsAll } from '../vscode.ts';
import { makeScenes, scratchFolder, scrkd, writeConfig } from './support.ts';
import { testTrainedStage } from './trained-stage.ts';

/** PSPNet is trained everywhere else; the others' graphs are large, so this is for `npm run test:all`. */
const trained = modelNames.filter((model) => model !== 'pspnet');
const folder = scratchFolder();
const epochs = 4;
const small = (model: string): string => `{ name: ${model}, width: 0.125 }`;
/** SOLNet's stages differ in channels, which SCRKD refuses. */
const method = (model: string): string => (model === 'solnet' ? 'kd' : 'scrkd');
const stages = trained.flatMap((model) => [
  `  ${model}-teacher: { model: ${small(model)}, resolution: 128, training: { epochs: 1 } }`,
  `  ${model}: { model: ${small(model)}, resolution: 64, distill: { from: ${model}-teacher, method: ${method(model)} } }`,
]);

beforeAll(async () => {
  if (!testsAll) return;
  await makeScenes(folder, 24, 2, 128);
  writeConfig(
    folder,
    'models',
    `
version: 1
experiment: models
dataset: { root: ./data, validation: none }
stages:
${stages.join('\n')}
training: { epochs: ${String(epochs)}, batchSize: 4, optimizer: { learningRate: 2.0e-3 } }
captures: { samples: 1, every: 1000 }
`,
  );
  const ended = await scrkd(folder, 'run', 'models.scrkd.yaml');
  expect(ended.code, ended.stderr).toBe(exitCodes.ok);
}, 900_000);

describe.runIf(testsAll).each(trained)('%s, trained and distilled through the command line', (model) => {
  testTrainedStage(folder, 'models', model, epochs);
});
