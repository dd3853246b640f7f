/** Every text that a person reads can be translated: it goes through l10n in a form that `npm run l10n` extracts, or is in package.nls.json. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { expect, test } from 'vitest';
import { testsAll } from '../vscode.ts';

const root = resolve(import.meta.dirname, '../..');
const sources = ['src', 'webview'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: join(folder, name), contents: readFileSync(join(root, folder, name), 'utf8') })),
);
/** Places in sources that match, as `path:line: text`. */
const found = (pattern: RegExp, folder = ''): string[] =>
  sources.filter(({ path }) => path.startsWith(folder)).flatMap(({ path, contents }) => contents.split('\n').flatMap((line, i) => (pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])));

test('l10n is always asked with a literal', () => {
  expect(found(/l10n\.t\((?!\s*(['"{]|$)|`[^`$]*`)/)).toEqual([]);
});

test.skipIf(!testsAll)('what `npm run l10n` extracts is all of it', async () => {
  const bundle = await getL10nJson(sources.filter(({ contents }) => contents.includes('l10n.t(')).map(({ contents }) => ({ contents, extension: '.ts' as const })));
  const extracted = new Set(Object.keys(bundle));
  const literals = sources.flatMap(({ contents }) => [...contents.matchAll(/l10n\.t\(\s*'((?:[^'\\\n]|\\')*)'/g)].map(([, text]) => text!.replaceAll("\\'", "'")));
  expect(literals.length).toBeGreaterThan(900);
  expect([...new Set(literals)].filter((text) => !extracted.has(text))).toEqual([]);
});

test('the host says nothing that does not go through l10n', () => {
  const shown = /(?:show(?:Information|Warning|Error)Message\(|setStatusBarMessage\(|(?:placeHolder|prompt|openLabel|saveLabel|title|detail): |\b(?:tooltip|message|placeholder|title|description) = |report\()(?:'[^']*[a-z]{3}[^']*'|`(?:[^`$]|\$\{[^}]*\})*\b[A-Z][a-z]+ (?:[^`$]|\$\{[^}]*\})*`)/;
  expect(shown.test("pick.title = 'Filter Runs';")).toBe(true);
  expect(found(shown, join('src', 'extension'))).toEqual([]);
});

test('the manifest names its texts by keys, all of which are used', () => {
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  const { contributes } = JSON.parse(manifest) as { contributes: unknown };
  const bare: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      const isText = typeof each === 'string' && /^(title|name|contents|altText|description|markdownDescription|label)$/.test(key);
      if (isText && !/^%.*%$/.test(each) && each !== 'SCRKD') bare.push(`${path}/${key}: ${each}`);
      look(each, `${path}/${key}`);
    }
  };
  look(contributes, 'contributes');
  expect(bare).toEqual([]);
  const keys = Object.keys(JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as object);
  expect(keys.filter((key) => !manifest.includes(`"%${key}%"`))).toEqual([]);
});
