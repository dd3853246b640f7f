/** Whatever stands in a file, the service answers, and its ranges lie in the text. */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { explain } from '../../src/config/explain.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';

const folders = ['examples', path.join('test', 'config', 'cases')];
const texts = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.yaml')).map((name) => readFileSync(path.join(folder, name), 'utf8')));
const pieces = ['{', '}', '[', ']', ':', ': ', ',', '\n', '  ', '\t', '&a ', '*a', '<<: *a', '- ', '"', "'", '#', '|', '>', '!!map ', '? ', '%YAML 2', '---\n', '...', '~', '\0', '\uFEFF', '\uD800', '😀', '1e999', '-0', '.nan', 'null', '__proto__: 1', 'constructor', 'stages:', 'teacher', 'use: a#b', 'extends: x', 'distill: {}', 'resolution: [1, 2]'];

function mutated(random: Random): string {
  let text = pick(random, texts);
  for (let count = 1 + random.integer(6); count > 0; count--) {
    const at = random.integer(text.length + 1);
    const length = random.integer(random.uniform() < 0.2 ? 200 : 12);
    const other = pick(random, texts);
    const from = random.integer(other.length);
    const inserted = pick(random, ['', pick(random, pieces), other.slice(from, from + random.integer(120)), pick(random, pieces).repeat(random.integer(40))]);
    text = text.slice(0, at) + inserted + text.slice(at + (random.uniform() < 0.5 ? length : 0));
  }
  return text;
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)]!;
}

test('500 mutated configs: an answer each, with ranges in the text', async () => {
  let withErrors = 0;
  for (let i = 0; i < 500; i++) {
    const text = mutated(new Random('config-fuzz', i));
    const readText = (file: string) => (file.includes('x') ? Promise.reject(new Error('no')) : Promise.resolve(pick(new Random('other', i), texts)));
    const { experiment, diagnostics, sources } = await resolveExperiment({ text, path: 'fuzz.scrkd.yaml' }, { readText });
    const hasError = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
    expect(experiment === undefined, text).toBe(hasError);
    withErrors += Number(hasError);
    expect(explain(diagnostics, sources).length).toBeGreaterThanOrEqual(0);
    for (const { file, range, message } of diagnostics) {
      const lines = (sources.get(file) ?? '').split('\n');
      const isInside = ({ line, character }: { line: number; character: number }) => line >= 0 && line < lines.length && character >= 0 && character <= lines[line]!.length;
      expect(isInside(range.start) && isInside(range.end), `${message}\n${JSON.stringify(range)}\n${text}`).toBe(true);
      expect(range.start.line < range.end.line || (range.start.line === range.end.line && range.start.character <= range.end.character)).toBe(true);
      expect(message).toMatch(/^\S/);
    }
  }
  expect(withErrors).toBeGreaterThan(250);
});

test.each([
  ['nested brackets', '['.repeat(20_000)],
  ['nested blocks', '{a: '.repeat(20_000)],
  ['aliases of aliases', ['a0: &a0 [x, x]', ...Array.from({ length: 40 }, (_, i) => `a${String(i + 1)}: &a${String(i + 1)} [*a${String(i)}, *a${String(i)}]`)].join('\n')],
  ['a very long line', `experiment: ${'x'.repeat(1_000_000)}`],
  ['many fields', Array.from({ length: 5_000 }, (_, i) => `field-${String(i)}: ${String(i)}`).join('\n')],
])('%s get an answer', async (_, text) => {
  const { experiment, diagnostics } = await resolveExperiment({ text, path: 'a.scrkd.yaml' });
  expect(experiment).toBeUndefined();
  expect(diagnostics.length).toBeGreaterThan(0);
});
