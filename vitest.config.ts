import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The ES modules of tfjs, as in the bundle: gradients and backends must register with one and the same copy.
  resolve: { alias: [{ find: /^@tensorflow\/(tfjs-core|tfjs-backend-cpu)$/, replacement: '@tensorflow/$1/dist/index.js' }] },
  ssr: { noExternal: [/@tensorflow/] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores, and the engine uses both: test files run one after another, each in a process of its own.
    pool: 'forks',
    maxWorkers: 1,
    deps: { optimizer: { ssr: { enabled: true, include: ['@tensorflow/tfjs-core/dist/index.js', '@tensorflow/tfjs-core/dist/register_all_gradients.js', '@tensorflow/tfjs-backend-cpu/dist/index.js'] } } },
  },
});
