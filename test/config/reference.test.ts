import { expect, test } from 'vitest';
import { diagnosticCodes } from '../../src/config/diagnostic.ts';
import { configJsonSchema, configReference } from '../../src/config/reference.ts';

test('the reference page is the one that the schema makes (vitest -u writes it)', async () => {
  await expect(configReference()).toMatchFileSnapshot('../../docs/config.md');
});

test('the JSON Schema has descriptions and defaults, and none of our own words', () => {
  const text = JSON.stringify(configJsonSchema());
  expect(text).not.toMatch(/"(?:planned|plannedFields|form|unit)":/);
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
