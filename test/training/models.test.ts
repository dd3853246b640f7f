import { beforeAll, describe, expect } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { models, modelNames, type ModelName } from '../../src/config/catalog/models.ts';
import { testsAll } from '../vscode.ts';
import { makeScenes, scratchFolder, scrkd, writeConfig } from './support.ts';
import { testTrainedStage } from './trained-stage.ts';

/** PSPNet is trained everywhere else; the others' graphs are large, so this is for `npm run test:all`. */
const trained = modelNames.filter((model) => model !== 'pspnet');
const folder = scratchFolder();
const epochs = 4;
const small = (model: string): string => `{ name: ${model}, width: 0.125 }`;
/** SCRKD, but for stages that differ in channels. */
const method = (model: ModelName): string => (new Set(models[model].channels(models[model].defaults)).size > 1 ? 'kd' : 'scrkd');

beforeAll(async () => {
  if (testsAll) await makeScenes(folder, 24, 2, 128);
});

describe.runIf(testsAll).each(trained)('%s, trained and distilled through the command line', (model) => {
  beforeAll(async () => {
    writeConfig(
      folder,
      model,
      `
version: 1
experiment: ${model}
dataset: { root: ./data, validation: none }
stages:
  ${model}-teacher: { model: ${small(model)}, resolution: 128, training: { epochs: 1 } }
  ${model}: { model: ${small(model)}, resolution: 64, distill: { from: ${model}-teacher, method: ${method(model)} } }
training: { epochs: ${String(epochs)}, batchSize: 4, optimizer: { learningRate: 2.0e-3 } }
captures: { samples: 1, every: 1000 }
`,
    );
    const ended = await scrkd(folder, 'run', `${model}.scrkd.yaml`);
    expect(ended.code, ended.stderr).toBe(exitCodes.ok);
  }, 1_800_000);

  testTrainedStage(folder, model, model, epochs);
});
