import { describe, expect, it } from 'vitest';
import { configColumns, readRunConfig } from '../../src/extension/dashboard/run-config.ts';
import { readManifest } from '../../src/runs/read-run.ts';
import { makeRealisticRun, type RealisticRun } from '../runs/support/realistic-run.ts';
import { temporaryFolder } from '../runs/support/temporary-folder.ts';

const weights = { mvcd: 1, msfd: 1, dsd: 10 };

function configs(...plans: RealisticRun[]): ReturnType<typeof readRunConfig>[] {
  const folder = temporaryFolder();
  return plans.map((plan) => readRunConfig(readManifest(makeRealisticRun(folder, { epochs: 1, stepsPerEpoch: 1, ...plan }))));
}

const differing = (...plans: RealisticRun[]): string[] =>
  configColumns(configs(...plans).map(({ values }) => values))
    .filter(({ differs }) => differs)
    .map(({ key }) => key);

describe('what tells runs apart', () => {
  it('is exactly the keys in which their configurations disagree', () => {
    expect(differing({ weights }, { weights })).toEqual([]);
    expect(differing({ weights }, { weights: { ...weights, dsd: 5 } })).toEqual(['distill.weights.dsd']);
    expect(differing({ weights }, { weights, learningRate: 1e-4, resolution: 224 })).toEqual(['resolution', 'training.optimizer.learningRate']);
  });

  it('names the method, not all that follows from having none', () => {
    expect(differing({ weights }, {})).toEqual(['distill.method', 'distill.weights.mvcd', 'distill.weights.msfd', 'distill.weights.dsd', 'distill.from']);
  });

  it('shows method, weights and teacher even where they agree', () => {
    const columns = configColumns(configs({ weights }).map(({ values }) => values));
    expect(columns.map(({ label }) => label)).toEqual(['method', 'α', 'β', 'γ', 'from']);
    expect(configs({ weights })[0]).toMatchObject({ distilled: true, values: { 'distill.from': 'teacher 448', model: 'pspnet', 'model.options.backbone': 'resnet50' } });
  });

  it('reads a manifest of another making without failing', () => {
    const manifest = readManifest(makeRealisticRun(temporaryFolder(), { epochs: 1, stepsPerEpoch: 1 }));
    for (const config of [{}, { experiment: 7 }, { experiment: { stages: [null, 'x', { name: manifest.stage, distill: 3 }] } }]) {
      expect(() => readRunConfig({ ...manifest, config })).not.toThrow();
    }
  });
});
