import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { changed } from '../../../src/config/service/document.ts';
import { formatting } from '../../../src/config/service/format.ts';
import { here } from './support.ts';

const formatted = (text: string) => changed(text, formatting({ text }));

test('blanks, indentation and line ends become equal; comments and the way of writing stay', () => {
  const before = [
    '#experiment',
    'experiment :   untidy   ',
    '',
    '',
    '',
    'dataset: {root: ./ORSSD,validation: {fraction: 0.2,  seed: 1}}   # the data',
    'stages:',
    '      # the teacher',
    '      teacher:   &like',
    '            model:  {   }',
    '            resolution: [ 224,224 ]   # pixels',
    '      student: { <<: *like, distill: {',
    '          from: teacher,',
    '          method: scrkd },',
    '      }',
    'evaluation:',
    '    protocols:',
    '    - pysod',
    '    -   scrkd448',
    '  ',
    '# the end',
  ].join('\r\n');
  expect(formatted(before)).toBe(`#experiment
experiment: untidy

dataset: { root: ./ORSSD, validation: { fraction: 0.2, seed: 1 } }   # the data
stages:
  # the teacher
  teacher: &like
    model: {}
    resolution: [224, 224]   # pixels
  student: { <<: *like, distill: {
      from: teacher,
      method: scrkd },
  }
evaluation:
  protocols:
    - pysod
    - scrkd448

# the end
`);
});

test('a text with errors is left alone', () => {
  for (const text of ['a: {b', 'a: 1\n  b : 2', '\ta:   1', 'a:   "x']) expect(formatting({ text })).toEqual([]);
});

test('texts of several lines keep their content', () => {
  const text = 'a:\n      b: |\n          one\n            two\n      c: >-\n          three\n\n          four\n      d: plain\n        goes on\n';
  expect(parse(formatted(text))).toEqual(parse(text));
  expect(formatted(text)).toContain('\n  b: |\n');
});

const folders = ['examples', path.join('test', 'config', 'cases'), path.join(here, 'fixes')];
const files = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.scrkd.yaml')).map((name) => path.join(folder, name)));

describe('formatting', () => {
  test.each(files)('%s changes white space alone, and nothing the second time', (file) => {
    const text = readFileSync(file, 'utf8');
    const once = formatted(text);
    expect(once.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
    expect(formatted(once)).toBe(once);
  });

  test.each(readdirSync('examples').filter((name) => name.endsWith('.scrkd.yaml')))('%s is already in style', (name) => {
    expect(formatting({ text: readFileSync(path.join('examples', name), 'utf8') })).toEqual([]);
  });
});
