/** `scrkd engine` on a machine with an NVIDIA GPU, which is played: nvidia-smi, npm and pip are scripts that write down what they are asked for. */
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { builds, installationIn, isInstalled, supportedPlatform } from '../../src/engine/tensorflow/installation.ts';
import { cacheDirectory } from '../../src/runs/device-queue.ts';
import { scratchFolder, scrkd, type Ended } from '../training/support.ts';
import { testsAll } from '../vscode.ts';

const isSupported = `${process.platform}-${process.arch}` === supportedPlatform;

describe.skipIf(!isSupported)('scrkd engine, where nvidia-smi answers', () => {
  const folder = scratchFolder();
  const tools = join(folder, 'tools');
  const asked = join(folder, 'asked');
  const play = (name: string, script: string): void => {
    writeFileSync(join(tools, name), `#!/bin/sh\nset -e\n${script}\n`);
    chmodSync(join(tools, name), 0o755);
  };
  /** The command line with the played tools first on its path. */
  const played = async (...args: string[]): Promise<Ended> => {
    const before = process.env['PATH'];
    process.env['PATH'] = `${tools}${delimiter}${before ?? ''}`;
    try {
      return await scrkd(folder, ...args);
    } finally {
      process.env['PATH'] = before;
    }
  };

  beforeAll(() => {
    mkdirSync(tools);
    play('nvidia-smi', 'echo "NVIDIA Played 9000"');
    play('npm', 'mkdir -p node_modules/@tensorflow/tfjs-node/dist');
    // Its wheels hold libraries of no bytes: they are there, and do not load.
    play('python3', `
requirements= target=
while [ $# -gt 0 ]; do
  case "$1" in -r) requirements=$2 ;; --target) target=$2 ;; esac
  shift
done
[ -n "$target" ] || { echo pip 25.3; exit; }
cat "$requirements" >> '${asked}'
mkdir -p "$target/tensorflow" "$target/pip"
: > "$target/tensorflow/libtensorflow_cc.so.2"
: > "$target/tensorflow/libtensorflow_framework.so.2"`);
  });

  test("install asks for NVIDIA's libraries, tries that build, and says why it does not work", async () => {
    const { code, stderr } = await played('engine', 'install');
    expect(code).toBe(exitCodes.failed);
    expect(stderr).toMatch(/Found NVIDIA Played 9000: .* not been verified on hardware yet/);
    for (const { name, version, sha256 } of builds.cuda.wheels) expect(readFileSync(asked, 'utf8')).toContain(`${name}==${version} --hash=sha256:${sha256}\n`);
    const installation = installationIn(join(folder, 'cache'), 'cuda');
    expect(stderr).toContain(`TensorFlow was installed in ${installation.folder} but does not work`);
    expect(stderr).toContain(`TensorFlow did not load from ${installation.binding}`);
    expect(isInstalled(installation)).toBe(false);
  });

  test('--cpu leaves the GPU alone', async () => {
    rmSync(asked);
    const { stderr } = await played('engine', 'install', '--cpu');
    expect(stderr).not.toContain('NVIDIA');
    expect(readFileSync(asked, 'utf8')).toContain('tensorflow-cpu==');
    expect(stderr).toContain(`TensorFlow did not load from ${installationIn(join(folder, 'cache'), 'cpu').binding}`);
  });
});

const real = installationIn(cacheDirectory());
const missing = !testsAll ? 'only in npm run test:all' : isInstalled(real) ? undefined : 'TensorFlow is not installed: scrkd engine install';

/** The CPU's libraries in the place of NVIDIA's: what TensorFlow then says of a GPU is real, what a GPU would say is played. */
describe.skipIf(missing !== undefined)(`scrkd engine probe --gpu${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const folder = scratchFolder();
  const installation = installationIn(join(folder, 'cache'), 'cuda');

  beforeAll(() => {
    const modules = join(installation.folder, 'node_modules');
    mkdirSync(join(modules, '@tensorflow'), { recursive: true });
    symlinkSync(real.packages, installation.packages);
    const own = dirname(real.kernels); // is copied, because one of the tests changes it; the rest is looked up where it lies
    const others = [...readdirSync(join(real.folder, 'node_modules')), ...readdirSync(dirname(own)).map((name) => join('@tensorflow', name))];
    for (const name of others) {
      const source = join(real.folder, 'node_modules', name);
      if (source !== own && source !== dirname(own)) symlinkSync(source, join(modules, name));
    }
    cpSync(own, dirname(installation.kernels), { recursive: true });
    writeFileSync(installation.done, readFileSync(real.done));
  });

  test('without a driver: says what is needed, and training goes on on the CPU', async () => {
    const { code, stderr } = await scrkd(folder, 'engine', 'probe', '--gpu');
    expect(code).toBe(exitCodes.failed);
    expect(stderr).toContain('TensorFlow finds no GPU that it can use. It needs an NVIDIA GPU and the driver r525 or later');
    const doctor = await scrkd(folder, 'doctor', '--json');
    const choice = (JSON.parse(doctor.stdout) as { name: string; detail: string }[]).find(({ name }) => name === 'engine')!.detail;
    expect(choice).toMatch(/^onnxruntime on CPU.*because TensorFlow does not work: TensorFlow finds no GPU/);
  });

  test('with one that TensorFlow uses: it computes, is named as unverified, and `engine: auto` takes it', async () => {
    const backend = join(installation.kernels, 'nodejs_kernel_backend.js');
    const source = readFileSync(backend, 'utf8');
    writeFileSync(backend, `${source}\nconst Found = exports.NodeJSKernelBackend;\nexports.NodeJSKernelBackend = class extends Found { constructor(...given) { super(...given); this.isUsingGpuDevice = true; } };\n`);
    const probe = await scrkd(folder, 'engine', 'probe', '--gpu');
    expect(probe.code, probe.stderr).toBe(exitCodes.ok);
    expect(probe.stdout).toMatch(/TensorFlow 2\.21\.0 on NVIDIA GPU \(not yet verified on hardware\) computes correctly/);
    const doctor = await scrkd(folder, 'doctor', '--json');
    expect((JSON.parse(doctor.stdout) as { name: string; detail: string }[]).find(({ name }) => name === 'engine')!.detail).toMatch(/^tensorflow on NVIDIA GPU \(not yet verified on hardware\): it was installed for this GPU/);
  });
});
