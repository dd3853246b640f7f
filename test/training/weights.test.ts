import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { ScrkdError } from '../../src/base/errors.ts';
import { Random } from '../../src/base/random.ts';
import { methods } from '../../src/config/catalog/methods.ts';
import { modelNames, models, type ModelName } from '../../src/config/catalog/models.ts';
import { createNetwork, type NetworkDefinition } from '../../src/distillation/network.ts';
import { withTensorFile } from '../../src/formats/open-tensor-file.ts';
import { writePytorchFile } from '../../src/formats/pytorch/pytorch-writer.ts';
import { writeSafetensorsFile, type TensorSource } from '../../src/formats/safetensors-writer.ts';
import { createModel } from '../../src/models/registry.ts';
import { initialise } from '../../src/nn/parameters.ts';
import { convertWeights } from '../../src/training/convert-weights.ts';
import { engineFor } from '../../src/training/engine.ts';
import { exportOnnx } from '../../src/training/export-onnx.ts';
import { likenessOf } from '../../src/training/known-networks.ts';
import { loadNetwork, networkKey, readBackbone, readNetworkWeights } from '../../src/training/network-weights.ts';
import { Predictor, type Weights } from '../../src/training/predictor.ts';
import { reportOn } from '../../src/training/weights-report.ts';
import { mutate } from '../formats/support/mutate.ts';
import { scratchFolder } from './support.ts';

const folder = scratchFolder();
const plain: NetworkDefinition = { model: 'pspnet', options: { backbone: 'resnet18', width: 0.125 }, height: 64, width: 96 };
const distilled: NetworkDefinition = { ...plain, adapter: { method: 'scrkd', options: methods.scrkd.presets.default } };
const parametersOf = (network: NetworkDefinition) => createNetwork(network).parameters;
const weightsOf = (network: NetworkDefinition, seed: number): Weights => initialise(parametersOf(network), seed);
const sources = (weights: Weights, prefix = ''): TensorSource[] => Object.entries(weights).map(([name, { shape, data }]) => ({ name: prefix + name, dtype: 'F32', shape, data: data as Float32Array }));
const encoder = (model: ModelName) => createModel(model, models[model].defaults).encoder;
const path = (name: string): string => join(folder, name);
const [student, teacher, assistant] = [weightsOf(distilled, 1), weightsOf(plain, 2), weightsOf(distilled, 3)];
const recorded = (network: NetworkDefinition): Record<string, string> => ({ [networkKey]: JSON.stringify(network) });

beforeAll(async () => {
  await writePytorchFile(path('official.pth'), [...sources(student), ...sources(teacher, 'teacher.')]);
  await writePytorchFile(path('cascade.pth'), [...sources(student), ...sources(assistant, 'teacher.'), ...sources(teacher, 'teacher.teacher.')]);
  await writePytorchFile(path('comparison.pth'), [...sources(teacher, 'student.'), ...sources(weightsOf(plain, 9), 'teacher.')]);
  await writePytorchFile(path('parallel.pth'), sources(teacher, 'module.'));
  await writeSafetensorsFile(path('plain.safetensors'), sources(teacher), recorded(plain));
  await writeSafetensorsFile(path('student.safetensors'), sources(student), recorded(distilled));
});

const inspected = (name: string) => withTensorFile(path(name), (file) => Promise.resolve(reportOn(file)));
const read = (name: string, network: NetworkDefinition): Promise<Weights> => withTensorFile(path(name), (file) => readNetworkWeights(file, deployed(network)));
const deployed = (network: NetworkDefinition) => parametersOf(network).filter(({ trainingOnly }) => trainingOnly !== true);
const someTensor = 'fuse3.fuse.weight';

describe('what a file holds', () => {
  test.each([
    ['official.pth', { student: 'scrkd', teacher: undefined }],
    ['cascade.pth', { student: 'scrkd', teacher: 'scrkd', 'teacher.teacher': undefined }],
    ['comparison.pth', { student: undefined, teacher: undefined }],
    ['parallel.pth', { network: undefined }],
    ['student.safetensors', { network: 'scrkd' }],
  ])('%s', async (name, methodsByPart) => {
    const { parts } = await inspected(name);
    const found = parts.map(({ name: part, likeness, fits }) => [part, fits && likeness?.kind === 'network' ? [likeness.network.model, likeness.network.options, likeness.network.adapter?.method] : 'does not fit']);
    expect(found).toEqual(Object.entries(methodsByPart).map(([part, method]) => [part, ['pspnet', plain.options, method]]));
  });

  test.each(['resnet18', 'resnet50'] as const)("torchvision's %s, with its classifier", (backbone) => {
    const encoder = parametersOf({ ...plain, options: { backbone, width: 1 } }).filter(({ name }) => name.startsWith('bkbone.'));
    const tensors = new Map([...encoder.map(({ name, shape }) => [name.slice('bkbone.'.length), { shape }] as const), ['fc.weight', { shape: [1000, 2048] }] as const]);
    expect(likenessOf(tensors)).toMatchObject({ kind: 'backbone', network: { model: 'pspnet', options: { backbone } }, report: { missing: [], unexpected: [], misshapen: [] } });
  });

  test.each([
    ['segformer', 'head.weight'],
    ['transxnet', 'classifier.2.weight'],
    ['isaanet', 'conv_head.weight'],
    ['solnet', 'linear.weight'],
  ] as const)('the encoder of %s, with its classifier', (model, classifier) => {
    const { prefix, owns } = encoder(model);
    const owned = createModel(model, models[model].defaults).parameters(112, 112).filter(({ name }) => owns(name));
    const tensors = new Map([...owned.map(({ name, shape }) => [name.slice(prefix.length), { shape }] as const), [classifier, { shape: [1000, 512] }] as const]);
    expect(likenessOf(tensors)).toMatchObject({ kind: 'backbone', network: { model }, report: { missing: [], unexpected: [], misshapen: [] } });
  });

  test.each([1, 0.5, 0.3, 0.125, 1.7])('the width factor %s', (width) => {
    const shapes = new Map(parametersOf({ ...plain, options: { backbone: 'resnet18', width } }).map(({ name, shape }) => [name, { shape }]));
    const likeness = likenessOf(shapes);
    expect(likeness).toMatchObject({ kind: 'network', report: { missing: [], unexpected: [], misshapen: [] } });
  });

  test('the 3x3 gates of the paper', () => {
    const options = { ...methods.scrkd.presets.default, gateConvolution: 'paper' } as const;
    const shapes = new Map(parametersOf({ ...plain, adapter: { method: 'scrkd', options } }).map(({ name, shape }) => [name, { shape }]));
    expect(likenessOf(shapes)).toMatchObject({ network: { adapter: { options } }, report: { missing: [], unexpected: [], misshapen: [] } });
  });

  test('nothing known', () => expect(likenessOf(new Map([['x', { shape: [1] }]]))).toBeUndefined());
});

describe('a network out of a file', () => {
  test.each([
    ['official.pth', distilled, student],
    ['official.pth', plain, teacher],
    ['cascade.pth', plain, teacher],
    ['comparison.pth', plain, teacher],
    ['parallel.pth', plain, teacher],
    ['plain.safetensors', plain, teacher],
  ])('%s: of several networks the one that fits', async (name, network, expected) => {
    expect((await read(name, network))[someTensor]).toEqual(expected[someTensor]);
  });

  test('a distilled network is not taken for the plain one whose tensors it has', async () => {
    await expect(read('student.safetensors', plain)).rejects.toMatchObject({ reason: 'checkpoint-mismatch', message: expect.stringContaining('distilled by scrkd') as string });
  });

  test('missing and mis-shaped tensors are named', async () => {
    await expect(read('plain.safetensors', distilled)).rejects.toThrow(/\d+ of \d+ tensors are missing, e\.g\. decouple1/);
    await expect(read('plain.safetensors', { ...plain, options: { backbone: 'resnet18', width: 0.25 } })).rejects.toThrow(/have another shape, e\.g\. bkbone\.conv1\.weight: found \[8, 3, 7, 7\], expected \[16, 3, 7, 7\]/);
  });

  test('its size is what the file or the caller says', async () => {
    expect((await loadNetwork(path('student.safetensors'))).network).toEqual(distilled);
    expect((await loadNetwork(path('plain.safetensors'), { height: 32, width: 32 })).network).toMatchObject({ height: 32, width: 32 });
    await expect(loadNetwork(path('parallel.pth'))).rejects.toMatchObject({ reason: 'resolution-unknown' });
    expect((await loadNetwork(path('parallel.pth'), { height: 32, width: 32 })).network).toMatchObject({ model: 'pspnet', options: plain.options });
  });

  test.each([
    ['of an unknown model', { ...plain, model: 'constructor' }],
    ['with options of another model', { ...plain, options: { backbone: 'vit' } }],
    ['of an absurd size', { ...plain, height: 1e9 }],
    ['with a method that is none', { ...plain, adapter: { method: '__proto__', options: {} } }],
    ['that is no object', 7],
  ])('a description %s is refused', async (name, network) => {
    const file = path(`${name}.safetensors`);
    await writeSafetensorsFile(file, sources(teacher), { [networkKey]: JSON.stringify(network) });
    await expect(loadNetwork(file)).rejects.toMatchObject({ reason: 'checkpoint-mismatch' });
  });
});

describe('a backbone', () => {
  const encoderOf = (weights: Weights): TensorSource[] => sources(weights).filter(({ name }) => name.startsWith('bkbone.'));
  const asTorchvision = encoderOf(teacher).map((source) => ({ ...source, name: source.name.slice('bkbone.'.length) }));

  test("with torchvision's names, or out of a whole network", async () => {
    const classifier: TensorSource = { name: 'fc.bias', dtype: 'F32', shape: [2], data: new Float32Array(2) };
    await writePytorchFile(path('encoder.pth'), [...asTorchvision, classifier]);
    for (const name of ['encoder.pth', 'plain.safetensors']) {
      const { weights, missing } = await readBackbone(path(name), parametersOf(distilled), encoder('pspnet'));
      expect([missing, weights['bkbone.layer1.0.conv1.weight']]).toEqual([[], teacher['bkbone.layer1.0.conv1.weight']]);
    }
    expect((await readBackbone(path('encoder.pth'), parametersOf(plain), encoder('pspnet'))).unexpected).toEqual(['fc.bias']);
  });

  test.each([
    ['segformer', 'patch_embed1.proj.weight', 'patch_embed1.proj.weight'],
    ['transxnet', 'network.4.3.token_mixer.local_unit.weight', 'network.4.3.token_mixer.local_unit.weight'],
    ['isaanet', 'backbone.blocks.1.0.conv_dw.weight', 'blocks.1.0.conv_dw.weight'],
    ['solnet', 'backbone.stage1.0.rbr_dense.conv.weight', 'stage1.0.rbr_dense.conv.weight'],
  ] as const)('of %s under the names of its original', async (model, name, inFile) => {
    const network: NetworkDefinition = { model, options: { ...models[model].defaults, width: 0.125 }, height: 64, width: 64 };
    const { prefix, owns } = encoder(model);
    const weights = weightsOf(network, 4);
    const own = sources(weights).filter((source) => owns(source.name)).map((source) => ({ ...source, name: source.name.slice(prefix.length) }));
    expect(own.map((source) => source.name)).toContain(inFile);
    const head: TensorSource = { name: 'head.weight', dtype: 'F32', shape: [2], data: new Float32Array(2) };
    await writePytorchFile(path(`${model}.pth`), [...own, head]);
    const found = await readBackbone(path(`${model}.pth`), parametersOf(network), encoder(model));
    expect([found.missing, found.unexpected]).toEqual([[], ['head.weight']]);
    expect(found.weights[name]).toEqual(weights[name]);
    expect(Object.keys(found.weights)).toHaveLength(own.length);
    expect(own.length).toBeGreaterThan(100);
  });

  test('of another width, or none', async () => {
    await writePytorchFile(path('encoder-alone.pth'), asTorchvision);
    await expect(readBackbone(path('encoder-alone.pth'), parametersOf({ ...plain, options: { backbone: 'resnet18', width: 1 } }), encoder('pspnet'))).rejects.toThrow('another shape');
    await writePytorchFile(path('other.pth'), [{ name: 'x', dtype: 'F32', shape: [1], data: new Float32Array(1) }]);
    await expect(readBackbone(path('other.pth'), parametersOf(plain), encoder('pspnet'))).rejects.toMatchObject({ reason: 'checkpoint-mismatch' });
  });
});

describe('conversion', () => {
  const convert = (from: string, to: string, part?: 'student' | 'teacher') => withTensorFile(path(from), (file) => convertWeights(file, path(to), part));

  test('there and back: weights, network and size are the same', async () => {
    await convert('student.safetensors', 'there.pth');
    await convert('there.pth', 'back.safetensors');
    const { network, weights } = await loadNetwork(path('back.safetensors'));
    expect(network).toEqual(distilled);
    for (const { name } of deployed(distilled)) expect(weights[name]).toEqual(student[name]);
  });

  test('PyTorch gets the batch counts that its modules expect, once', async () => {
    await convert('plain.safetensors', 'counts.pth');
    const { parts } = await inspected('counts.pth');
    const counts = parts[0]!.tensors.filter(({ name }) => name.endsWith('.num_batches_tracked'));
    expect(counts.length).toBe(Object.keys(teacher).filter((name) => name.endsWith('.running_var')).length);
    expect(counts.every(({ dtype, shape }) => dtype === 'I64' && shape.length === 0)).toBe(true);
    expect(await convert('counts.pth', 'counts-again.pth')).toMatchObject({ tensors: parts[0]!.tensors.length });
  });

  test('one part without its prefix, or all with theirs', async () => {
    await convert('official.pth', 'teacher.pth', 'teacher');
    expect((await read('teacher.pth', plain))[someTensor]).toEqual(teacher[someTensor]);
    await convert('official.pth', 'all.safetensors');
    expect((await inspected('all.safetensors')).parts.map(({ name }) => name)).toEqual(['student', 'teacher']);
    await expect(convert('parallel.pth', 'none.pth', 'teacher')).rejects.toMatchObject({ reason: 'unknown-part' });
    await expect(convert('parallel.pth', 'model.h5')).rejects.toMatchObject({ reason: 'unknown-format' });
  });
});

test('headers that were tampered with are reported on or refused, whatever they say', async () => {
  const file = path('header.safetensors');
  const empty = parametersOf(distilled).map(({ name }): TensorSource => ({ name, dtype: 'F32', shape: [0], data: new Float32Array() }));
  await writeSafetensorsFile(file, empty, recorded(distilled));
  const bytes = readFileSync(file);
  const ends = { refused: 0, reported: 0 };
  for (let i = 0; i < 200; i++) {
    writeFileSync(file, mutate(bytes, 'header', i));
    await expect(loadNetwork(file)).rejects.toBeInstanceOf(ScrkdError); // no tensor has its shape
    const report = withTensorFile(file, (open) => Promise.resolve(reportOn(open)));
    await report.then(
      () => ends.reported++,
      (error: unknown) => {
        expect(error).toBeInstanceOf(ScrkdError);
        ends.refused++;
      },
    );
  }
  expect(ends.refused).toBeGreaterThan(0);
  expect(ends.reported).toBeGreaterThan(0);
});

describe('ONNX', () => {
  const others = modelNames.filter((model) => model !== 'pspnet').map((model) => {
    const network: NetworkDefinition = { model, options: { ...models[model].defaults, width: 0.125 }, height: 64, width: 96 };
    return [model, network, weightsOf(network, 6)] as const;
  });
  test.each([['plain', plain, teacher], ['distilled', distilled, student], ...others] as const)('the exported %s network computes what the engine computes, and says how', async (_, network, weights) => {
    const { height, width } = network;
    const random = new Random('image');
    const image = Float32Array.from({ length: 3 * height * width }, () => random.normal());
    const model = exportOnnx({ network, weights }, { origin: 'a test' });
    const session = await InferenceSession.create(model);
    const { saliency } = await session.run({ image: new Tensor('float32', image, [1, 3, height, width]) });
    expect(saliency!.dims).toEqual([1, 1, height, width]);
    const { engine } = await engineFor({});
    await using predictor = await Predictor.create(engine, network, 1);
    await predictor.load(weights);
    const interleaved = Float32Array.from(image, (_value, i) => image[(i % 3) * height * width + Math.floor(i / 3)]!);
    const expected = await predictor.predict(interleaved);
    const deviation = Math.max(...expected.map((value, i) => Math.abs(value - (saliency!.data as Float32Array)[i]!)));
    expect(deviation).toBeLessThan(1e-5);
    expect(new Set(expected).size).toBeGreaterThan(100); // a map, not a constant
    await session.release();
    for (const text of ['image.mean', '0.3412, 0.3798, 0.3583', 'image.resize', '64 x 96 (height x width)', 'a test']) expect(Buffer.from(model).includes(text)).toBe(true);
  });
});
