/**
 * Whatever stands in a file, and wherever the cursor is, the service answers, and its ranges lie in the text.
 * `SCRKD_FUZZ=100000` for a long run; the slowest document is reported.
 */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { Range } from '../../src/config/diagnostic.ts';
import { explain } from '../../src/config/explain.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { complete } from '../../src/config/service/completion.ts';
import { changed, configDocument, offsetAt } from '../../src/config/service/document.ts';
import { codeActions } from '../../src/config/service/fixes.ts';
import { formatting } from '../../src/config/service/format.ts';
import { hoverAt } from '../../src/config/service/hover.ts';
import { codeLenses } from '../../src/config/service/lenses.ts';
import { documentLinks } from '../../src/config/service/links.ts';
import type { EditorProviders } from '../../src/config/service/providers.ts';
import { references, rename } from '../../src/config/service/references.ts';
import { documentSymbols, foldingRanges, type ConfigSymbol } from '../../src/config/service/symbols.ts';
import { semanticTokens } from '../../src/config/service/tokens.ts';

const documents = Number(process.env['SCRKD_FUZZ'] ?? 2000);
/** Of processor time, so that other work on the machine decides nothing. */
const mostMilliseconds = 2000;

const folders = ['examples', path.join('test', 'config', 'cases')];
const texts = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.yaml')).map((name) => readFileSync(path.join(folder, name), 'utf8')));
const pieces = ['{', '}', '[', ']', ':', ': ', ',', '\n', '\r\n', '  ', '\t', '&a ', '*a', '<<: *a', '- ', '"', "'", '#', ' # region', '|', '>', '!!map ', '? ', '%YAML 2', '---\n', '...', '~', '\0', '\uFEFF', '\uD800', '😀', '1e999', '-0', '.nan', 'null', '__proto__: 1', 'constructor', 'stages:', 'teacher', 'use: a#b', 'extends: x', 'distill: {}', 'resolution: [1, 2]'];

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

/** Ends the process when a document takes for ever: an endless loop would stop every timer of its own thread. */
function watch(seconds: number): { readonly begin: (index: number) => void; readonly end: () => Promise<number> } {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const code = `const { workerData } = require('node:worker_threads'); let seen = -1; let since = Date.now();
    setInterval(() => { const now = Atomics.load(workerData.shared, 0); if (now !== seen) { seen = now; since = Date.now(); }
      else if (Date.now() - since > workerData.seconds * 1000) { require('node:fs').writeSync(2, 'document ' + now + ' has no end\\n'); process.kill(process.pid, 'SIGKILL'); } }, 500);`;
  const worker = new Worker(code, { eval: true, workerData: { shared, seconds } });
  return { begin: (index) => Atomics.store(shared, 0, index), end: () => worker.terminate() };
}

/** Everything that an editor asks of a text; the ranges of the answers. */
async function ask(text: string, random: Random, providers: EditorProviders): Promise<{ ranges: Range[]; hasError: boolean }> {
  const document = configDocument('fuzz.scrkd.yaml', text);
  const resolved = await resolveExperiment({ text, path: document.path }, providers);
  const { experiment, diagnostics, sources } = resolved;
  const hasError = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  if ((experiment === undefined) !== hasError) throw new Error('an experiment with errors, or none without');
  explain(diagnostics, sources);
  const own = diagnostics.filter(({ file }) => file === document.path);
  const ranges = own.map(({ range }) => range);
  const offset = random.integer(text.length + 1);
  ranges.push(...(await complete({ document, providers, known: resolved.tree }, offset)).map(({ range }) => range));
  ranges.push((await hoverAt({ document, resolved, providers }, offset))?.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } });
  const whole = { start: { line: 0, character: 0 }, end: { line: 9999, character: 0 } };
  for (const { edits } of await codeActions({ document, resolved }, whole, providers)) ranges.push(...edits.map(({ range }) => range));
  const visit = ({ range, nameRange, children }: ConfigSymbol): void => {
    ranges.push(range, nameRange);
    children.forEach(visit);
  };
  documentSymbols(document).forEach(visit);
  foldingRanges(document);
  semanticTokens(document);
  ranges.push(...documentLinks(document).map(({ range }) => range), ...(await codeLenses(document, resolved, providers)).map(({ range }) => range));
  ranges.push(...(await references(document, offset, providers)).filter(({ file }) => file === document.path).map(({ range }) => range));
  await rename(document, offset, 'a-name-that-is-free', providers);
  const formatted = changed(text, formatting(document));
  if (changed(formatted, formatting({ text: formatted })) !== formatted) throw new Error('formatting twice differs from formatting once');
  return { ranges, hasError };
}

function check(text: string, ranges: readonly Range[]): void {
  const lines = text.split('\n');
  const isInside = ({ line, character }: { line: number; character: number }) => line >= 0 && line < lines.length && character >= 0 && character <= lines[line]!.length;
  for (const { start, end } of ranges) {
    const isOrdered = start.line < end.line || (start.line === end.line && start.character <= end.character);
    if (!isInside(start) || !isInside(end) || !isOrdered) throw new Error(`a range outside of the text: ${JSON.stringify({ start, end })}`);
  }
}

test(`${String(documents)} mutated configs: an answer to every question, with ranges in the text`, { timeout: Math.max(300_000, documents * 150) }, async () => {
  const watchdog = watch(30);
  let withErrors = 0;
  let slowest = { milliseconds: 0, index: 0 };
  try {
    for (let index = 0; index < documents; index++) {
      watchdog.begin(index);
      const text = mutated(new Random('config-fuzz', index));
      const readText = (file: string) => (file.includes('x') ? Promise.reject(new Error('no')) : Promise.resolve(pick(new Random('other', index), texts)));
      const before = process.cpuUsage();
      try {
        const { ranges, hasError } = await ask(text, new Random('cursor', index), { readText });
        check(text, ranges);
        withErrors += Number(hasError);
      } catch (cause) {
        throw new Error(`document ${String(index)}:\n${text}`, { cause });
      }
      const { user, system } = process.cpuUsage(before);
      const milliseconds = (user + system) / 1000;
      if (milliseconds > slowest.milliseconds) slowest = { milliseconds, index };
    }
  } finally {
    await watchdog.end();
  }
  console.info(`slowest of ${String(documents)} documents: number ${String(slowest.index)} with ${slowest.milliseconds.toFixed(0)} ms`);
  expect(slowest.milliseconds, `document ${String(slowest.index)}`).toBeLessThan(mostMilliseconds);
  expect(withErrors).toBeGreaterThan(documents / 2);
});

test.each([
  ['nested brackets', '['.repeat(20_000)],
  ['nested blocks', '{a: '.repeat(20_000)],
  ['nested lines', Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ['aliases of aliases', ['a0: &a0 [x, x]', ...Array.from({ length: 40 }, (_, i) => `a${String(i + 1)}: &a${String(i + 1)} [*a${String(i)}, *a${String(i)}]`)].join('\n')],
  ['a very long line', `experiment: ${'x'.repeat(1_000_000)}`],
  ['many fields', Array.from({ length: 5_000 }, (_, i) => `field-${String(i)}: ${String(i)}`).join('\n')],
])('%s get an answer', async (_, text) => {
  const { ranges, hasError } = await ask(text, new Random('cursor', text.length), {});
  check(text, ranges);
  expect(hasError).toBe(true);
});

test('positions and offsets agree', () => {
  const document = configDocument('a.scrkd.yaml', 'a: 1\r\nbc: 2\n');
  expect(offsetAt(document, { line: 1, character: 2 })).toBe(8);
  expect(offsetAt(document, { line: 1, character: 99 })).toBe(11);
  expect(offsetAt(document, { line: 9, character: 0 })).toBe(document.text.length);
});
