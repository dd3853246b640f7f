import { describe, expect, test } from 'vitest';
import { codeLenses } from '../../../src/config/service/lenses.ts';
import { documentLinks } from '../../../src/config/service/links.ts';
import { documentSymbols, foldingRanges, type ConfigSymbol } from '../../../src/config/service/symbols.ts';
import { inlayHints } from '../../../src/config/service/hints.ts';
import { semanticTokens } from '../../../src/config/service/tokens.ts';
import type { EditorProviders, KnownRun } from '../../../src/config/service/providers.ts';
import { described, marked, resolved } from './support.ts';

const text = `# An experiment
# in two lines.
experiment: structure
dataset: { root: ./ORSSD, train: "list.txt" }
stages:
  teacher: &like { model: pspnet, resolution: 224 }
  # region students
  student:
    model:
      name: pspnet
      width: 0.5
    resolution: 112
    distill: {
      from: teacher,
      method: scrkd
    }
  given: { use: other.scrkd.yaml#teacher }
  # endregion
  copy: { <<: *like, seed: 3 }
training:
  batchSize: 8
`;
const { document } = marked(text, 'folder/structure.scrkd.yaml');
const small = text.replace('      width: 0.5\n', '');

function tree(symbols: readonly ConfigSymbol[], depth = 0): string[] {
  return symbols.flatMap(({ name, detail, kind, range, children }) => [`${'  '.repeat(depth)}${name} (${kind}, ${String(range.start.line)}-${String(range.end.line)}) ${detail}`.trimEnd(), ...tree(children, depth + 1)]);
}

test('symbols are the fields, with what each stage is', () => {
  expect(tree(documentSymbols(document))).toEqual([
    'experiment (field, 2-2) structure',
    'dataset (section, 3-3)',
    '  root (field, 3-3) ./ORSSD',
    '  train (field, 3-3) list.txt',
    'stages (section, 4-18)',
    '  teacher (stage, 5-5) pspnet · 224',
    '    model (field, 5-5) pspnet',
    '    resolution (field, 5-5) 224',
    '  student (stage, 7-15) pspnet · 112 · ← teacher',
    '    model (section, 8-10)',
    '      name (field, 9-9) pspnet',
    '      width (field, 10-10) 0.5',
    '    resolution (field, 11-11) 112',
    '    distill (section, 12-15)',
    '      from (field, 13-13) teacher',
    '      method (field, 14-14) scrkd',
    '  given (stage, 16-16) other.scrkd.yaml#teacher',
    '    use (field, 16-16) other.scrkd.yaml#teacher',
    '  copy (stage, 18-18)',
    '    << (field, 18-18) *like',
    '    seed (field, 18-18) 3',
    'training (section, 19-20)',
    '  batchSize (field, 20-20) 8',
  ]);
});

test('blocks, brackets, comments and regions fold', () => {
  expect(foldingRanges(document).map(({ startLine, endLine, kind }) => [startLine, endLine, kind])).toEqual([
    [0, 1, 'comment'],
    [4, 18, 'block'],
    [6, 17, 'region'],
    [7, 15, 'block'],
    [8, 10, 'block'],
    [12, 15, 'block'],
    [19, 20, 'block'],
  ]);
});

test('paths are links, relative to the file; lists lie in the dataset', () => {
  expect(documentLinks(document).map(({ target, kind, range }) => [target, kind, range.start.character, range.end.character])).toEqual([
    ['folder/ORSSD', 'folder', 17, 24],
    ['folder/ORSSD/list.txt', 'file', 34, 42],
    ['folder/other.scrkd.yaml', 'file', 16, 32],
  ]);
});

test('tokens name stages, values and anchors; what is unknown has none', () => {
  const { document: short } = marked('stages:\n  a: &x { model: pspnet, bad: 1, resolution: 112, distill: { from: b } }\n  b: *x\nextends: "a b"\n');
  const lines = short.text.split('\n');
  expect(semanticTokens(short).map(({ line, character, length, type, isDeclaration }) => `${lines[line]!.slice(character, character + length)} ${type}${isDeclaration ? '!' : ''}`)).toEqual([
    'stages keyword',
    'a class!',
    '&x variable!',
    'model property',
    'pspnet enumMember',
    'resolution property',
    '112 number',
    'distill property',
    'from property',
    'b class',
    'b class!',
    '*x variable',
    'extends keyword',
    '"a b" string',
  ]);
});

describe('code lenses', () => {
  const run = (stage: string, state: KnownRun['state'], isDead = false): KnownRun => ({ stage, folder: `runs/structure/${stage}-1`, state, isDead });
  const lenses = async (content: string, runs: readonly KnownRun[]) => {
    const { document: own } = marked(content);
    const providers: EditorProviders = { readText: () => Promise.resolve('experiment: o\ndataset: { root: x }\nstages: { teacher: { model: pspnet, resolution: 448 } }\n'), runsOf: () => Promise.resolve(runs) };
    return (await codeLenses(own, await resolved(own, providers), providers)).map(({ title, target, range }) => `${String(range.start.line)} ${title} ${target.stage ?? '-'} ${target.run ?? ''}`.trimEnd());
  };

  test('start and dry run on the experiment and on every stage that is trained', async () => {
    expect(await lenses(small, [])).toEqual(['2 Start Distillation -', '2 Dry Run -', '5 Start teacher', '5 Dry Run teacher', '7 Start student', '7 Dry Run student', '17 Start copy', '17 Dry Run copy']);
  });

  test('a run that was stopped can be resumed, the last one opened', async () => {
    expect((await lenses(small, [run('teacher', 'finished'), run('student', 'stopped')])).filter((lens) => /Resume|Open/.test(lens))).toEqual([
      '2 Resume - runs/structure/student-1',
      '2 Open Last Run - runs/structure/student-1',
      '5 Open Last Run teacher runs/structure/teacher-1',
      '7 Resume student runs/structure/student-1',
      '7 Open Last Run student runs/structure/student-1',
    ]);
  });

  test('a run whose process died can be resumed, one that runs cannot', async () => {
    expect((await lenses(small, [run('teacher', 'running', true)])).filter((lens) => lens.includes('Resume'))).toHaveLength(2);
    expect((await lenses(small, [run('teacher', 'running')])).filter((lens) => lens.includes('Resume'))).toEqual([]);
  });

  test('with errors nothing can be started', async () => {
    expect(await lenses(`${small}nonsense: 1\n`, [run('teacher', 'stopped')])).toEqual(['2 Open Last Run - runs/structure/teacher-1', '5 Open Last Run teacher runs/structure/teacher-1']);
  });
});

test('inlay hints say what networks are and cost, and how many steps an epoch has', async () => {
  const { document: own } = marked(small);
  const providers: EditorProviders = {
    readText: () => Promise.reject(new Error('none')),
    describeStage: (stage) => Promise.resolve(described(stage)),
    datasetSummary: () => Promise.resolve({ train: 600, test: 200, problems: [] }),
  };
  const hints = await inlayHints(own, await resolved(own, providers), providers);
  expect(hints.map(({ position, text: shown }) => `${String(position.line)}:${String(position.character)} ${shown}`)).toEqual([
    '3:45 540 train, 60 validation, 200 test',
    '5:51 42.5 M parameters, 26.1 G MACs; 112 · 56 · 28 · 14 · 7; 67 steps an epoch, about 8.03 GB',
    '8:10 54.4 M parameters, 6.52 G MACs',
    '10:19 56 · 28 · 14 · 7 · 4',
    '7:10 67 steps an epoch, about 2.01 GB',
    '17:30 42.5 M parameters, 26.1 G MACs; 112 · 56 · 28 · 14 · 7; 67 steps an epoch, about 8.03 GB',
  ]);
});

test('without figures there are no hints', async () => {
  const { document: own } = marked(small);
  expect(await inlayHints(own, await resolved(own), {})).toEqual([]);
});
