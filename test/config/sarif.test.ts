import * as path from 'node:path';
import { expect, test } from 'vitest';
import { diagnosticCodes } from '../../src/config/diagnostic.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { sarifLog } from '../../src/config/sarif.ts';

interface Log {
  readonly version: string;
  readonly runs: readonly [{ readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }; readonly results: readonly Record<string, unknown>[] }];
}

test('a finding becomes a result with its rule, level and place, counted from 1', async () => {
  const root = path.resolve('here');
  const file = path.join(root, 'my configs', 'a.scrkd.yaml');
  const { diagnostics } = await resolveExperiment({ path: file, text: 'experiment: a\ndataset: { root: . }\nstages:\n  student: { modl: pspnet, resolution: 112 }\n' });
  const log = sarifLog([...diagnostics, ...diagnostics], { version: '1.2.3', root }) as Log;
  expect(log.version).toBe('2.1.0');
  const [run] = log.runs;
  expect(run.tool.driver.rules.map(({ id }) => id)).toEqual(Object.keys(diagnosticCodes));
  expect(run.results).toHaveLength(diagnostics.length);
  const unknown = run.results.find(({ ruleId }) => ruleId === 'unknown-field');
  expect(unknown).toMatchObject({
    level: 'error',
    locations: [{ physicalLocation: { artifactLocation: { uri: 'my%20configs/a.scrkd.yaml' }, region: { startLine: 4, startColumn: 14, endLine: 4, endColumn: 18 } } }],
  });
  expect(run.tool.driver.rules[unknown?.['ruleIndex'] as number]?.id).toBe('unknown-field');
});

test('a file outside of the root has a file URI', () => {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  const log = sarifLog([{ code: 'syntax', severity: 'error', message: 'm', file: path.resolve('/elsewhere/b.scrkd.yaml'), range, path: [] }], { version: '1', root: path.resolve('/root') }) as Log;
  expect(JSON.stringify(log.runs[0].results)).toContain('file:///');
});
