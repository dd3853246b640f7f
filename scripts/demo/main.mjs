// `npm run demo`: makes a small dataset in demo/, trains a teacher, an undistilled baseline and an SCRKD student on it, prints their
// table and writes a contact sheet. Running it again reuses what is done.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'demo');

function scrkd(...args) {
  const { status } = spawnSync(process.execPath, [join(root, 'dist/cli.js'), ...args], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

mkdirSync(folder, { recursive: true });
copyFileSync(join(import.meta.dirname, 'demo.scrkd.yaml'), join(folder, 'demo.scrkd.yaml'));
console.log('Demonstration size, not a result: a small backbone on small synthetic scenes.\n');
if (!existsSync(join(folder, 'data/train.txt'))) scrkd('dataset', 'synth', 'data', '--train', '120', '--test', '40', '--size', '160');
scrkd('run', 'demo.scrkd.yaml');
console.log(`\nRun folders, curves and captures: ${relative(process.cwd(), join(folder, 'runs/demo'))}`);
