/** Where the optional engine lives in the user's cache, and exactly what it is made of. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface PinnedWheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

export const tensorflowVersion = '2.21.0';

/** The CPU build, or TensorFlow with NVIDIA's libraries. */
export type BuildName = 'cpu' | 'cuda';

export interface Build {
  readonly wheels: readonly PinnedWheel[];
  /** To be fetched. */
  readonly megabytes: number;
}

/**
 * What is fetched for each. The list of `cuda` is what pip resolves `tensorflow[and-cuda]` to, without what only Python needs: nothing
 * of it is run by Python, so that one wheel serves all.
 */
export const builds: Readonly<Record<BuildName, Build>> = {
  cpu: { wheels: [{ name: 'tensorflow-cpu', version: tensorflowVersion, sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb' }], megabytes: 274 },
  cuda: {
    wheels: [
      { name: 'tensorflow', version: tensorflowVersion, sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0' },
      { name: 'nvidia-cublas-cu12', version: '12.9.3.13', sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72' },
      { name: 'nvidia-cuda-cupti-cu12', version: '12.8.90', sha256: 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182' },
      { name: 'nvidia-cuda-nvcc-cu12', version: '12.9.86', sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0' },
      { name: 'nvidia-cuda-nvrtc-cu12', version: '12.9.86', sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4' },
      { name: 'nvidia-cuda-runtime-cu12', version: '12.9.79', sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3' },
      { name: 'nvidia-cudnn-cu12', version: '9.28.0.42', sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375' },
      { name: 'nvidia-cufft-cu12', version: '11.4.1.4', sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28' },
      { name: 'nvidia-curand-cu12', version: '10.3.10.19', sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e' },
      { name: 'nvidia-cusolver-cu12', version: '11.7.5.82', sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88' },
      { name: 'nvidia-cusparse-cu12', version: '12.5.10.65', sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78' },
      { name: 'nvidia-nccl-cu12', version: '2.32.3', sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c' },
      { name: 'nvidia-nvjitlink-cu12', version: '12.9.86', sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9' },
    ],
    megabytes: 3400,
  },
};

/** Which of a release's wheels are meant, whatever Python and system fetch them. */
export const wheelTags = { python: '3.12', platforms: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux_2_12_x86_64', 'manylinux2010_x86_64'] } as const;

/** A pip that goes on with a broken download (from 25.1 on) and tells its progress to programs. */
export const pip: PinnedWheel = { name: 'pip', version: '25.3', sha256: '9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd' };

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
  readonly build: BuildName;
  readonly folder: string;
  readonly kernels: string;
  /** The wheels' packages. */
  readonly packages: string;
  readonly binding: string;
  /** Written last: an installation without it was interrupted. */
  readonly done: string;
}

/** @param cache the user's cache folder */
export function installationIn(cache: string, build: BuildName = 'cpu'): Installation {
  const folder = join(cache, 'engines', `tensorflow-${tensorflowVersion}-tfjs-${kernels.version}${build === 'cpu' ? '' : `-${build}`}`);
  const packages = join(folder, 'packages');
  return { build, folder, kernels: join(folder, 'node_modules', kernels.name, 'dist'), packages, binding: join(packages, 'tensorflow', binding.file), done: join(folder, 'done.json') };
}

export function isInstalled({ done }: Installation): boolean {
  return existsSync(done);
}

/** The installation that is there, the one with NVIDIA's libraries before the other; where there is none, the CPU's, which is missing. */
export function installedIn(cache: string): Installation {
  const cuda = installationIn(cache, 'cuda');
  return isInstalled(cuda) ? cuda : installationIn(cache);
}
