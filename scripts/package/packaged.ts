/** The packaged extension of this machine's platform, made anew only when something of it has changed: for tests and for `npm start`. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lock } from '../../src/runs/lock.ts';
import type { VSCodeVersion } from '../vscode/fetch-server.ts';
import { installExtension } from '../vscode/server.ts';
import { targets } from './targets.ts';

/** Everything that packages are made of. */
const sources = ['src', 'webview', 'media', 'syntaxes', 'l10n', 'docs', 'scripts/build.mjs', 'scripts/launcher', 'scripts/package', 'package.json', 'package.nls.json', 'package-lock.json', 'README.md', 'CHANGELOG.md'];

/** Path of the `.vsix`. */
export async function packagedExtension(root: string): Promise<string> {
  const target = targets.find((each) => each === `${process.platform}-${process.arch}`);
  if (target === undefined) throw new Error(`There is no package for ${process.platform}-${process.arch}.`);
  const parent = join(root, '.vscode-test/packaged');
  const folder = join(parent, stampOf(root));
  return once(folder, async () => {
    for (const old of existsSync(parent) ? await readdir(parent) : []) if (!old.endsWith('.lock')) await rm(join(parent, old), { recursive: true, force: true });
    // In a process of its own: the packager is talkative, and changes its working folder.
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/run.mjs', 'scripts/package/main.ts', '--target', target, '--out', folder], { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`The extension was not packaged:\n${stdout}${stderr}`);
  }).then(() => join(folder, readdirSync(folder).find((name) => name.endsWith('.vsix'))!));
}

/** A folder of extensions in which VS Code has installed the package. */
export async function installedExtension(root: string, version: VSCodeVersion): Promise<string> {
  const vsix = await packagedExtension(root);
  const folder = join(vsix, '..', `installed-${version}`);
  await once(folder, () => installExtension(version, vsix, folder, `${folder}-data`));
  return folder;
}

/** Makes a folder that stands for finished work; of several processes one does it and the others wait. */
async function once(folder: string, work: () => Promise<void>): Promise<void> {
  const done = `${folder}.done`;
  await mkdir(join(folder, '..'), { recursive: true });
  let lock = Lock.tryAcquire(`${folder}.lock`);
  for (; !(lock instanceof Lock); lock = Lock.tryAcquire(`${folder}.lock`)) await sleep(200);
  try {
    if (existsSync(done)) return;
    await rm(folder, { recursive: true, force: true });
    await work();
    await writeFile(done, '');
  } finally {
    lock.release();
  }
}

/** Changes with every source file's size and time of change. */
function stampOf(root: string): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    const path = join(root, source);
    if (!existsSync(path)) continue;
    const files = statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort().map((name) => join(path, name)) : [path];
    for (const file of files) {
      const { mtimeMs, size } = statSync(file);
      hash.update(`${file}\0${mtimeMs}\0${size}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}
