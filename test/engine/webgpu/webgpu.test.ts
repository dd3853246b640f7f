/** `device: webgpu` on a software Vulkan, in a process of its own; see scripts/software-vulkan. Takes minutes: `npm run test:all`. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const driver = process.env['VK_DRIVER_FILES'];
const isWanted = process.env['SCRKD_TEST_ALL'] === '1';
const reason = !isWanted ? 'only in npm run test:all' : driver === undefined || !existsSync(driver) ? 'VK_DRIVER_FILES names no Vulkan driver (scripts/software-vulkan/install.sh)' : undefined;

interface Comparison {
  readonly terms: readonly { readonly cpu: Record<string, number>; readonly gpu: Record<string, number> }[];
  readonly unbroken: Record<string, number>;
  readonly continued: Record<string, number>;
}

describe.skipIf(reason !== undefined)(`webgpu${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  const root = join(import.meta.dirname, '../../..');
  let bundle: string;

  beforeAll(async () => {
    bundle = join(await mkdtemp(join(tmpdir(), 'scrkd-webgpu-')), 'child.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'child.ts')], outfile: bundle, bundle: true, format: 'esm', platform: 'node', target: 'node20', mainFields: ['module', 'main'],
      alias: { 'onnxruntime-node': join(root, 'node_modules/onnxruntime-node/dist/index.js') }, external: [join(root, 'node_modules/onnxruntime-node/*')],
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" }, logLevel: 'warning',
    });
  });
  afterAll(() => rm(join(bundle, '..'), { recursive: true, force: true }));

  const child = async (what: string): Promise<unknown> => JSON.parse((await promisify(execFile)(process.execPath, [bundle, what])).stdout);

  test('computes the steps of the CPU, and goes on from a checkpoint as if nothing had been', async () => {
    const { terms, unbroken, continued } = (await child('compare')) as Comparison;
    for (const [i, { cpu, gpu }] of terms.entries()) {
      for (const [name, value] of Object.entries(cpu)) expect(Math.abs(gpu[name]! / value - 1), `${name}, step ${i + 1}`).toBeLessThan(i === 0 ? 1e-5 : 1e-3);
    }
    expect(continued).toEqual(unbroken);
  }, 900_000);

  test('keeps its memory flat over a hundred steps', async () => {
    const { 20: early, 100: late } = (await child('memory')) as Record<number, number>;
    expect(late! - early!).toBeLessThan(60);
  }, 900_000);
});
