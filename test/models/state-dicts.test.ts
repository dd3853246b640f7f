/** Every state dict of the official code: its names, shapes and order are ours, its parameters as many as specified, and a file of it loads and is exported. */
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { methods } from '../../src/config/catalog/methods.ts';
import { models } from '../../src/config/catalog/models.ts';
import { createNetwork, type NetworkDefinition } from '../../src/distillation/network.ts';
import { withTensorFile } from '../../src/formats/open-tensor-file.ts';
import { writePytorchFile } from '../../src/formats/pytorch/pytorch-writer.ts';
import type { TensorSource } from '../../src/formats/safetensors-writer.ts';
import { fits, isBatchCount, matchParameters } from '../../src/models/state-dict.ts';
import { elementCount, type ParameterSpec } from '../../src/nn/parameters.ts';
import { engineFor } from '../../src/training/engine.ts';
import { exportOnnx } from '../../src/training/export-onnx.ts';
import { likenessOf } from '../../src/training/known-networks.ts';
import { loadNetwork } from '../../src/training/network-weights.ts';
import { Predictor } from '../../src/training/predictor.ts';
import { reportOn } from '../../src/training/weights-report.ts';
import { imageTensor, weightTensors } from '../../scripts/parity/generator.ts';
import { scratchFolder } from '../training/support.ts';
import { testsAll } from '../vscode.ts';
import { officialParameters, officialStateDict } from './official-state-dicts.ts';

interface Case {
  readonly listing: string;
  readonly network: NetworkDefinition;
  /** Of the specification: parameters while training, and of the network that is deployed. */
  readonly counts: { readonly training: number; readonly deployed: number };
}

const of = (model: NetworkDefinition['model'], side: number, adapter?: NetworkDefinition['adapter']): NetworkDefinition => ({ model, options: models[model].defaults, height: side, width: side, ...(adapter && { adapter }) });
const scrkd = { method: 'scrkd', options: methods.scrkd.presets.default } as const;
const alike = (count: number): Case['counts'] => ({ training: count, deployed: count });

const cases: readonly Case[] = [
  { listing: 'pspnet-scrkd-student', network: of('pspnet', 64, scrkd), counts: { training: 57_327_342, deployed: 54_374_377 } },
  { listing: 'segformer', network: of('segformer', 64), counts: alike(13_677_761) },
  { listing: 'transxnet-112', network: of('transxnet', 112), counts: alike(27_747_761) },
  { listing: 'isaanet', network: of('isaanet', 64), counts: alike(3_611_967) },
  { listing: 'solnet', network: of('solnet', 64), counts: alike(11_830_955) },
];

const folder = scratchFolder();
const countOf = (specs: readonly ParameterSpec[]): number => specs.filter(({ kind }) => kind === 'trainable').reduce((sum, { shape }) => sum + elementCount(shape), 0);
/** Millions of numbers, which vitest's own comparison takes minutes for. */
const sameBytes = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));

describe.each(cases)('the state dict $listing', ({ listing, network, counts }) => {
  const { parameters } = createNetwork(network);
  const official = officialStateDict(listing);
  const shapes = new Map(official.map(({ name, shape }) => [name, { shape }]));

  test('has our names and shapes, in our order', () => {
    expect(parameters.map(({ name, shape }) => ({ name, shape }))).toEqual(officialParameters(listing));
    expect(fits(matchParameters(shapes, parameters))).toBe(true);
  });

  test('has the specified number of parameters', () => {
    expect({ training: countOf(parameters), deployed: countOf(parameters.filter(({ trainingOnly }) => trainingOnly !== true)) }).toEqual(counts);
  });

  test('is recognised by its tensors', () => {
    const likeness = likenessOf(shapes);
    expect(likeness).toMatchObject({ kind: 'network', network: { model: network.model, options: network.options } });
    expect(fits(likeness!.report)).toBe(true);
  });

  // Whole files of the official sizes, up to 230 MB.
  test.runIf(testsAll)('as a file loads whole, and is exported to the same map', async () => {
    const path = join(folder, `${listing}.pth`);
    const values = weightTensors({ salt: '' }, parameters);
    const sources = official.map(({ name, shape }): TensorSource =>
      isBatchCount(name) ? { name, dtype: 'I64', shape, data: BigInt64Array.of(7n) } : { name, dtype: 'F32', shape, data: values[name]!.data },
    );
    await writePytorchFile(path, sources);
    const { parts, others } = await withTensorFile(path, (file) => Promise.resolve(reportOn(file)));
    expect([parts.map((part) => part.fits), others]).toEqual([[true], []]);
    const loaded = await loadNetwork(path, network);
    expect(loaded.network).toMatchObject(network);
    for (const [name, weight] of Object.entries(loaded.weights)) expect(sameBytes(weight.data, values[name]!.data), name).toBe(true);

    const { height, width } = network;
    const image = imageTensor({ salt: '' }, 'input', [1, height, width, 3]);
    const { engine } = await engineFor({});
    await using predictor = await Predictor.create(engine, loaded.network, 1, 1);
    await predictor.load(loaded.weights);
    const expected = await predictor.predict(image.data as Float32Array);
    const session = await InferenceSession.create(exportOnnx(loaded));
    const planes = Float32Array.from(image.data, (_, i) => Number(image.data[(i % (height * width)) * 3 + Math.floor(i / (height * width))]));
    const { saliency } = await session.run({ image: new Tensor('float32', planes, [1, 3, height, width]) });
    await session.release();
    const deviation = expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (saliency!.data as Float32Array)[i]!)), 0);
    expect(deviation).toBeLessThan(1e-4);
    expect(new Set(expected).size).toBeGreaterThan(1); // a map, not a constant; SOLNet's is nearly black and white with such weights
  }, 600_000);
});
