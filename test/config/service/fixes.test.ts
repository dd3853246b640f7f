/** Every finding in the cases of test/config/cases and in fixes/: what is offered, what it does to the text, and whether it settles the finding. */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/config/diagnostic.ts';
import { configDocument, changed, offsetAt, type ConfigDocument } from '../../../src/config/service/document.ts';
import { codeActions, fixesFor, type Fix } from '../../../src/config/service/fixes.ts';
import type { EditorProviders } from '../../../src/config/service/providers.ts';
import { resolveExperiment } from '../../../src/config/resolve.ts';
import { machine } from '../machine.ts';
import { here, marked } from './support.ts';

const folders = [path.join('test', 'config', 'cases'), path.join(here, 'fixes')];
const files = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.scrkd.yaml')).map((name) => path.join(folder, name)));

const providers: EditorProviders = {
  readText: (file) => readFile(file, 'utf8'),
  experimentsIn: () => Promise.resolve([{ file: 'elsewhere.scrkd.yaml', experiment: 'taken' }]),
  describeStage: () => Promise.resolve(undefined),
};

function applied(document: ConfigDocument, { edits }: Fix): string {
  return changed(
    document.text,
    edits.map(({ range, newText }) => ({ start: offsetAt(document, range.start), end: offsetAt(document, range.end), text: newText })),
  );
}

/** Lines that differ, as a diff shows them. */
function difference(before: string, after: string): string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let tail = 0;
  while (tail < old.length - start && tail < fresh.length - start && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  return [...old.slice(start, old.length - tail).map((line) => `    - ${line}`), ...fresh.slice(start, fresh.length - tail).map((line) => `    + ${line}`)];
}

const sameFinding = (a: Diagnostic, b: Diagnostic) => a.code === b.code && a.path.join('.') === b.path.join('.') && a.message === b.message;

describe('the fixes of', () => {
  test.each(files)('%s', async (file) => {
    const document = configDocument(file, readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
    const asked = path.basename(file).startsWith('files') ? { ...providers, ...machine } : providers;
    const resolved = await resolveExperiment({ text: document.text, path: file }, asked);
    const parts: string[] = [];
    for (const diagnostic of resolved.diagnostics.filter((each) => each.file === file)) {
      const lines = [`${String(diagnostic.range.start.line + 1)}: ${diagnostic.code}  ${diagnostic.message.replaceAll(path.dirname(file) + path.sep, '')}`];
      for (const fix of fixesFor({ document, resolved }, diagnostic)) {
        const after = applied(document, fix);
        const { diagnostics } = await resolveExperiment({ text: after, path: file }, asked);
        const isSettled = !diagnostics.some((each) => sameFinding(each, diagnostic));
        lines.push(`  ${fix.isPreferred === true ? '*' : ' '} ${fix.title}${isSettled ? '' : '  (not settled by it alone)'}`, ...difference(document.text, after));
      }
      parts.push(lines.join('\n'));
    }
    const golden = file.replace('.scrkd.yaml', '.fixes.txt').replace(path.join('config', 'cases'), path.join('config', 'service', 'fixes', 'cases'));
    await expect(`${parts.join('\n')}\n`).toMatchFileSnapshot(path.relative(here, golden));
  });
});

const scenario = (preset: string) => `experiment: presets # kept
${preset}dataset: { root: data } # kept as well
stages:
  teacher: { model: pspnet, resolution: 224 }
  plain: { model: pspnet, resolution: 112 }
  student: { model: pspnet, resolution: 112, distill: { from: teacher, method: scrkd } }
`;

describe('a preset', () => {
  test.each(['paper', 'official-code'])('%s can be written out and drawn together again', async (preset) => {
    const actions = async (text: string) => {
      const { document } = marked(text);
      const resolved = await resolveExperiment({ text, path: document.path }, providers);
      const found = await codeActions({ document, resolved }, { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } }, providers);
      return found.filter(({ kind }) => kind === 'rewrite').map((action) => ({ title: action.title, text: applied(document, action) }));
    };
    const before = scenario(`preset: ${preset}\n`);
    const [written] = await actions(before);
    expect(written?.title).toContain('Write out');
    expect(written?.text).not.toMatch(/^preset:/m);
    expect(written?.text).toContain('# kept as well');
    expect(written?.text).toContain(preset === 'paper' ? 'gateConvolution: paper' : 'learningRate: 1.0e-5');
    expect(written?.text).toContain('validation: none');
    const together = await actions(written?.text ?? '');
    expect(together.map(({ text }) => text)).toContain(before);
  });

  test('is not offered where it would change the experiment', async () => {
    const text = scenario('');
    const { document } = marked(text);
    const resolved = await resolveExperiment({ text, path: document.path }, providers);
    expect(await codeActions({ document, resolved }, { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } }, providers)).toEqual([]);
  });
});
