import { describe, expect, test } from 'vitest';
import { changed, configDocument, offsetAt } from '../../../src/config/service/document.ts';
import type { EditorProviders } from '../../../src/config/service/providers.ts';
import { definitions, references, rename, RenameError } from '../../../src/config/service/references.ts';

const files: Readonly<Record<string, string>> = {
  'base.scrkd.yaml': 'experiment: base\nstages:\n  teacher: { model: pspnet, resolution: 224 }\n  "student": { model: pspnet, resolution: 112, distill: { from: teacher, method: scrkd } }\n',
  'top.scrkd.yaml': "extends: base.scrkd.yaml\nexperiment: top\nstages:\n  student: { seed: 3 }\n  more: { model: pspnet, resolution: 56, distill: { from: 'student', method: scrkd } }\n",
  'user.scrkd.yaml': 'experiment: user\nstages:\n  teacher: { use: base.scrkd.yaml#student }\n  again: { use: top.scrkd.yaml#student }\n  student: { model: pspnet, resolution: 56, distill: { from: teacher, method: scrkd } }\n',
  'alone.scrkd.yaml': 'experiment: alone\nstages:\n  a: &x { model: pspnet, resolution: 64 }\n  b: { <<: *x }\n  student: *x\n',
};

const providers: EditorProviders = {
  readText: (file) => {
    const text = files[file];
    return text === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(text);
  },
  configFiles: () => Promise.resolve(Object.keys(files)),
};

function at(file: string, word: string, occurrence = 0) {
  const document = configDocument(file, files[file]!);
  let offset = -1;
  for (let count = 0; count <= occurrence; count++) offset = document.text.indexOf(word, offset + 1);
  expect(offset).toBeGreaterThanOrEqual(0);
  return { document, offset: offset + 1 };
}

const shown = (file: string, { start, end }: { start: { line: number; character: number }; end: { line: number; character: number } }) =>
  `${file}:${String(start.line + 1)}:${String(start.character)} ${files[file]!.split('\n')[start.line]!.slice(start.character, end.character)}`;

describe('a stage', () => {
  test('is found from a reference in the same file', async () => {
    const { document, offset } = at('base.scrkd.yaml', 'from: teacher');
    expect((await definitions(document, offset + 6, providers)).map(({ file, range }) => shown(file, range))).toEqual(['base.scrkd.yaml:3:2 teacher']);
  });

  test('is found in the config that is used', async () => {
    const { document, offset } = at('user.scrkd.yaml', '#student');
    expect((await definitions(document, offset + 1, providers)).map(({ file, range }) => shown(file, range))).toEqual(['base.scrkd.yaml:4:3 student']);
  });

  test('that is only in the extended config is found there', async () => {
    const document = configDocument('new.scrkd.yaml', 'extends: base.scrkd.yaml\nstages:\n  x: { distill: { from: teacher } }\n');
    expect((await definitions(document, document.text.indexOf('teacher'), providers)).map(({ file, range }) => shown(file, range))).toEqual(['base.scrkd.yaml:3:2 teacher']);
  });

  test('is the same one in configs that extend its config, and another one elsewhere', async () => {
    const { document, offset } = at('top.scrkd.yaml', 'student');
    const found = await references(document, offset, providers);
    expect(found.map(({ file, range, isDefinition }) => `${shown(file, range)}${isDefinition ? '!' : ''}`).sort()).toEqual([
      'base.scrkd.yaml:4:3 student!',
      'top.scrkd.yaml:4:2 student!',
      "top.scrkd.yaml:5:59 student",
      'user.scrkd.yaml:3:34 student',
      'user.scrkd.yaml:4:31 student',
    ]);
  });

  test('is renamed in all of them, quotes kept', async () => {
    const { document, offset } = at('base.scrkd.yaml', 'student');
    const edits = await rename(document, offset, 'pupil', providers);
    const after = Object.entries(files).map(([file, text]) => {
      const own = configDocument(file, text);
      return changed(text, edits.filter((edit) => edit.file === file).map(({ range, newText }) => ({ start: offsetAt(own, range.start), end: offsetAt(own, range.end), text: newText })));
    });
    expect(after.join('')).toContain('"pupil": {');
    expect(after.join('')).toContain("from: 'pupil'");
    expect(after.join('')).toContain('use: base.scrkd.yaml#pupil');
    expect(after.join('').match(/student/g)).toHaveLength(2);
  });

  test('cannot have a name that is taken, or that is none', async () => {
    const { document, offset } = at('top.scrkd.yaml', 'student');
    await expect(rename(document, offset, 'more', providers)).rejects.toMatchObject({ reason: 'taken' });
    await expect(rename(document, offset, 'teacher', providers)).rejects.toMatchObject({ reason: 'taken' });
    await expect(rename(document, offset, 'two words', providers)).rejects.toThrow(RenameError);
  });
});

describe('an anchor', () => {
  test('is found from its alias and renamed with all of them', async () => {
    const { document, offset } = at('alone.scrkd.yaml', '*x', 1);
    expect((await definitions(document, offset, providers)).map(({ file, range }) => shown(file, range))).toEqual(['alone.scrkd.yaml:3:6 x']);
    const edits = await rename(document, offset, 'like', providers);
    const text = changed(document.text, edits.map(({ range, newText }) => ({ start: offsetAt(document, range.start), end: offsetAt(document, range.end), text: newText })));
    expect(text).toBe(document.text.replaceAll('&x', '&like').replaceAll('*x', '*like'));
  });
});

test('a path leads to its file', async () => {
  const { document, offset } = at('top.scrkd.yaml', 'base.scrkd.yaml');
  expect(await definitions(document, offset, providers)).toMatchObject([{ file: 'base.scrkd.yaml', range: { start: { line: 0 } } }]);
});

test('what is no name has no references and no new name', async () => {
  const { document, offset } = at('top.scrkd.yaml', 'pspnet');
  expect(await references(document, offset, providers)).toEqual([]);
  expect(await rename(document, offset, 'x', providers)).toEqual([]);
});
