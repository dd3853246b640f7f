/**
 * `npm run verify-gpu [-- --python PYTHON]`: what a GPU computes, and how fast, on this machine. Needs Node and the repository with its
 * packages, and a driver for Vulkan, Direct3D 12 or Metal; with a Python that has PyTorch with CUDA and safetensors, PyTorch takes
 * turns on the same card. Each part is a process of its own, because a driver may take its process with it.
 *
 * 1. `device: webgpu`: loss terms, gradients and AdamW steps of the fixtures, to 1e-3.
 * 2. Where TensorFlow is installed with NVIDIA's libraries (`scrkd engine install`): the same on it, to 1e-4.
 * 3. The full SCRKD step (PSPNet-ResNet-50, 224 → 112, batch 8): its time, its loss terms against PyTorch's.
 */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installationIn, isInstalled } from '../../src/engine/tensorflow/installation.ts';
import { cacheDirectory } from '../../src/runs/device-queue.ts';

const { values } = parseArgs({ options: { python: { type: 'string' }, device: { type: 'string', default: 'webgpu' }, rounds: { type: 'string', default: '10' } } });
const root = resolve(import.meta.dirname, '..');

/** What the first part ends with where there is no GPU. */
const noGpu = 3;

function part(title: string, args: readonly string[]): Promise<boolean> {
  console.log(`\n## ${title}\nnode ${args.join(' ')}`);
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    child.once('error', () => done(false));
    child.once('close', (code, signal) => {
      if (signal !== null) console.log(`The process was ended by ${signal}.`);
      if (code === noGpu) process.exit(noGpu); // it has said so
      done(code === 0);
    });
  });
}

const parity = ['scripts/run.mjs', 'scripts/parity/main.ts', 'test/fixtures/parity/default-rule.json'];
const verdicts: [string, boolean][] = [];
verdicts.push([`fixtures on ${values.device}`, await part(`Fixtures on ${values.device}`, [...parity, '--device', values.device, '--tolerance', '1e-3'])]);
if (isInstalled(installationIn(cacheDirectory(), 'cuda'))) {
  verdicts.push(['TensorFlow computes on the GPU', await part('TensorFlow', ['dist/cli.js', 'engine', 'probe', '--gpu'])]);
  verdicts.push(['fixtures on TensorFlow', await part('Fixtures on TensorFlow', [...parity, '--engine', 'tensorflow', '--tolerance', '1e-4'])]);
}
const peers = values.python === undefined ? [] : ['--python', values.python, ...(values.device === 'cpu' ? [] : ['--cuda'])];
verdicts.push(['the full step', await part('The full step', ['bench/run.mjs', 'step', '--device', values.device, '--rounds', values.rounds, ...peers])]);
console.log(`\n${verdicts.map(([what, works]) => `${works ? '✓' : '✗'} ${what}`).join('\n')}`);
process.exitCode = verdicts.every(([, works]) => works) ? 0 : 1;
