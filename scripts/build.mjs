// Bundles the command line and its worker into dist/. `--watch` rebuilds on change; `--minify` and `--clean` for packaging:
// without the latter old chunks stay, so that a training that is running can still load its own.
import { build, context } from 'esbuild';
import { rm } from 'node:fs/promises';

const options = {
  entryPoints: { cli: 'src/cli/main.ts', 'decode-worker': 'src/data/decode-worker.ts', 'language-server': 'src/language-server/main.ts', 'network-worker': 'src/cli/network-worker.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true, // a command loads only the code it needs
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'], // one copy of tfjs-core: its ES modules
  sourcemap: true,
  minify: process.argv.includes('--minify'),
  // Native addons stay packages of their own; everything else is bundled.
  external: ['onnxruntime-node', 'sharp', 'vscode'],
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
};

if (process.argv.includes('--watch')) {
  const watching = await context(options);
  await watching.watch();
} else {
  if (process.argv.includes('--clean')) await rm('dist', { recursive: true, force: true });
  await build(options);
}
