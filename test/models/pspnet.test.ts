import { describe, expect, test } from 'vitest';
import { scaledChannels } from '../../src/config/catalog/model.ts';
import type { PspnetOptions } from '../../src/config/catalog/pspnet.ts';
import { createNetwork } from '../../src/distillation/network.ts';
import { featureGrid } from '../../src/models/model.ts';
import { createModel } from '../../src/models/registry.ts';
import { elementCount, type ParameterSpec } from '../../src/nn/parameters.ts';
import { defaultOptions } from '../../scripts/parity/networks.ts';

const full: PspnetOptions = { backbone: 'resnet50', width: 1 };
const pspnet = (options = full) => createModel('pspnet', options);
const trainableCount = (specs: readonly ParameterSpec[], prefix = ''): number =>
  specs.filter(({ kind, name }) => kind === 'trainable' && name.startsWith(prefix)).reduce((sum, { shape }) => sum + elementCount(shape), 0);

describe('parameter counts of the official PSPNet', () => {
  const specs = pspnet().parameters(112, 112);
  test.each([
    ['', 42_552_267],
    ['bkbone.', 23_508_032],
    ['ppm.', 5_247_494],
    ['fuse5.', 5_309_184],
    ['fuse4.', 2_949_888],
    ['fuse3.', 1_770_240],
    ['fuse2.', 1_180_416],
    ['fuse1.', 738_048],
    ['SOD_head1.', 369_793],
    ['SOD_head5.', 369_793],
  ])('%s', (prefix, count) => {
    expect(trainableCount(specs, prefix)).toBe(count);
  });
});

describe('the SCRKD student', () => {
  const { parameters } = createNetwork({ model: 'pspnet', options: full, height: 112, width: 112, adapter: { method: 'scrkd', options: defaultOptions } });

  test.each([['decouple3.', 1_771_779], ['adaptive1.', 590_593], ['att_conv2.', 2_307], ['fusion_conv5.', 590_336]])('%s', (prefix, count) => {
    expect(trainableCount(parameters, prefix)).toBe(count);
  });

  test('biases in front of a batch norm are marked, those of the gates and of the last head layer are not', () => {
    const marked = new Set(parameters.filter((spec) => spec.cancelledByNorm).map(({ name }) => name));
    expect(marked.has('fuse1.fuse.bias')).toBe(true);
    expect(marked.has('adaptive1.0.bias')).toBe(true);
    expect(marked.has('att_conv1.0.bias')).toBe(false);
    expect(marked.has('SOD_head1.process.4.bias')).toBe(false);
    expect(marked.has('fuse1.bn1.bias')).toBe(false);
  });
});

describe('variants', () => {
  test('ResNet-18 has torchvision\'s 11 176 512 parameters and names', () => {
    const specs = pspnet({ backbone: 'resnet18', width: 1 }).parameters(64, 64).filter(({ name }) => name.startsWith('bkbone.'));
    expect(trainableCount(specs)).toBe(11_176_512);
    const names = specs.map(({ name }) => name.slice('bkbone.'.length));
    expect(names).toContain('layer2.0.downsample.0.weight');
    expect(names).not.toContain('layer1.0.downsample.0.weight');
    expect(names).not.toContain('layer1.0.conv3.weight');
  });

  test('width scales every channel count to multiples of 8', () => {
    expect([scaledChannels(256, 0.5), scaledChannels(64, 0.01), scaledChannels(64, 0.3), scaledChannels(256, 2)]).toEqual([128, 8, 16, 512]);
    const narrow = pspnet({ backbone: 'resnet50', width: 0.25 });
    expect(narrow.features.map(({ channels }) => channels)).toEqual([64, 64, 64, 64, 64]);
    const shapeOf = (name: string) => narrow.parameters(64, 64).find((spec) => spec.name === name)!.shape;
    expect(shapeOf('bkbone.layer4.2.conv3.weight')).toEqual([512, 128, 1, 1]);
    expect(shapeOf('fuse5.fuse.weight')).toEqual([64, 576, 3, 3]);
    expect(shapeOf('SOD_head1.process.2.weight')).toEqual([16, 32, 3, 3]);
  });

  test('feature grids are those of the paper, and round up', () => {
    const grids = (height: number, width: number) => pspnet().features.map((feature) => featureGrid(feature, height, width));
    expect(grids(56, 56).map(([side]) => side)).toEqual([28, 14, 7, 4, 2]);
    expect(grids(448, 448).map(([side]) => side)).toEqual([224, 112, 56, 28, 14]);
    expect(grids(33, 100)).toEqual([[17, 50], [9, 25], [5, 13], [3, 7], [2, 4]]);
  });

  test('sizes below 32 or broken are refused', () => {
    const model = pspnet();
    expect([model.validSize(32, 32), model.validSize(97, 64), model.validSize(31, 64), model.validSize(64.5, 64)]).toEqual([true, true, false, false]);
  });
});
