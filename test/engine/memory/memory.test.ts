/** The estimate of a step's memory against what processes take, and the order of nodes that it assumes against a profile. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InputSpecs, StepFunction } from '../../../src/engine/engine.ts';
import { writeModel } from '../../../src/engine/onnx/model.ts';
import { profileFor } from '../../../src/engine/onnxruntime.ts';
import { runOrder } from '../../../src/engine/trace/liveness.ts';
import { trace } from '../../../src/engine/trace/trace.ts';
import { testsAll } from '../../vscode.ts';
import { traced, uniform } from '../support.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scrkd-memory-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the estimated memory', () => {
  const root = join(import.meta.dirname, '../../..');
  /** Of a process that holds little else, both ways. */
  const factor = 1.6;
  let bundle: string;

  beforeAll(async () => {
    bundle = join(folder, 'child.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'child.ts')], outfile: bundle, bundle: true, format: 'esm', platform: 'node', target: 'node20', mainFields: ['module', 'main'],
      alias: { 'onnxruntime-node': join(root, 'node_modules/onnxruntime-node/dist/index.js') }, external: [join(root, 'node_modules/onnxruntime-node/*')],
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" }, logLevel: 'warning',
    });
  });

  const rest = testsAll ? [['convolutions', 'lean'], ['weights', 'fast']] : [];
  it.each([['convolutions', 'fast'], ['weights', 'lean'], ...rest])('is that of a process: %s, %s', async (network, profile) => {
    const { stdout } = await promisify(execFile)(process.execPath, [bundle, network, profile]);
    const { estimated, measured } = JSON.parse(stdout) as { estimated: number; measured: number };
    const told = `estimated ${(estimated / 2 ** 20).toFixed(0)} MiB, measured ${(measured / 2 ** 20).toFixed(0)}`;
    expect(measured / estimated, told).toBeLessThan(factor);
    expect(measured / estimated, told).toBeGreaterThan(1 / factor);
  });

  it('assumes the order in which onnxruntime runs', async () => {
    const step: StepFunction = ({ x, w }) => {
      const { value, grads } = tf.valueAndGrads((a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(tf.sigmoid(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D)), tf.sin(tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D)))))([x!, w!]);
      return { value, dx: tf.square(grads[0]!), dw: tf.exp(grads[1]!) };
    };
    const inputs: InputSpecs = { x: { kind: 'feed', shape: [4, 4] }, w: { kind: 'feed', shape: [4, 4] } };
    const { order: written } = writeModel(trace(step, inputs), { asMade: true });
    const expected = runOrder(written).map((node) => `${node.operation}_${written.indexOf(node)}`);
    await using program = await traced.compile(step, inputs, { expectedRuns: 1, profilePrefix: join(folder, 'profile') });
    await program.run({ x: uniform('x', [4, 4]), w: uniform('w', [4, 4]) });
    await program.dispose(); // writes the profile
    const file = (await readdir(folder)).find((name) => name.startsWith('profile'))!;
    const events = JSON.parse(await readFile(join(folder, file), 'utf8')) as { name: string; cat: string; ts: number }[];
    const ran = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time')).sort((a, b) => a.ts - b.ts).map(({ name }) => name.replace('_kernel_time', ''));
    expect(ran).toEqual(expected);
    expect(ran).not.toEqual(expected.toSorted((a, b) => Number(a.split('_')[1]) - Number(b.split('_')[1]))); // which is not the order of the file
  });
});

describe('memory: auto', () => {
  // About what a full step takes (bench/README.md), with much and with little beside it.
  it.each([[6e9, 8e9, 'fast'], [6e9, 6.5e9, 'lean']] as const)('a step of %d bytes where %d are free: %s', (need, free, profile) => {
    expect(profileFor(need, free)).toBe(profile);
  });
});
