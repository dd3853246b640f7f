/** Every config in cases/ is wrong in its own way; beside it stands what is to be said about it. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/config/explain.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { machine } from './machine.ts';

const folder = path.join('test', 'config', 'cases');
const names = readdirSync(folder).filter((name) => name.endsWith('.scrkd.yaml'));

const readText = async (file: string) => {
  if (!file.startsWith(folder)) throw new Error('outside of the test');
  return (await readFile(file, 'utf8').catch(() => Promise.reject(new Error('no such file')))).replaceAll('\r\n', '\n');
};

describe('what is said about', () => {
  test.each(names)('%s', async (name) => {
    const file = path.join(folder, name);
    const text = await readText(file);
    const { experiment, diagnostics, sources } = await resolveExperiment({ text, path: file }, name.startsWith('files') ? { ...machine, readText } : { readText });
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(experiment === undefined).toBe(diagnostics.some((diagnostic) => diagnostic.severity === 'error'));
    const said = explain(diagnostics, sources).replaceAll(folder + path.sep, '').replaceAll('\\', '/');
    await expect(said + '\n').toMatchFileSnapshot(path.join('cases', name.replace('.scrkd.yaml', '.expected.txt')));
  });
});
