/** Files of an npm package for any platform: from node_modules where npm has installed it, else from the registry. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../../src/runs/device-queue.ts';
import type { NativePackage } from './targets.ts';

/** Copies what a package needs at run time to `folder/NAME/`. */
export async function copyNativePackage(wanted: NativePackage, root: string, folder: string): Promise<void> {
  const installed = join(root, 'node_modules', wanted.name);
  const from = existsSync(join(installed, 'package.json')) ? installed : await fetchPackage(wanted);
  const names = (await readdir(from, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(from.length + 1).replaceAll('\\', '/'));
  for (const name of names.filter((each) => wanted.keep(each))) {
    const to = join(folder, wanted.name, name);
    await mkdir(dirname(to), { recursive: true });
    await cp(join(from, name), to);
  }
}

/** Fetches a package into the user's cache, once. Its tarball is the one that package-lock.json promises, or it is refused. */
async function fetchPackage({ name, version, integrity }: NativePackage): Promise<string> {
  const parent = join(cacheDirectory(), 'npm-packages');
  const folder = join(parent, `${name.replace('/', '+')}@${version}`);
  if (existsSync(folder)) return join(folder, 'package');
  await mkdir(parent, { recursive: true });
  const temporary = await mkdtemp(join(parent, 'fetching-'));
  try {
    console.log(`Fetching ${name}@${version} …`);
    const [tarball] = run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', temporary]).trim().split('\n').slice(-1);
    const file = join(temporary, tarball!);
    const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    if (found !== integrity) throw new Error(`${name}@${version} from the registry is not the package of package-lock.json: found ${found}, expected ${integrity}.`);
    run('tar', ['-xzf', file, '-C', temporary]);
    await rm(file);
    await rename(temporary, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // else another process was faster
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return join(folder, 'package');
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', shell: process.platform === 'win32' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}
