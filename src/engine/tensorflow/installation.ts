/** Where the optional engine lives in the user's cache, and exactly what it is made of. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A release of TensorFlow's CPU build; one wheel serves all, because nothing of it is run by Python. */
export const wheel = {
  name: 'tensorflow-cpu',
  version: '2.21.0',
  python: '3.12',
  platform: 'manylinux_2_27_x86_64',
  sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
  megabytes: 274,
} as const;

/** tfjs's kernels for TensorFlow; its own addon is pinned to a TensorFlow of 2022 and is not used. */
export const kernels = { name: '@tensorflow/tfjs-node', version: '4.22.0' } as const;

/** Our build of the addon (scripts/tensorflow-binding). It finds TensorFlow's libraries in its own folder. */
export const binding = {
  file: 'tfjs_binding.node',
  sha256: '19744a3fb222ddd7e9097826ebc3d7ff9e6d54bf2046b446c997a4a109ae7ce7',
} as const;

/** What this platform is called among the builds of the addon. */
export const supportedPlatform = 'linux-x64';

export interface Installation {
  readonly folder: string;
  readonly kernels: string;
  /** The wheel's packages. */
  readonly packages: string;
  readonly binding: string;
  /** Written last: an installation without it was interrupted. */
  readonly done: string;
}

/** @param cache the user's cache folder */
export function installationIn(cache: string): Installation {
  const folder = join(cache, 'engines', `tensorflow-${wheel.version}-tfjs-${kernels.version}`);
  const packages = join(folder, 'packages');
  return { folder, kernels: join(folder, 'node_modules', kernels.name, 'dist'), packages, binding: join(packages, 'tensorflow', binding.file), done: join(folder, 'done.json') };
}

export function isInstalled({ done }: Installation): boolean {
  return existsSync(done);
}
