import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { savePng } from '../../src/data/png.ts';
import { decodeMask } from '../../src/data/decode.ts';
import { createNetwork, type NetworkDefinition } from '../../src/distillation/network.ts';
import { writeSafetensorsFile, type TensorSource } from '../../src/formats/safetensors-writer.ts';
import { initialise } from '../../src/nn/parameters.ts';
import { networkKey } from '../../src/training/network-weights.ts';
import { makeScenes, scratchFolder, scrkd } from '../training/support.ts';

interface Reported {
  readonly kind: string;
  readonly name: string;
  readonly missing: string[];
  readonly resized: string[];
  readonly protocols: Record<string, { images: number; metrics: Record<string, number>; curves: Record<string, number[]>; perImage: { id: string; mae: number }[]; degenerate: Record<string, string[]> }>;
}

const folder = scratchFolder();
const network: NetworkDefinition = { model: 'pspnet', options: { backbone: 'resnet18', width: 0.125 }, height: 32, width: 32 };

const reported = async (...args: string[]): Promise<Reported[]> => {
  const { code, stdout, stderr } = await scrkd(folder, 'evaluate', ...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Reported);
};

const testIds = (): string[] => readFileSync(join(folder, 'data/test.txt'), 'utf8').trim().split('\n');

beforeAll(async () => {
  await makeScenes(folder, 2, 5);
  const sources = Object.entries(initialise(createNetwork(network).parameters, 4)).map(([name, { shape, data }]): TensorSource => ({ name, dtype: 'F32', shape, data }));
  await writeSafetensorsFile(join(folder, 'network.safetensors'), sources, { [networkKey]: JSON.stringify(network) });
});

describe('scrkd evaluate', () => {
  test('of a network, and of the maps that it wrote: the same figures', async () => {
    const [weights] = await reported('network.safetensors', '--dataset', 'data', '--out', 'out', '--maps');
    expect(weights).toMatchObject({ kind: 'weights', name: 'network.safetensors', missing: [], resized: [] });
    const [first] = readdirSync(join(folder, 'out/maps'));
    const [raw] = await reported(join('out/maps', first!, 'raw'), '--dataset', 'data', '--protocol', 'pysod');
    const [paper] = await reported(join('out/maps', first!, 'scrkd448'), '--dataset', 'data', '--protocol', 'scrkd448', '--split', 'test');
    expect(raw!.protocols['pysod']).toEqual(weights!.protocols['pysod']);
    expect(paper!.protocols['scrkd448']).toEqual(weights!.protocols['scrkd448']);
  });

  test('writes tables and charts of several sources', async () => {
    for (const name of ['perfect', 'half & half']) mkdirSync(join(folder, name));
    for (const id of testIds()) {
      const mask = await decodeMask(join(folder, 'data/labels', `${id}.png`));
      await savePng(join(folder, 'perfect', `${id}.png`), mask);
      await savePng(join(folder, 'half & half', `${id}.png`), { ...mask, data: mask.data.map((value) => value >> 1) });
    }
    const { code, stdout } = await scrkd(folder, 'evaluate', 'perfect', 'half & half', '--dataset', 'data', '--out', 'charts');
    expect(code).toBe(exitCodes.ok);
    expect(stdout).toMatch(/perfect +5 .*0\.0/);
    const files = readdirSync(join(folder, 'charts')).sort();
    expect(files).toEqual(['curves.csv', 'evaluation.json', 'f-pysod.svg', 'f-scrkd448.svg', 'figures.csv', 'images.csv', 'pr-pysod.svg', 'pr-scrkd448.svg', 'report.md']);
    const read = (name: string): string => readFileSync(join(folder, 'charts', name), 'utf8');
    const { results } = JSON.parse(read('evaluation.json')) as { results: Reported[] };
    const rows = read('figures.csv').trim().split('\r\n').map((line) => line.split(','));
    expect(rows.map(([name, protocol]) => [name, protocol])).toEqual([['name', 'protocol'], ['perfect', 'scrkd448'], ['perfect', 'pysod'], ['half & half', 'scrkd448'], ['half & half', 'pysod']]);
    expect(Number(rows[2]![rows[0]!.indexOf('maxF')])).toBe(results[0]!.protocols['pysod']!.metrics['maxF']);
    expect(results[0]!.protocols['pysod']!.metrics['maxF']).toBeGreaterThan(0.99);
    const page = read('report.md');
    expect(page).toContain(`| perfect | 5 | **${results[0]!.protocols['scrkd448']!.metrics['mae']!.toFixed(4)}** |`);
    expect([...page.matchAll(/\]\(([^)]+)\)/g)].map(([, file]) => file).filter((file) => !files.includes(file!))).toEqual([]);
    expect(read('images.csv').trim().split('\r\n')).toHaveLength(1 + 2 * 2 * 5);
    expect(read('curves.csv').trim().split('\r\n')).toHaveLength(1 + 2 * (255 + 256));
    for (const name of ['pr-pysod.svg', 'f-scrkd448.svg']) {
      const svg = read(name);
      expect(svg.match(/<polyline/g)).toHaveLength(2);
      expect(svg).toContain('half &amp; half');
      expect(svg).not.toContain('NaN');
    }
    // The best threshold's dot lies where the curve of the JSON has its maximum.
    const { f, thresholds } = results[1]!.protocols['scrkd448']!.curves as { f: number[]; thresholds: number[] };
    const best = thresholds[f.indexOf(Math.max(...f))]!;
    expect(read('f-scrkd448.svg')).toContain(`<circle cx="${(62 + 420 * best).toFixed(1)}"`);
  });

  test('what is missing, damaged or of another size is named, never passed over in silence', async () => {
    const ids = testIds();
    rmSync(join(folder, 'half & half', `${ids[0]!}.png`));
    const refused = await scrkd(folder, 'evaluate', 'half & half', '--dataset', 'data');
    expect([refused.code, refused.stderr]).toEqual([exitCodes.invalidInput, expect.stringContaining(`1 of 5 masks have no saliency map, e.g. ${ids[0]!}`)]);
    writeFileSync(join(folder, 'half & half', `${ids[1]!}.png`), 'no image');
    const small = { width: 32, height: 32, channels: 1 as const, data: new Uint8Array(1024).fill(9) };
    await savePng(join(folder, 'half & half', `${ids[2]!}.png`), small);
    await savePng(join(folder, 'half & half', 'stray.png'), small);
    const { code, stdout, stderr } = await scrkd(folder, 'evaluate', 'half & half', '--dataset', 'data', '--skip-missing', '--json');
    expect(code).toBe(exitCodes.ok);
    expect(stderr).toContain('stray.png');
    expect(stderr).toContain(`${ids[1]!} is left out`);
    const result = JSON.parse(stdout) as Reported;
    expect([result.missing, result.resized, result.protocols['pysod']!.images]).toEqual([[ids[0]], [ids[2]], 3]);
    expect(result.protocols['pysod']!.degenerate['constant-map']).toEqual([ids[2]]);
  });

  test.each([
    ['a file of weights without a dataset', ['network.safetensors'], exitCodes.invalidInput, '--dataset'],
    ['a folder without masks', ['perfect'], exitCodes.invalidInput, '--masks'],
    ['a folder without maps', ['data', '--masks', 'data/labels'], exitCodes.invalidInput, 'no saliency map'],
    ['nothing of that name', ['nowhere'], exitCodes.invalidInput, 'nowhere'],
    ['an unknown protocol', ['perfect', '--dataset', 'data', '--protocol', 'sod'], exitCodes.usage, 'scrkd448, pysod'],
    ['an unknown split', ['perfect', '--dataset', 'data', '--split', 'tset'], exitCodes.usage, 'train, validation, test'],
    ['an empty split', ['perfect', '--dataset', 'data', '--split', 'validation'], exitCodes.invalidInput, 'validation'],
    ['maps without a place for them', ['perfect', '--dataset', 'data', '--maps'], exitCodes.usage, '--out'],
  ])('%s is refused', async (_what, args, code, part) => {
    const ended = await scrkd(folder, 'evaluate', ...args);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(part);
  });
});
