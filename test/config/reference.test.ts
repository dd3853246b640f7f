import { expect, test } from 'vitest';
import { diagnosticCodes } from '../../src/config/diagnostic.ts';
import { configJsonSchema, configReference, diagnosticsReference } from '../../src/config/reference.ts';
import { fixableCodes } from '../../src/config/service/fixes.ts';

test('the published pages and the JSON Schema are those that the sources make (vitest -u writes them)', async () => {
  await expect(configReference()).toMatchFileSnapshot('../../docs/config.md');
  await expect(diagnosticsReference(fixableCodes)).toMatchFileSnapshot('../../docs/diagnostics.md');
  await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../media/scrkd.schema.json');
});

test('every code is explained with what to do', () => {
  for (const [code, { meaning, advice }] of Object.entries(diagnosticCodes)) {
    expect(meaning, code).toMatch(/^[A-Z`].*\.$/s);
    expect(advice, code).toMatch(/^[A-Z`].*[.)]$/s);
  }
});

test('the JSON Schema has descriptions and defaults, and none of our own words', () => {
  const text = JSON.stringify(configJsonSchema());
  expect(text).not.toMatch(/"(?:planned|plannedFields|form|unit|names|needed|otherNames|proposals)":/);
  expect(configJsonSchema()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    required: ['experiment', 'dataset', 'stages'],
    additionalProperties: false,
    properties: { preset: { enum: ['default', 'paper', 'official-code'], default: 'default', description: expect.stringContaining('paper') as string } },
  });
});

test('codes are lower-case words', () => {
  for (const code of Object.keys(diagnosticCodes)) expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
});
