/** `npm run package [-- --target PLATFORM …] [--out FOLDER]`: a `.vsix` for each platform, or for the named ones. */
import { statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkPackage } from './check-package.ts';
import { packageExtension, stageExtension } from './package-extension.ts';
import { targets, type Target } from './targets.ts';

const root = process.cwd();
const { values } = parseArgs({ options: { target: { type: 'string', multiple: true }, out: { type: 'string', default: '.' } } });

const wanted = (values.target ?? targets).map((name): Target => {
  const found = targets.find((target) => target === name);
  if (found === undefined) throw new Error(`Unknown platform "${name}"; expected one of ${targets.join(', ')}.`);
  return found;
});
const { name, version } = JSON.parse(await readFile('package.json', 'utf8')) as { name: string; version: string };
await mkdir(values.out, { recursive: true });
const staged = join(root, '.vscode-test/package');
console.log('Bundling …');
await stageExtension(root, staged);
for (const target of wanted) {
  const { vsix } = await packageExtension(target, root, staged, join(values.out, `${name}-${target}-${version}.vsix`));
  await checkPackage(vsix, target);
  console.log(`${vsix}  ${(statSync(vsix).size / 1e6).toFixed(1)} MB`);
}
