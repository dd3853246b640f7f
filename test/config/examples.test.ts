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
  'official-code.scrkd.yaml': ['official-bug', 'official-bug', 'test-set-selection', 'unequal-recipes'],
};

describe('the example', () => {
  test.each(readdirSync('examples').filter((name) => name.endsWith('.scrkd.yaml')))('%s is valid', async (name) => {
    const file = path.join('examples', name);
    const { experiment, diagnostics, sources } = await resolveExperiment({ text: readFileSync(file, 'utf8'), path: file }, { readText: (other) => readFile(other, 'utf8') });
    expect(diagnostics.map((diagnostic) => diagnostic.code), explain(diagnostics, sources)).toEqual(expected[name] ?? []);
    expect(experiment?.stages.length).toBeGreaterThan(1);
    expect(experiment?.stages.some((stage) => stage.distill !== undefined)).toBe(true);
  });
});
