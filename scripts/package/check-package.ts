/** Whether a `.vsix` holds what its platform needs, nothing of another platform, and is not too large. */
import { statSync } from 'node:fs';
import { readZipDirectory } from '../../src/formats/pytorch/zip-directory.ts';
import { RandomAccessFile } from '../../src/formats/random-access-file.ts';
import type { Target } from './targets.ts';

/** Bytes. */
export const packageBudget = 60e6;

const native = 'extension/dist/node_modules';

/** What of each platform's machine code must be there; a package holds no other. */
const machineCode: Readonly<Record<Target, readonly RegExp[]>> = {
  'linux-x64': linux('x64'),
  'linux-arm64': linux('arm64'),
  'win32-x64': windows('x64'),
  'win32-arm64': windows('arm64'),
  'darwin-arm64': [
    /^onnxruntime-node\/bin\/napi-v6\/darwin\/arm64\/(onnxruntime_binding\.node|libonnxruntime\.1\.dylib)$/,
    /^@img\/sharp-darwin-arm64\/lib\/sharp-darwin-arm64-[\d.]+\.node$/,
    /^@img\/sharp-libvips-darwin-arm64\/lib\/libvips-cpp\.[\d.]+\.dylib$/,
  ],
};

function linux(cpu: string): RegExp[] {
  return [
    new RegExp(`^onnxruntime-node/bin/napi-v6/linux/${cpu}/(onnxruntime_binding\\.node|libonnxruntime\\.so\\.1)$`),
    new RegExp(`^@img/sharp-linux-${cpu}/lib/sharp-linux-${cpu}-[\\d.]+\\.node$`),
    new RegExp(`^@img/sharp-libvips-linux-${cpu}/lib/libvips-cpp\\.so\\.[\\d.]+$`),
  ];
}

function windows(cpu: string): RegExp[] {
  return [
    new RegExp(`^onnxruntime-node/bin/napi-v6/win32/${cpu}/(onnxruntime_binding\\.node|(onnxruntime|DirectML|dxcompiler|dxil)\\.dll)$`),
    new RegExp(`^@img/sharp-win32-${cpu}/lib/(sharp-win32-${cpu}-[\\d.]+\\.node|libvips-(cpp-)?[\\d.]+\\.dll)$`),
  ];
}

/** What every package holds. */
const needed = [
  'extension/package.json',
  'extension/package.nls.json',
  'extension/readme.md',
  'extension/changelog.md',
  'extension/license.txt',
  'extension/dist/extension.cjs',
  'extension/dist/cli.js',
  'extension/dist/language-server.js',
  'extension/dist/decode-worker.js',
  'extension/dist/inspector.js',
  'extension/dist/webview/inspector.js',
  'extension/dist/network-worker.js',
  'extension/dist/bin/scrkd',
  'extension/dist/bin/scrkd.cmd',
  'extension/dist/webview/codicon.ttf',
  'extension/syntaxes/scrkd.tmLanguage.json',
  'extension/media/scrkd.schema.json',
  ...['onnxruntime-node', 'onnxruntime-common', 'sharp', '@img/colour', 'detect-libc', 'semver'].map((name) => `${native}/${name}/package.json`),
];

/** @throws Error that lists everything that is wrong */
export async function checkPackage(vsix: string, target: Target): Promise<void> {
  const file = await RandomAccessFile.open(vsix);
  const names = [...(await readZipDirectory(file).finally(() => file.close())).keys()];
  const problems: string[] = [];
  if (!names.includes(`${native}/@img/sharp-${target}/index.cjs`)) problems.push(`@img/sharp-${target}/index.cjs, through which sharp loads its machine code, is missing`);
  for (const name of needed) if (!names.some((each) => each.toLowerCase() === name.toLowerCase())) problems.push(`${name} is missing`);
  const binaries = names.filter((name) => /\.(node|dll|dylib|so)(\.\d+)*$/.test(name)).map((name) => name.replace(`${native}/`, ''));
  for (const pattern of machineCode[target]) if (!binaries.some((name) => pattern.test(name))) problems.push(`nothing matches ${pattern.source}`);
  const binding = `extension/dist/native/${target}/tfjs_binding.node`; // where the project has built it
  for (const name of binaries) if (name !== binding && !machineCode[target].some((pattern) => pattern.test(name))) problems.push(`${name} is of another platform, or of a package that is not expected`);
  for (const name of names) if (/\.(map|ts)$|(^|\/)(test|src)\//.test(name.replace(`${native}/`, ''))) problems.push(`${name} is not needed at run time`);
  const { size } = statSync(vsix);
  if (size > packageBudget) problems.push(`it has ${megabytes(size)} MB, at most ${megabytes(packageBudget)}`);
  if (problems.length > 0) throw new Error(`${vsix}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
