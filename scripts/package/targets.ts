/** What the packaged extension of each platform contains beside the bundles: the native packages of the trainer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

export const targets = ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'] as const;
export type Target = (typeof targets)[number];

export interface NativePackage {
  readonly name: string;
  readonly version: string;
  /** Of the npm registry's tarball, from package-lock.json. */
  readonly integrity: string;
  /** Which of its files are needed at run time. */
  readonly keep: (path: string) => boolean;
}

const lockFile = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional(), optionalDependencies: z.record(z.string(), z.string()).optional() })),
});

/** The packages that `import 'onnxruntime-node'` and `import 'sharp'` load on a platform, in the versions of package-lock.json. */
export function nativePackages(target: Target, root: string): NativePackage[] {
  const { packages } = lockFile.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const locked = (name: string, keep: NativePackage['keep']): NativePackage => {
    const found = packages[`node_modules/${name}`];
    if (found?.version === undefined || found.integrity === undefined) throw new Error(`package-lock.json does not list ${name}.`);
    return { name, version: found.version, integrity: found.integrity, keep: (path) => isNotice(path) || keep(path) };
  };
  const sharp = `@img/sharp-${target}`;
  // On Windows libvips is inside sharp's own package, elsewhere in one of its own.
  const libvips = Object.keys(packages[`node_modules/${sharp}`]?.optionalDependencies ?? {});
  const binaries = `bin/napi-v6/${target.replace('-', '/')}/`;
  return [
    locked('onnxruntime-node', (path) => isScript(path, 'dist/') || (path.startsWith(binaries) && !isCopyOfLibrary(path))),
    locked('onnxruntime-common', (path) => isScript(path, 'dist/cjs/') || path === 'dist/cjs/package.json'),
    locked('sharp', (path) => path.startsWith('dist/') && /\.(cjs|mjs)$/.test(path)),
    locked('@img/colour', (path) => /\.(c|m)?js$/.test(path)),
    locked('detect-libc', (path) => isScript(path, 'lib/')),
    locked('semver', (path) => /\.js$/.test(path) && !path.startsWith('bin/')),
    locked(sharp, (path) => path === 'index.cjs' || path.startsWith('lib/')),
    ...libvips.map((name) => locked(name, (path) => /^lib\/[^/]+$/.test(path) || path === 'versions.json')),
  ];
}

function isNotice(path: string): boolean {
  return path === 'package.json' || /^(LICEN[CS]E|NOTICE|THIRD-PARTY-NOTICES)(\.\w+)?$/i.test(path);
}

function isScript(path: string, folder: string): boolean {
  return path.startsWith(folder) && path.endsWith('.js');
}

/** On macOS ONNX Runtime comes twice, under its full version and under the name that its binding loads, 45 MB each. */
function isCopyOfLibrary(path: string): boolean {
  return /\/libonnxruntime\.\d+\.\d+\.\d+\.dylib$/.test(path);
}
