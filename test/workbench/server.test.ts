import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { describeInVSCode, until } from './support.ts';

const root = resolve(import.meta.dirname, '../..');

/** A test run in small: starts VS Code, says its process id, and waits to be killed. */
const run = (version: string): string => `
import { startServer } from './scripts/vscode/server.ts';
const server = await startServer({ version: '${version}', data: process.argv[2] });
console.log(server.pid);
setInterval(() => undefined, 1000);
`;

describeInVSCode('a test run that is killed', (version) => {
  test('leaves no process of VS Code behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scrkd-killed-'));
    try {
      const script = join(folder, 'run.mjs');
      await build({ stdin: { contents: run(version), resolveDir: root, loader: 'ts' }, outfile: script, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error', banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" } });
      const killed = spawn(process.execPath, [script, join(folder, 'data')], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(createInterface({ input: killed.stdout }), 'line')) as [string];
      const server = Number(line);
      expect(isThere(server)).toBe(true);
      killed.kill('SIGKILL');
      await until('the end of every process of the server', () => !isThere(server));
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}, { isLong: true });

/** Whether anybody of the process group is left. */
function isThere(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch {
    return false;
  }
}
