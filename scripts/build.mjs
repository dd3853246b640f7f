// Bundles everything that runs into dist/: the command line with its workers, the extension host, and the panels.
// `--watch` rebuilds on change. Packaging builds with `--minify` into a folder of its own, `--outdir FOLDER`: in dist/ old chunks
// stay, so that a training that is running can still load its own.
import { build, context } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chmod, copyFile, cp, mkdir } from 'node:fs/promises';

const minify = process.argv.includes('--minify');
const outdirAt = process.argv.indexOf('--outdir');
const outdir = outdirAt === -1 ? 'dist' : process.argv[outdirAt + 1];
const common = { bundle: true, sourcemap: true, minify, logLevel: 'warning' };

/** Processes of their own: the trainer and other commands, workers, the language server. */
const processes = {
  ...common,
  entryPoints: { cli: 'src/cli/main.ts', 'decode-worker': 'src/data/decode-worker.ts', inspector: 'src/inspector/main.ts', 'language-server': 'src/language-server/main.ts', 'network-worker': 'src/cli/network-worker.ts' },
  outdir,
  splitting: true, // a command loads only the code it needs
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'], // one copy of tfjs-core: its ES modules
  // Native addons stay packages of their own; everything else is bundled.
  external: ['onnxruntime-node', 'sharp', 'vscode'],
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
};

/** A part of the extension that is loaded only when it is needed: `import('./client.ts')` there loads the bundle. */
const lazyParts = { 'language-client': 'src/extension/language/client.ts' };

const loadLazily = {
  name: 'lazy-parts',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      const name = kind === 'dynamic-import' && Object.keys(lazyParts).find((part) => resolve(lazyParts[part]) === resolve(resolveDir, path));
      return name ? { path: `./${name}.cjs`, external: true } : undefined;
    });
  },
};

const extension = {
  ...common,
  entryPoints: { extension: 'src/extension/main.ts', ...lazyParts },
  plugins: [loadLazily],
  supported: { 'dynamic-import': false }, // `require`, in which VS Code answers for 'vscode'
  outdir,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  external: ['vscode'],
};

/** Every folder of webview/ with a main.ts is a panel; style sheets that it imports become one beside its script. */
const panels = readdirSync('webview').filter((name) => existsSync(`webview/${name}/main.ts`));
const webviews = {
  ...common,
  entryPoints: Object.fromEntries(panels.map((name) => [name, `webview/${name}/main.ts`])),
  outdir: `${outdir}/webview`,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
};

/** The icon font of the panels, TensorFlow's addon, and what starts `scrkd` in a terminal. */
async function copyFiles() {
  await mkdir(`${outdir}/webview`, { recursive: true });
  for (const file of ['codicon.css', 'codicon.ttf']) await copyFile(`node_modules/@vscode/codicons/dist/${file}`, `${outdir}/webview/${file}`);
  await cp('src/engine/tensorflow/native', `${outdir}/native`, { recursive: true });
  await mkdir(`${outdir}/bin`, { recursive: true });
  for (const file of ['scrkd', 'scrkd.cmd']) await copyFile(`scripts/launcher/${file}`, `${outdir}/bin/${file}`);
  await chmod(`${outdir}/bin/scrkd`, 0o755);
}

await copyFiles();
for (const options of [processes, extension, ...(panels.length > 0 ? [webviews] : [])]) {
  if (process.argv.includes('--watch')) await (await context(options)).watch();
  else await build(options);
}
