/** Every config in cases/ is wrong in its own way; beside it stands what is to be said about it. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/config/explain.ts';
import type { Providers } from '../../src/config/providers.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';

const folder = path.join('test', 'config', 'cases');
const names = readdirSync(folder).filter((name) => name.endsWith('.scrkd.yaml'));

const readText = async (file: string) => {
  if (!file.startsWith(folder)) throw new Error('outside of the test');
  return (await readFile(file, 'utf8').catch(() => Promise.reject(new Error('no such file')))).replaceAll('\r\n', '\n');
};

/** A disk on which everything named `missing` or `gone` is missing, and `wrong` is another network. */
const disk: Providers = {
  readText,
  exists: (file) => Promise.resolve(!/missing|gone/.test(file)),
  datasetSummary: () => Promise.resolve({ train: 10, test: 5, problems: [] }),
  checkpointHeader: (file) =>
    Promise.resolve(
      file.includes('gone')
        ? undefined
        : { model: { name: 'pspnet', options: { backbone: 'resnet18', width: 1 } }, resolution: { height: 224, width: 224 }, method: 'scrkd' },
    ),
  devices: () => Promise.resolve(['cuda']),
};

describe('what is said about', () => {
  test.each(names)('%s', async (name) => {
    const file = path.join(folder, name);
    const text = await readText(file);
    const { experiment, diagnostics, sources } = await resolveExperiment({ text, path: file }, name.startsWith('files') ? disk : { readText });
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(experiment === undefined).toBe(diagnostics.some((diagnostic) => diagnostic.severity === 'error'));
    const said = explain(diagnostics, sources).replaceAll(folder + path.sep, '').replaceAll('\\', '/');
    await expect(said + '\n').toMatchFileSnapshot(path.join('cases', name.replace('.scrkd.yaml', '.expected.txt')));
  });
});
