/** The folder that `npm start` opens: a dataset, a config, and an experiment that is already trained. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Made once, in about a minute on two cores; returns its path. What a person changed in it stays. */
export function exampleWorkspace(root: string): string {
  const folder = join(root, '.vscode-test/example');
  const config = join(folder, 'demo.scrkd.yaml');
  mkdirSync(folder, { recursive: true });
  const scrkd = (...args: string[]): void => {
    const { status, error } = spawnSync(process.execPath, [join(root, '.vscode-test/package/dist/cli.js'), ...args], { cwd: folder, stdio: 'inherit' });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`scrkd ${args.join(' ')} ended with code ${String(status)}.`);
  };
  if (!existsSync(config)) copyFileSync(join(root, 'scripts/demo/demo.scrkd.yaml'), config);
  if (!existsSync(join(folder, 'data/train.txt'))) scrkd('dataset', 'synth', 'data', '--train', '120', '--test', '40', '--size', '160');
  if (!existsSync(join(folder, 'runs'))) {
    console.log('Training the example, a few minutes, once; Ctrl-C leaves it unfinished …');
    scrkd('run', 'demo.scrkd.yaml');
  }
  return folder;
}
