// Bundles a TypeScript entry into dist/, where the decoding worker is, and runs it: `node scripts/run.mjs scripts/parity/main.ts ARGUMENTS …`.
import { build } from 'esbuild';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [entry] = process.argv.splice(2, 1);
const outfile = resolve(import.meta.dirname, '../dist', `${entry.replace(/[^a-z0-9]+/gi, '-')}.mjs`);
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  // Native addons, and tools that load files of their own.
  external: ['onnxruntime-node', 'sharp', 'playwright-core', 'esbuild', '@vscode/vsce', '@vscode/test-electron'],
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});
await import(pathToFileURL(outfile).href);
