import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** tfjs, its gradients and its CPU backend as one module, made by test/global-setup.ts: hundreds of files need not be loaded by every test file. */
const tfjs = resolve(import.meta.dirname, 'dist/test/tfjs.mjs');

export default defineConfig({
  resolve: { alias: [{ find: /^@tensorflow\/(tfjs-core|tfjs-core\/dist\/register_all_gradients\.js|tfjs-backend-cpu)$/, replacement: tfjs }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // Generous: a machine that is busy with other work is slow, not wrong.
    testTimeout: 400_000,
    hookTimeout: 400_000,
    // Two cores, and the engine uses both: test files run one after another, each in a process of its own.
    pool: 'forks',
    maxWorkers: 1,
    server: { deps: { external: [/dist\/test\/tfjs\.mjs/] } },
  },
});
