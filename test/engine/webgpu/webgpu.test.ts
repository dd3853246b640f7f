/** `device: webgpu` on a software Vulkan, in a process of its own; see scripts/software-vulkan. Takes minutes: `npm run test:all`. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import fixture from '../../fixtures/webgpu/small-scrkd.json' with { type: 'json' };
import { reason, root, vulkanEnvironment } from './vulkan.ts';

interface Comparison {
  readonly terms: readonly { readonly cpu: Record<string, number>; readonly gpu: Record<string, number> }[];
  readonly unbroken: Record<string, number>;
  readonly continued: Record<string, number>;
}

type Megabytes = Readonly<Record<'resident' | 'heap' | 'external', number>>;
interface Holding {
  readonly early: Megabytes;
  readonly late: Megabytes;
  readonly state: number;
}

describe.skipIf(reason !== undefined)(`webgpu${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
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

  const child = async (what: string): Promise<unknown> => JSON.parse((await promisify(execFile)(process.execPath, ['--expose-gc', bundle, what], { env: vulkanEnvironment })).stdout);

  test('computes the steps of PyTorch and of the CPU, and goes on from a checkpoint as if nothing had been', async () => {
    const { terms, unbroken, continued } = (await child('compare')) as Comparison;
    // The first steps in PyTorch, in float64.
    for (const [i, expected] of fixture.steps.entries()) {
      for (const [name, value] of Object.entries(expected)) {
        const found = terms[i]!.gpu[name === 'total' ? name : `term/${name}`]!;
        expect(Math.abs(found / value - 1), `${name}, step ${i + 1}`).toBeLessThan(1e-3);
      }
    }
    for (const [i, { cpu, gpu }] of terms.entries()) {
      for (const [name, value] of Object.entries(cpu)) expect(Math.abs(gpu[name]! / value - 1), `${name}, step ${i + 1}`).toBeLessThan(i === 0 ? 1e-5 : 1e-3);
    }
    expect(continued).toEqual(unbroken);
  }, 900_000);

  test('keeps its memory flat over a hundred steps', async () => {
    const { early, late, state } = (await child('memory')) as Holding;
    // Eighty steps' states, had they stayed, would be ten times this.
    const most = (80 * state) / 10;
    for (const what of ['resident', 'heap', 'external'] as const) expect(late[what] - early[what], `${what}, MB: ${early[what]} after 20 steps, ${late[what]} after 100`).toBeLessThan(most);
  }, 900_000);
});
