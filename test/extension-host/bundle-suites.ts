import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles all suites; returns the path of the entry that VS Code requires. */
export async function bundleSuites(root: string): Promise<string> {
  const here = join(root, 'test/extension-host');
  const folder = join(here, 'suites');
  const outfile = join(root, 'out/test/extension-host.cjs');
  const suites = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'support.ts');
  await build({
    stdin: {
      contents: `import { runSuites } from './run-suites.ts';\nexport const run = () => runSuites(() => {\n${suites.map((name) => `  require('./suites/${name}');`).join('\n')}\n});`,
      resolveDir: here,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'], // mocha loads files of its own
    logLevel: 'warning',
  });
  return outfile;
}
