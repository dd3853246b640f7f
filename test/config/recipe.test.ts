import { expect, test } from 'vitest';
import { stageRecipe } from '../../src/config/recipe.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';

const base = `experiment: recipe
dataset: { root: data }
stages:
  teacher: { model: pspnet, resolution: 224 }
  student: { model: pspnet, resolution: 112, distill: { from: teacher, method: scrkd } }
`;

async function recipe(text: string, name = 'student'): Promise<string> {
  const { experiment } = await resolveExperiment({ text, path: 'a.scrkd.yaml' });
  const stage = experiment?.stages.find((each) => each.name === name);
  if (stage === undefined) throw new Error(`no stage ${name}`);
  return JSON.stringify(stageRecipe(stage));
}

test.each([
  ['names', base.replaceAll('teacher', 'guide').replace('experiment: recipe', 'experiment: other')],
  ['the order of fields', base.replace('model: pspnet, resolution: 112', 'resolution: 112, model: pspnet')],
  ['a default that is written out', base + 'training: { epochs: 100, schedule: constant }\n'],
  ['captures, checkpoints, engine, threads', base + 'captures: { samples: 9 }\ncheckpoints: { every: 3 }\nengine: onnxruntime\nthreads: 4\n'],
  ['how many unreadable images are too many', base + 'training: { stopAfterUnreadable: 0.5 }\n'],
])('is blind to %s', async (_, text) => {
  expect(await recipe(text)).toBe(await recipe(base));
});

test.each([
  ['the model', base.replace('model: pspnet, resolution: 112', 'model: { name: pspnet, backbone: resnet18 }, resolution: 112')],
  ['the resolution', base.replace('112', '56')],
  ['a weight', base.replace('method: scrkd', 'method: scrkd, weights: { dsd: 9 }')],
  ['the temperature', base.replace('method: scrkd', 'method: scrkd, temperature: 2')],
  ['an option', base.replace('method: scrkd', 'method: scrkd, options: { msfdPyramid: paper }')],
  ['the seed', base + 'training: { seed: 1 }\n'],
  ['the learning rate', base + 'training: { optimizer: { learningRate: 0.1 } }\n'],
  ['augmentation', base + 'training: { augmentation: none }\n'],
  ['how the checkpoint is chosen', base + 'checkpoints: { select: official }\n'],
  ['pre-trained weights', base.replace('resolution: 112', 'resolution: 112, init: { backbone: w.safetensors }')],
])('sees %s', async (_, text) => {
  expect(await recipe(text)).not.toBe(await recipe(base));
});

test("a student's weight leaves its teacher as it was", async () => {
  const other = base.replace('method: scrkd', 'method: scrkd, weights: { dsd: 9 }');
  expect(await recipe(other, 'teacher')).toBe(await recipe(base, 'teacher'));
});
