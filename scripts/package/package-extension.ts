/** Makes the `.vsix` of a platform: bundles, manifest, pictures, texts, and the native packages that the trainer loads. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { copyNativePackage } from './native-package.ts';
import { nativePackages, type Target } from './targets.ts';

export interface Packaged {
  readonly target: Target;
  /** Path of the `.vsix`. */
  readonly vsix: string;
  /** The unpacked extension it was made of. */
  readonly folder: string;
}

/** What of the project goes into the package as it stands. */
const copied = ['media', 'syntaxes', 'l10n', 'docs', 'README.md', 'CHANGELOG.md', 'LICENSE', 'package.nls.json'];

/**
 * The platform-independent part, once for all platforms: everything but native packages.
 * @param folder is emptied first
 */
export async function stageExtension(root: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  execFileSync(process.execPath, ['scripts/build.mjs', '--minify', '--outdir', join(folder, 'dist')], { cwd: root, stdio: 'inherit' });
  for (const name of copied) if (existsSync(join(root, name))) await cp(join(root, name), join(folder, name), { recursive: true });
  await writeFile(join(folder, '.vscodeignore'), '**/*.map\n');
  await writeFile(join(folder, 'package.json'), JSON.stringify(await packagedManifest(root), undefined, 2));
}

/** Without what only a clone needs; the packages are bundled or lie beside the bundles. */
async function packagedManifest(root: string): Promise<Record<string, unknown>> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const left = ['scripts', 'dependencies', 'devDependencies', 'private'];
  return Object.fromEntries(Object.entries(manifest).filter(([name]) => !left.includes(name)));
}

/**
 * Packs a staged extension for a platform. The native packages lie in `dist/node_modules`, where Node looks first for what the bundles import.
 * @param staged what `stageExtension` made; its native packages are replaced
 */
export async function packageExtension(target: Target, root: string, staged: string, vsix: string): Promise<Packaged> {
  const packages = join(staged, 'dist/node_modules');
  await rm(packages, { recursive: true, force: true });
  for (const each of nativePackages(target, root)) await copyNativePackage(each, root, packages);
  // TensorFlow's binding of other platforms; taken away for good, so each platform starts from what the build made.
  const bindings = join(staged, 'dist/native');
  const built = join(root, 'src/engine/tensorflow/native', target);
  await rm(bindings, { recursive: true, force: true });
  if (existsSync(built)) await cp(built, join(bindings, target), { recursive: true });
  await createVSIX({ cwd: staged, target, packagePath: resolve(vsix), dependencies: false, allowMissingRepository: true, rewriteRelativeLinks: false });
  return { target, vsix: resolve(vsix), folder: staged };
}
