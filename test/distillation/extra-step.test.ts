import { readFileSync } from 'node:fs';
import { grads, reshape, type Scalar, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import '../../src/engine/gradients.ts';
import { methods } from '../../src/config/catalog/methods.ts';
import { createOnnxRuntimeEngine } from '../../src/engine/onnxruntime.ts';
import type { Engine, HostTensor, TensorRecord } from '../../src/engine/engine.ts';
import type { DistillationInputs, ExtraStepInputs, NetworkShape } from '../../src/distillation/method.ts';
import { famkd } from '../../src/distillation/famkd.ts';
import { skd } from '../../src/distillation/skd.ts';
import type { SkdOptions } from '../../src/config/catalog/skd.ts';
import { CarriedTensors } from '../../src/nn/carried.ts';
import { trainingLayers } from '../../src/nn/layers.ts';
import type { ParameterSpec } from '../../src/nn/parameters.ts';
import { imageTensor, noiseTensor, weightTensors } from '../../scripts/parity/generator.ts';

interface Step {
  readonly total: number;
  readonly gradNorm: Readonly<Record<string, number>>;
}

/** See the script beside the file: float64 PyTorch written from the specification, not official. */
const reference = JSON.parse(readFileSync(new URL('../fixtures/parity/discriminator-and-frequency.json', import.meta.url), 'utf8')) as {
  readonly discriminatorStep: { readonly batch: number; readonly side: number; readonly discriminator: number; readonly gradientPenalty: number; readonly default: Step; readonly official: Step };
  readonly famkd: { readonly batch: number; readonly channels: number; readonly grids: number[]; readonly teacherGrids: number[]; readonly frequency: number; readonly gradNorm: Readonly<Record<string, number>> };
};
const generator = { salt: '' };
let engine: Engine;

beforeAll(async () => {
  engine = await createOnnxRuntimeEngine();
});

function shapeOf(side: number, grids: readonly number[], channels: number, heads: number): NetworkShape {
  return {
    height: side,
    width: side,
    features: grids.map((grid, index) => ({ name: `out${index + 1}`, stride: side / grid, channels })),
    grids: grids.map((grid) => [grid, grid]),
    heads: Array.from({ length: heads }, (_, stage) => ({ name: `head${stage + 1}`, stage, lossWeight: 1 })),
    isAdapted: false,
  };
}

/** Values and the gradients of the learned inputs, run as one graph. */
async function differentiated(inputs: Readonly<Record<string, HostTensor>>, learned: readonly string[], loss: (tensors: TensorRecord) => { total: Scalar; terms: Readonly<Record<string, Scalar>> }): Promise<{ values: Record<string, number>; norms: Record<string, number> }> {
  const step = (tensors: TensorRecord): TensorRecord => {
    const gradients = grads((...values: Tensor[]) => loss({ ...tensors, ...Object.fromEntries(learned.map((name, index) => [name, values[index]!])) }).total)(learned.map((name) => tensors[name]!));
    const { total, terms } = loss(tensors);
    return { total, ...terms, ...Object.fromEntries(learned.map((name, index) => [`gradient/${name}`, gradients[index]!])) };
  };
  const program = await engine.compile(step, Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, { kind: 'feed' as const, shape }])));
  try {
    const outputs = await program.run(inputs);
    const norm = ({ data }: HostTensor): number => Math.sqrt([...data].reduce((total, value) => total + value ** 2, 0));
    return {
      values: Object.fromEntries(Object.entries(outputs).filter(([name]) => !name.startsWith('gradient/')).map(([name, { data }]) => [name, Number(data[0])])),
      norms: Object.fromEntries(learned.map((name) => [name, norm(outputs[`gradient/${name}`]!)])),
    };
  } finally {
    await program.dispose();
  }
}

/** @param floor below which a gradient is as good as zero. */
function expectRelative(found: number, expected: number, tolerance: number, what: string, floor = 1e-6): void {
  expect(Math.abs(found - expected) / Math.max(Math.abs(expected), floor), `${what}: ${found} for ${expected}`).toBeLessThan(tolerance);
}

const learnedOf = (specs: readonly ParameterSpec[]): string[] => specs.filter(({ kind }) => kind === 'trainable').map(({ name }) => name);

describe.each(['default', 'official'] as const)('the discriminator step, %s', (form) => {
  test('losses, penalty and gradients of every weight', async () => {
    const { batch, side, ...expected } = reference.discriminatorStep;
    const options: SkdOptions = { ...(methods.skd.presets.default as SkdOptions), discriminator: form };
    const [extra] = skd(options).extraSteps!;
    const map = (key: string, shift: number): HostTensor => imageTensor(generator, key, [batch, side, side, 1], (value) => 2 * value + shift);
    const shape = shapeOf(side, [side], 8, 1);
    const inputs = {
      ...weightTensors(generator, extra!.parameters),
      fake: map('fake', 0),
      real: map('real', 0.5),
      interpolation: noiseTensor(generator, 'interpolation', [batch, 1, 1, 1]),
      adversarial: { shape: [], dtype: 'float32' as const, data: Float32Array.of(0.001) },
    };
    const { values, norms } = await differentiated(inputs, learnedOf(extra!.parameters), (tensors) => {
      const seen: ExtraStepInputs = {
        layers: trainingLayers(tensors, new CarriedTensors()),
        student: { logits: [tensors['fake'] as Tensor4D], inputGrid: [side, side] },
        teacher: { features: [], logits: [tensors['real'] as Tensor4D], inputGrid: [side, side] },
        studentShape: shape,
        teacherShape: shape,
        noise: { interpolation: tensors['interpolation']! },
        weightOf: () => tensors['adversarial'] as Scalar,
      };
      return extra!.loss(seen);
    });
    expectRelative(values['discriminator']!, expected.discriminator, 1e-4, 'discriminator');
    expectRelative(values['gradientPenalty']!, expected.gradientPenalty, 1e-4, 'gradient penalty');
    expectRelative(values['total']!, expected[form].total, 1e-4, 'total');
    expect(Object.keys(norms).sort()).toEqual(Object.keys(expected[form].gradNorm).sort());
    const largest = Math.max(...Object.values(expected[form].gradNorm));
    for (const [name, norm] of Object.entries(expected[form].gradNorm)) expectRelative(norms[name]!, norm, 2e-3, name, 1e-3 * largest);
  });
});

test('FAMKD in its practical form', async () => {
  const { batch, channels, grids, teacherGrids, frequency, gradNorm } = reference.famkd;
  const studentShape = shapeOf(40, grids, channels, 1);
  const teacherShape = shapeOf(80, teacherGrids, channels, 1);
  const method = famkd(methods.famkd.presets.default);
  const specs = method.parameters(studentShape, teacherShape);
  const maps = (name: string, sides: readonly number[]): [string, HostTensor][] => sides.map((side, index) => [`${name}${index + 1}`, imageTensor(generator, `${name}${index + 1}`, [batch, side, side, channels])]);
  const inputs = { ...weightTensors(generator, specs), ...Object.fromEntries([...maps('feature', grids), ...maps('target', teacherGrids)]) };
  const features = grids.map((_, index) => `feature${index + 1}`);
  const { values, norms } = await differentiated(inputs, [...learnedOf(specs), ...features], (tensors) => {
    const list = (name: string): Tensor4D[] => grids.map((_, index) => tensors[`${name}${index + 1}`] as Tensor4D);
    const seen = { layers: trainingLayers(tensors, new CarriedTensors()), student: { features: list('feature') }, teacher: { features: list('target') }, studentShape, teacherShape };
    const { frequency: total } = method.loss(seen as unknown as DistillationInputs);
    return { total: reshape(total!, []), terms: {} };
  });
  expectRelative(values['total']!, frequency, 1e-5, 'loss');
  expect(Object.keys(norms).sort()).toEqual(Object.keys(gradNorm).sort());
  for (const [name, norm] of Object.entries(gradNorm)) expectRelative(norms[name]!, norm, 1e-3, name, 1e-3);
});
