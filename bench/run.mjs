// Bundles bench/NAME.ts and runs it: `node bench/run.mjs step --python PYTHON`.
import { build } from 'esbuild';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [name] = process.argv.splice(2, 1);
if (!['step', 'metrics', 'inspector', 'extension', 'language', 'dashboard'].includes(name)) {
  console.error('Say which: node bench/run.mjs step|metrics|inspector|extension|language|dashboard [options]');
  process.exit(2);
}
const outfile = resolve(import.meta.dirname, `../out/bench-${name}.mjs`);
await build({
  // What runs in a panel's page has the page's types.
  entryPoints: [resolve(import.meta.dirname, ['inspector', 'dashboard'].includes(name) ? `webview/${name}.ts` : `${name}.ts`)],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  external: ['onnxruntime-node', 'playwright-core', 'sharp'],
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});
await import(pathToFileURL(outfile).href);
