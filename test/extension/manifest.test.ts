/** What the manifest of the extension promises: said once, named in words, and there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const manifest = read('package.json');
const texts = JSON.parse(read('package.nls.json')) as Record<string, string>;

// JSON is YAML, whose parser reports what JSON.parse passes over.
test.each(['package.json', 'package.nls.json'])('%s names each key once', (name) => {
  expect(parseDocument(read(name), { uniqueKeys: true }).errors.map(({ message }) => message)).toEqual([]);
});

test('every %text% is in package.nls.json', () => {
  const used = new Set([...manifest.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key!));
  expect([...used].filter((key) => texts[key] === undefined)).toEqual([]);
});

test('every file that it names is there', () => {
  const named = [...manifest.matchAll(/"(?:\.\/)?((?:media|syntaxes)\/[^"]+)"/g)].map(([, file]) => file!);
  expect(named.length).toBeGreaterThan(7);
  expect(named.filter((file) => !existsSync(new URL(`../../${file}`, import.meta.url)))).toEqual([]);
});

test('every command is declared once, and menus name declared ones', () => {
  const { contributes } = JSON.parse(manifest) as { contributes: { commands: { command: string }[]; menus?: Record<string, { command?: string }[]> } };
  const declared = contributes.commands.map(({ command }) => command);
  expect(declared.filter((command, index) => declared.indexOf(command) !== index)).toEqual([]);
  const inMenus = Object.values(contributes.menus ?? {}).flatMap((items) => items.flatMap(({ command }) => (command?.startsWith('scrkd.') === true ? [command] : [])));
  expect(inMenus.filter((command) => !declared.includes(command))).toEqual([]);
  const linked = Object.values(texts).flatMap((text) => [...text.matchAll(/\(command:(scrkd\.[a-zA-Z]+)\)/g)].map(([, command]) => command!));
  expect(linked.length).toBeGreaterThan(10);
  expect(linked.filter((command) => !declared.includes(command))).toEqual([]);
});

test('what the extension executes is registered', () => {
  const folder = fileURLToPath(new URL('../../src/extension/', import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  const all = (pattern: RegExp): string[] => [...sources.matchAll(pattern)].map(([, command]) => command!);
  const { contributes } = JSON.parse(manifest) as { contributes: { commands: { command: string }[]; views: Record<string, { id: string }[]> } };
  const known = [
    ...contributes.commands.map(({ command }) => command),
    ...Object.values(contributes.views).flat().map(({ id }) => `${id}.focus`),
    ...all(/registerCommand\((?:\w+(?:\.\w+)*, )?'(scrkd\.\w+)'/g),
  ];
  const executed = [...all(/executeCommand\('(scrkd\.[\w.]+)'/g), ...all(/command: '(scrkd\.[\w.]+)'/g)];
  expect(executed.length).toBeGreaterThan(15);
  expect(executed.filter((command) => !known.includes(command))).toEqual([]);
});
