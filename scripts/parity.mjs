// Bundles scripts/parity/main.ts and runs it: `node scripts/parity.mjs FILE.json [--salt S] [--only NAME]`.
import { build } from 'esbuild';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const outfile = resolve(import.meta.dirname, '../out/parity.mjs');
await build({
  entryPoints: [resolve(import.meta.dirname, 'parity/main.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  external: ['onnxruntime-node'],
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});
await import(pathToFileURL(outfile).href);
