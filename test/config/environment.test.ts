/** What the machine and the disk say about a config, through providers. */
import { describe, expect, test } from 'vitest';
import type { StageDescription, StageToDescribe } from '../../src/config/description.ts';
import type { Diagnostic } from '../../src/config/diagnostic.ts';
import type { Providers } from '../../src/config/providers.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';

const text = `experiment: machine
dataset: { root: data, train: own.txt }
stages:
  teacher: { model: pspnet, resolution: 224 }
  student: { model: pspnet, resolution: 112, distill: { from: teacher, method: scrkd } }
  given: { model: pspnet, resolution: 448, checkpoint: t.safetensors }
  small: { model: pspnet, resolution: 56, distill: { from: given, method: scrkd } }
training: { optimizer: { learningRate: 1.0e-3 }, batchSize: 4 }
`;

async function findings(providers: Providers): Promise<readonly Diagnostic[]> {
  return (await resolveExperiment({ text, path: 'configs/machine.scrkd.yaml' }, providers)).diagnostics;
}

const description = (peakBytes: number): StageDescription => ({ parameters: 1, multiplyAccumulates: 1, features: [], step: { multiplyAccumulates: 1, peakBytes } });

describe('memory', () => {
  const asked: StageToDescribe[] = [];
  const describeStage = (stage: StageToDescribe) => {
    asked.push(stage);
    return Promise.resolve(description(stage.network.resolution.height === 224 ? 9e9 : 1e9));
  };

  test('a step that needs more than the device has is reported at its stage', async () => {
    const found = await findings({ deviceMemory: () => Promise.resolve(8e9), describeStage });
    expect(found.map(({ code, message, range }) => [code, message, range.start.line])).toEqual([['memory-exceeded', "A training step of 'teacher' needs about 9.00 GB; the device has 8.00 GB.", 3]]);
  });

  test('a stage is asked about with its teacher, a given one not at all', () => {
    expect(asked.map(({ network, training }) => [network.resolution.height, training?.batchSize, training?.lesson?.teacher.resolution.height])).toEqual([
      [224, 4, undefined],
      [112, 4, 224],
      [56, 4, 448],
    ]);
  });

  test.each<[string, Providers]>([
    ['the memory is unknown', { deviceMemory: () => Promise.resolve(undefined), describeStage }],
    ['the stage is not known yet', { deviceMemory: () => Promise.resolve(1), describeStage: () => Promise.resolve(undefined) }],
    ['a provider fails', { deviceMemory: () => Promise.resolve(1), describeStage: () => Promise.reject(new Error('no')), experimentsIn: () => Promise.reject(new Error('no')) }],
  ])('nothing is said when %s', async (_, providers) => {
    expect(await findings(providers)).toEqual([]);
  });
});

test('another config of the same experiment name in the folder shares its output', async () => {
  const others = [
    { file: 'configs/machine.scrkd.yaml', experiment: 'machine' },
    { file: 'configs/copy.scrkd.yaml', experiment: 'machine' },
    { file: 'configs/else.scrkd.yaml', experiment: 'else' },
  ];
  const found = await findings({ experimentsIn: (folder) => Promise.resolve(folder === 'configs' ? others : []) });
  expect(found).toMatchObject([{ code: 'shared-output', severity: 'warning', range: { start: { line: 0, character: 12 } } }]);
  expect(found[0]?.message).toMatch(/^copy\.scrkd\.yaml has the same experiment name 'machine'/);
});

test('the dataset is asked about by the lists that the config names', async () => {
  const asked: unknown[] = [];
  await findings({
    datasetSummary: (root, lists) => {
      asked.push([root, lists]);
      return Promise.resolve({ train: 1, test: 1, problems: [] });
    },
  });
  expect(asked).toEqual([['configs/data', { train: 'own.txt' }]]);
});
