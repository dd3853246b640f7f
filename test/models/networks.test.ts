/** Every network: the sizes of its maps, its parameters as a SCRKD student, and what the graph of a training step is made of. */
import { describe as group, expect, test } from 'vitest';
import { methods } from '../../src/config/catalog/methods.ts';
import { modelNames, models, type ModelName } from '../../src/config/catalog/models.ts';
import { createNetwork, type NetworkDefinition } from '../../src/distillation/network.ts';
import { teacherMapGrids } from '../../src/distillation/maps.ts';
import { describe } from '../../src/engine/describe.ts';
import { evaluationOrder } from '../../src/engine/trace/graph.ts';
import { trace, type Trace } from '../../src/engine/trace/trace.ts';
import { elementCount } from '../../src/nn/parameters.ts';
import { definePrediction, defineTrainingStep } from '../../src/training/step.ts';

const scrkd = { method: 'scrkd', options: methods.scrkd.presets.default } as const;
const definition = (model: ModelName, side = 112): NetworkDefinition => ({ model, options: models[model].defaults, height: side, width: side });
const narrow = (model: ModelName, height: number, width = height): NetworkDefinition => ({ model, options: { ...models[model].defaults, width: 0.125 }, height, width });

group.each(['segformer', 'transxnet'] as const)('%s', (model) => {
  test('says the sizes of its maps, also of images that are not square or odd', () => {
    for (const [height, width] of [[64, 96], [57, 48]] as const) {
      const network = narrow(model, height, width);
      const { shape } = createNetwork(network);
      const prediction = definePrediction(network, 1);
      expect(describe(prediction.step, prediction.inputs()).outputs.saliency!.shape).toEqual([1, height, width, 1]);
      expect(shape.grids[0]).toEqual([Math.ceil(height / 2), Math.ceil(width / 2)]);
    }
  });

  test('is distilled by SCRKD with the official parameters', () => {
    const { parameters } = createNetwork({ ...definition(model), adapter: scrkd });
    const countOf = (specs: typeof parameters): number => specs.filter(({ kind }) => kind === 'trainable').reduce((sum, { shape }) => sum + elementCount(shape), 0);
    const deployed = parameters.filter(({ trainingOnly }) => trainingOnly === undefined);
    expect([countOf(parameters), countOf(deployed)]).toEqual({ segformer: [25_497_821, 23_135_449], transxnet: [39_567_821, 37_205_449] }[model]);
  });
});

/** Numbers of convolutions, of all transposes, and of those that change between channels last and channels first. */
function operationsIn({ outputs }: Trace): { readonly convolutions: number; readonly transposes: number; readonly ofLayout: number } {
  const nodes = evaluationOrder(outputs.map(({ value }) => value));
  const transposes = nodes.filter(({ operation }) => operation === 'Transpose');
  return {
    convolutions: nodes.filter(({ operation }) => operation === 'Conv').length,
    transposes: transposes.length,
    ofLayout: transposes.filter(({ attributes }) => ['[0,3,1,2]', '[0,2,3,1]'].includes(JSON.stringify(attributes['perm']))).length,
  };
}

/** SCRKD where the stages have equal channels, which it needs. */
const methodFor = (model: ModelName): 'scrkd' | 'kd' => (new Set(models[model].channels(models[model].defaults)).size > 1 ? 'kd' : 'scrkd');

/** What a graph has once, however small the network is. */
const few = 3;

group.each(modelNames)('the graph of %s', (model) => {
  test('has no transpose per convolution where it predicts', () => {
    const prediction = definePrediction(narrow(model, 64), 1);
    const { convolutions, transposes, ofLayout } = operationsIn(trace(prediction.step, prediction.inputs()));
    expect(convolutions).toBeGreaterThan(5);
    // attention takes two products with a transposed operand, which runtimes fuse
    expect(transposes).toBeLessThan(convolutions / 3 + few);
    expect(ofLayout).toBeLessThan(convolutions / 10 + few);
  });

  test('has no change of layout per convolution where it trains', () => {
    const name = methodFor(model);
    const optimizer = { weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const step = defineTrainingStep({ student: narrow(model, 32), teacher: narrow(model, 64), method: { name, options: methods[name].presets.default }, batchSize: 2, optimizer });
    const { convolutions, transposes, ofLayout } = operationsIn(trace(step.step, step.inputs()));
    expect(convolutions).toBeGreaterThan(15);
    expect(ofLayout).toBeLessThan(convolutions / 5);
    // the others bring batch and channels, or rows and columns, together for the products of filter gradients and attention
    expect(transposes).toBeLessThan(2 * convolutions + 10 * few);
  });

  test('its saliency map as a teacher has the size that the catalog says', () => {
    for (const side of [112, 57]) {
      const expected = models[model].teacherMapSide(side);
      expect(teacherMapGrids(createNetwork(definition(model, side)).shape)[0]).toEqual([expected, expected]);
    }
    if (methodFor(model) === 'scrkd') {
      expect(teacherMapGrids(createNetwork({ ...definition(model), adapter: scrkd }).shape)[0]).toEqual([112, 112]);
    }
  });
});
