import { describe, expect, test } from 'vitest';
import type { Experiment, Stage } from '../../src/config/experiment.ts';
import { explain } from '../../src/config/explain.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';

/** Resolves the first of some files held in memory. */
async function resolved(files: Record<string, string>): Promise<Experiment> {
  const [first] = Object.entries(files);
  if (first === undefined) throw new Error('no file');
  const readText = (file: string) => {
    const text = files[file];
    return text === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(text);
  };
  const { experiment, diagnostics, sources } = await resolveExperiment({ path: first[0], text: first[1] }, { readText });
  if (experiment === undefined) throw new Error(explain(diagnostics, sources));
  return experiment;
}

function named(experiment: Experiment, name: string): Stage {
  const stage = experiment.stages.find((each) => each.name === name);
  if (stage === undefined) throw new Error(`no stage ${name}`);
  return stage;
}

const minimal = `
experiment: minimal
dataset: { root: ./ORSSD }
stages:
  student: { model: pspnet, resolution: 112, distill: { from: teacher, method: scrkd } }
  teacher: { model: pspnet, resolution: [224, 448] }
`;

describe('a config with experiment, dataset and stages alone', () => {
  test("has the paper's recipe, our options and the teacher first", async () => {
    const experiment = await resolved({ 'configs/a.scrkd.yaml': minimal.replace('[224, 448]', '224') });
    expect(experiment).toMatchObject({
      version: 1,
      name: 'minimal',
      directory: 'configs',
      preset: 'default',
      engine: 'auto',
      device: 'auto',
      dataset: { root: 'configs/ORSSD', name: 'ORSSD', validation: { fraction: 0.1, seed: 1 } },
      captures: { samples: { count: 4 }, every: 10, features: false, budget: 2e9 },
      checkpoints: { every: 10, everyMinutes: 10, select: 'default' },
      evaluation: { every: 1, protocols: ['scrkd448', 'pysod'] },
    });
    expect(experiment.stages.map((stage) => stage.name)).toEqual(['teacher', 'student']);
    const student = named(experiment, 'student');
    expect(student.training).toEqual({
      epochs: 100,
      batchSize: 8,
      optimizer: { name: 'adamw', learningRate: 2e-5, weightDecay: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      schedule: { kind: 'constant' },
      augmentation: 'default',
      seed: 2025,
      stopAfterUnreadable: 0.05,
    });
    expect(student.model).toEqual({ name: 'pspnet', options: { backbone: 'resnet50', width: 1 } });
    expect(student.distill).toMatchObject({ from: 'teacher', method: 'scrkd', weights: { mvcd: 1, msfd: 1, dsd: 10 }, temperature: 1 });
    expect(Object.values(student.distill?.options ?? {})).toEqual(Array(9).fill('default'));
    expect(student.adapter).toEqual({ method: 'scrkd', options: student.distill?.options });
    expect(student.selection).toEqual({ on: 'validation', every: 1 });
    expect(named(experiment, 'teacher').adapter).toBeUndefined();
  });

  test('may have sides that differ', async () => {
    const experiment = await resolved({ 'a.scrkd.yaml': minimal });
    expect(named(experiment, 'teacher').resolution).toEqual({ height: 224, width: 448 });
  });

  test('an absolute dataset folder stays where it is', async () => {
    const experiment = await resolved({ 'configs/a.scrkd.yaml': minimal.replace('./ORSSD', '/data/ORSSD') });
    expect(experiment.dataset.root).toBe('/data/ORSSD');
  });
});

describe('a preset', () => {
  const options = async (preset: string, more = '') => {
    const experiment = await resolved({ 'a.scrkd.yaml': `preset: ${preset}\n${minimal.replace('method: scrkd', `method: scrkd${more}`)}` });
    return { experiment, options: named(experiment, 'student').distill?.options };
  };

  test('paper takes every formula of the paper', async () => {
    const { experiment, options: paper } = await options('paper');
    expect(paper).toEqual({
      headWeights: 'paper',
      gateConvolution: 'paper',
      mvcdSize: 'default',
      msfdWeighting: 'paper',
      msfdPyramid: 'paper',
      msfdPairing: 'default',
      dsdDirection: 'paper',
      dsdTemperature: 'default',
      teacherMode: 'default',
    });
    expect(experiment.dataset.validation).toBeUndefined();
    expect(named(experiment, 'student').selection).toEqual({ on: 'last' });
  });

  test('official-code takes what the official scripts do, the choice on the test set included', async () => {
    const { experiment, options: official } = await options('official-code');
    expect(official).toMatchObject({ mvcdSize: 'official', msfdPairing: 'official', dsdTemperature: 'official', teacherMode: 'official', headWeights: 'default' });
    expect(named(experiment, 'student').training.augmentation).toBe('official');
    expect(named(experiment, 'student').selection).toEqual({ on: 'test', every: 1 });
  });

  test('official-code trains a plain PSPNet of 112 pixels at half the rate, and students of 56 with seed 0', async () => {
    const experiment = await resolved({
      'a.scrkd.yaml': `
experiment: rates
preset: official-code
dataset: { root: . }
stages:
  teacher: { model: pspnet, resolution: 224 }
  baseline: { model: pspnet, resolution: 112 }
  student: { model: pspnet, resolution: 56, distill: { from: baseline, method: scrkd } }
  told: { model: pspnet, resolution: 56, seed: 5, training: { optimizer: { learningRate: 0.01 } } }
`,
    });
    const recipes = experiment.stages.map(({ name, training }) => [name, training.optimizer.learningRate, training.seed]);
    expect(recipes).toEqual([
      ['teacher', 2e-5, 2025],
      ['baseline', 1e-5, 2025],
      ['student', 2e-5, 0],
      ['told', 0.01, 5],
    ]);
  });

  test('gives way to what is written', async () => {
    const { options: mixed } = await options('paper', ', options: { headWeights: default, teacherMode: official }');
    expect(mixed).toMatchObject({ headWeights: 'default', teacherMode: 'official', gateConvolution: 'paper' });
  });
});

describe('training', () => {
  test("a stage's own recipe wins field by field over the shared one", async () => {
    const experiment = await resolved({
      'a.scrkd.yaml': `
experiment: recipe
dataset: { root: ., validation: { fraction: 0.2 } }
stages:
  a: { model: { name: pspnet, width: 0.5 }, resolution: 64, seed: 9, training: { epochs: 3, seed: 8, optimizer: { weightDecay: 0 } } }
  b: { model: pspnet, resolution: 32 }
training: { epochs: 7, optimizer: { learningRate: 1.0e-3, beta1: 0.5 }, schedule: { step: { every: 2, factor: 0.5 } } }
captures: { samples: [one, two], budget: 1.5 MB }
threads: 2
`,
    });
    expect(named(experiment, 'a').training).toMatchObject({ epochs: 3, seed: 9, optimizer: { learningRate: 1e-3, weightDecay: 0, beta1: 0.5 } });
    expect(named(experiment, 'a').model.options).toEqual({ backbone: 'resnet50', width: 0.5 });
    expect(named(experiment, 'b').training).toMatchObject({ epochs: 7, seed: 2025, schedule: { kind: 'step', every: 2, factor: 0.5 } });
    expect(experiment.captures).toMatchObject({ samples: { ids: ['one', 'two'] }, budget: 1_500_000 });
    expect(experiment.dataset.validation).toEqual({ fraction: 0.2, seed: 1 });
    expect(experiment.threads).toBe(2);
  });
});

describe('several files', () => {
  const base = `
experiment: base
dataset: { root: data }
stages:
  teacher: { model: pspnet, resolution: 448, init: { backbone: weights.safetensors } }
  student: { model: pspnet, resolution: 112, distill: { from: teacher, method: scrkd, weights: { dsd: 5, mvcd: 2 } } }
  baseline: { model: pspnet, resolution: 112 }
training: { optimizer: { learningRate: 1.0e-3 } }
`;

  test('extends joins fields deeply, an empty one removes, and paths belong to the file they are in', async () => {
    const experiment = await resolved({
      'more/top.scrkd.yaml': 'extends: ../shared/base.scrkd.yaml\nexperiment: top\nstages: { student: { distill: { weights: { dsd: 7 } } }, baseline: }\n',
      'shared/base.scrkd.yaml': base,
    });
    expect(experiment.name).toBe('top');
    expect(experiment.directory).toBe('more');
    expect(experiment.dataset.root).toBe('shared/data');
    expect(experiment.stages.map((stage) => stage.name)).toEqual(['teacher', 'student']);
    expect(named(experiment, 'student').distill?.weights).toEqual({ mvcd: 2, msfd: 1, dsd: 7 });
    expect(named(experiment, 'teacher').init).toEqual({ backbone: 'shared/weights.safetensors' });
  });

  test("use takes another config's stage as a network, with what its method leaves in it", async () => {
    const experiment = await resolved({
      'top.scrkd.yaml': `
experiment: top
dataset: { root: data }
stages:
  assistant: { use: shared/base.scrkd.yaml#student }
  student: { model: pspnet, resolution: 56, distill: { from: assistant, method: scrkd } }
training: { optimizer: { learningRate: 1.0e-3 } }
`,
      'shared/base.scrkd.yaml': base,
    });
    const assistant = named(experiment, 'assistant');
    expect(assistant.resolution).toEqual({ height: 112, width: 112 });
    expect(assistant.distill).toBeUndefined();
    expect(assistant.adapter?.method).toBe('scrkd');
    expect(assistant.given).toMatchObject({ kind: 'use', file: 'shared/base.scrkd.yaml', stage: 'student', experiment: { name: 'base' } });
  });

  test('a checkpoint of a distilled network says so, and names no teacher', async () => {
    const experiment = await resolved({
      'top.scrkd.yaml': `
experiment: top
dataset: { root: data }
stages:
  assistant: { model: pspnet, resolution: 224, checkpoint: a.safetensors, distill: { method: scrkd, options: { gateConvolution: paper } } }
  student: { model: pspnet, resolution: 56, distill: { from: assistant, method: scrkd } }
`,
    });
    const assistant = named(experiment, 'assistant');
    expect(assistant.given).toEqual({ kind: 'checkpoint', file: 'a.safetensors' });
    expect(assistant.adapter?.options).toMatchObject({ gateConvolution: 'paper' });
    expect(assistant.distill).toBeUndefined();
  });
});

test('a provider that fails becomes a finding', async () => {
  const fail = () => Promise.reject(new Error('the network folder is gone'));
  const { diagnostics } = await resolveExperiment({ text: minimal, path: 'a.scrkd.yaml' }, { exists: fail, devices: fail });
  expect(diagnostics.find((diagnostic) => diagnostic.code === 'dataset-problem')?.message).toContain('the network folder is gone');
});

test('a folder linked into itself does not lead on for ever', async () => {
  let reads = 0;
  const readText = () => {
    reads += 1;
    return Promise.resolve('extends: again/a.scrkd.yaml\n');
  };
  const { experiment, diagnostics } = await resolveExperiment({ text: 'extends: again/a.scrkd.yaml\n', path: 'a.scrkd.yaml' }, { readText });
  expect(experiment).toBeUndefined();
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain('file-unreadable');
  expect(reads).toBeLessThanOrEqual(64);
});
