import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { NetworkDefinition } from '../../src/distillation/network.ts';
import { createNetwork } from '../../src/distillation/network.ts';
import { writePytorchFile } from '../../src/formats/pytorch/pytorch-writer.ts';
import { writeSafetensorsFile, type TensorSource } from '../../src/formats/safetensors-writer.ts';
import { initialise } from '../../src/nn/parameters.ts';
import { networkKey } from '../../src/training/network-weights.ts';
import { archive, bytesOf, dictPickle, global, text, tuple } from '../formats/support/pickles.ts';
import { writeIn } from '../formats/support/scratch.ts';
import { makeScenes, scratchFolder, scrkd } from '../training/support.ts';

const folder = scratchFolder();
const network: NetworkDefinition = { model: 'pspnet', options: { backbone: 'resnet18', width: 0.125 }, height: 32, width: 32 };
const sources = Object.entries(initialise(createNetwork(network).parameters, 4)).map(([name, { shape, data }]): TensorSource => ({ name, dtype: 'F32', shape, data }));

beforeAll(async () => {
  await makeScenes(folder, 1, 1);
  await writeSafetensorsFile(join(folder, 'known.safetensors'), sources, { [networkKey]: JSON.stringify(network) });
  await writePytorchFile(join(folder, 'foreign.pth'), sources);
});

describe('scrkd weights', () => {
  test('inspect says what a file is, to people and programs', async () => {
    const said = await scrkd(folder, 'weights', 'inspect', 'foreign.pth');
    expect([said.code, said.stdout]).toEqual([0, expect.stringContaining('is pspnet { backbone: resnet18, width: 0.125 }')]);
    const { stdout } = await scrkd(folder, 'weights', 'inspect', 'foreign.pth', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ format: 'pytorch-zip', parts: [{ name: 'network', fits: true, likeness: { report: { missing: [], unexpected: [], misshapen: [] } } }] });
  });

  test('convert keeps the network and its size; the same maps come of either file', async () => {
    expect((await scrkd(folder, 'weights', 'convert', 'known.safetensors', 'converted.pth')).code).toBe(0);
    for (const name of ['known.safetensors', 'converted.pth']) expect((await scrkd(folder, 'predict', name, 'data/images', '--out', `maps of ${name}`)).code).toBe(0);
    expect(mapsIn('maps of converted.pth')).toEqual(mapsIn('maps of known.safetensors'));
    expect(mapsIn('maps of converted.pth').length).toBe(2);
  });

  test('weights that do not say their size need it', async () => {
    const without = await scrkd(folder, 'predict', 'foreign.pth', 'data/images', '--out', 'foreign');
    expect([without.code, without.stderr]).toEqual([3, expect.stringContaining('--resolution')]);
    expect((await scrkd(folder, 'predict', 'foreign.pth', 'data/images', '--out', 'foreign', '--resolution', '32')).code).toBe(0);
    expect(mapsIn('foreign')).toEqual(mapsIn('maps of known.safetensors'));
    expect((await scrkd(folder, 'predict', 'foreign.pth', 'data/images', '--out', 'foreign', '--resolution', 'big')).code).toBe(2);
  });

  test('a file that would run a program is refused by the name of what it asks for, and nothing runs', async () => {
    const call = [...global('os', 'system'), ...tuple(text('touch pwned')), ...bytesOf('R')];
    writeIn(folder, 'evil.pth', await archive(dictPickle({ x: call })));
    for (const command of [['weights', 'inspect', 'evil.pth'], ['weights', 'convert', 'evil.pth', 'out.pth'], ['predict', 'evil.pth', 'data/images', '--out', 'x'], ['export', 'evil.pth', '--out', 'x.onnx']]) {
      const { code, stderr } = await scrkd(folder, ...command);
      expect([code, stderr]).toEqual([3, expect.stringContaining('os.system')]);
    }
    expect(['pwned', 'out.pth', 'x.onnx'].some((name) => existsSync(join(folder, name)))).toBe(false);
  });
});

test('scrkd export writes a model of the network', async () => {
  const { code, stdout } = await scrkd(folder, 'export', 'known.safetensors', '--out', 'model.onnx', '--json');
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ file: 'model.onnx', network })]);
  expect(readFileSync(join(folder, 'model.onnx')).includes('image.resize')).toBe(true);
});

function mapsIn(name: string): string[] {
  return readdirSync(join(folder, name)).sort().map((file) => readFileSync(join(folder, name, file)).toString('base64'));
}
