import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';

const tfjs = `
export * from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-cpu';
`;

/** Tests of the command line and of the decoding workers run the bundle, as users do. */
export default async function setup(): Promise<void> {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  await build({
    stdin: { contents: tfjs, resolveDir: process.cwd() },
    outfile: 'dist/test/tfjs.mjs',
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}
