import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DiagnosticCode } from '../../src/config/diagnostic.ts';
import { explain } from '../../src/config/explain.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';

/** What is said about an example on purpose; about any other nothing is. */
const expected: Record<string, readonly DiagnosticCode[]> = {
  'ablation.scrkd.yaml': Array<DiagnosticCode>(7).fill('zero-weight'),
  'ablation-448-224.scrkd.yaml': Array<DiagnosticCode>(7).fill('zero-weight'),
  'ablation-448-112.scrkd.yaml': Array<DiagnosticCode>(7).fill('zero-weight'),
  'methods-224-112-official-code.scrkd.yaml': [...Array<DiagnosticCode>(5).fill('official-bug'), 'test-set-selection', 'unequal-recipes'],
  'methods-224-112-segformer-official-code.scrkd.yaml': [...Array<DiagnosticCode>(7).fill('official-bug'), 'test-set-selection'],
  'methods-224-112-transxnet-official-code.scrkd.yaml': [...Array<DiagnosticCode>(7).fill('official-bug'), 'test-set-selection', ...Array<DiagnosticCode>(3).fill('unequal-recipes'), 'zero-weight'],
  'methods-448-112-official-code.scrkd.yaml': [...Array<DiagnosticCode>(5).fill('official-bug'), 'test-set-selection', 'unequal-recipes'],
  'methods-448-224-official-code.scrkd.yaml': [...Array<DiagnosticCode>(5).fill('official-bug'), 'test-set-selection'],
  'official-code.scrkd.yaml': ['official-bug', 'official-bug', 'test-set-selection', 'unequal-recipes'],
};

test.each([
  ['segformer', 'scrkd', { learningRate: 2e-5, seed: 2025, schedule: { kind: 'constant' }, weights: { mvcd: 0.1, msfd: 1, dsd: 100 }, temperature: 1 }],
  ['transxnet', 'scrkd', { learningRate: 1e-4, seed: 0, schedule: { kind: 'step', every: 70, factor: 0.1 }, weights: { mvcd: 0, msfd: 0.5, dsd: 20 }, temperature: 2 }],
  ['transxnet', 'kd', { learningRate: 1e-4, seed: 0, schedule: { kind: 'step', every: 50, factor: 0.1 }, weights: { kd: 0.1 }, temperature: 2 }],
  ['transxnet', 'none', { learningRate: 4e-5, seed: 0, schedule: { kind: 'constant' } }],
] as const)('the official recipe of %s: %s', async (model, name, expectedRecipe) => {
  const file = path.join('examples', `methods-224-112-${model}-official-code.scrkd.yaml`);
  const { experiment } = await resolveExperiment({ text: readFileSync(file, 'utf8'), path: file }, { readText: (other) => readFile(other, 'utf8') });
  const { training, distill } = experiment!.stages.find((stage) => stage.name === name)!;
  const { optimizer, seed, schedule } = training;
  expect({ learningRate: optimizer.learningRate, seed, schedule, ...(distill && { weights: distill.weights, temperature: distill.temperature }) }).toEqual(expectedRecipe);
});

describe('the example', () => {
  test.each(readdirSync('examples').filter((name) => name.endsWith('.scrkd.yaml')))('%s is valid', async (name) => {
    const file = path.join('examples', name);
    const { experiment, diagnostics, sources } = await resolveExperiment({ text: readFileSync(file, 'utf8'), path: file }, { readText: (other) => readFile(other, 'utf8') });
    expect(diagnostics.map((diagnostic) => diagnostic.code), explain(diagnostics, sources)).toEqual(expected[name] ?? []);
    expect(experiment?.stages.length).toBeGreaterThan(1);
    expect(experiment?.stages.some((stage) => stage.distill !== undefined)).toBe(true);
  });
});
