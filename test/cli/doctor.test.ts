import { expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { scratchFolder, scrkd } from '../training/support.ts';
import { testsAll } from '../vscode.ts';

const folder = scratchFolder();

test('scrkd doctor computes with what training needs', async () => {
  const { code, stdout } = await scrkd(folder, 'doctor', '--json');
  expect(code).toBe(exitCodes.ok);
  expect((JSON.parse(stdout) as { name: string; ok: boolean }[]).map(({ name, ok }) => [name, ok])).toEqual(['scrkd', 'node', 'machine', 'cache', 'onnxruntime', 'engine', 'sharp'].map((name) => [name, true]));
});

test.runIf(testsAll)('scrkd doctor --compare: each engine has numbers, or the reason why not', async () => {
  const { code, stdout } = await scrkd(folder, 'doctor', '--compare', '--json');
  expect(code).toBe(exitCodes.ok);
  const { engines } = JSON.parse(stdout) as { engines: { engine: string; steps?: Record<string, number>[]; absent?: string }[] };
  const [cpu, tensorflow] = engines;
  expect(cpu!.steps).toHaveLength(4);
  expect(Object.keys(cpu!.steps![0]!).sort()).toEqual(['dsd', 'msfd', 'mvcd', 'sod']);
  expect(cpu!.steps![3]!['sod']).toBeLessThan(cpu!.steps![0]!['sod']!);
  expect(tensorflow).toEqual({ engine: 'tensorflow, cpu', absent: 'not installed: scrkd engine install' }); // the test's cache is empty
});
