/**
 * How long VS Code waits for the extension when it first needs it: loading its bundle and `activate()`, in the extension host of a real
 * VS Code, a new window each time: `npm run build && node bench/run.mjs activation [--rounds 5]`; needs Chromium.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { vscodeVersions } from '../scripts/vscode/fetch-server.ts';
import { startServer, type Server } from '../scripts/vscode/server.ts';
import { openTestWindow } from '../scripts/vscode/test-window.ts';
import { median } from './timing.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const root = process.cwd();
const { publisher, name } = JSON.parse(readFileSync('package.json', 'utf8')) as { publisher: string; name: string };
const marker = 'scrkd-activation ';
const folder = mkdtempSync(join(tmpdir(), 'scrkd-bench-'));

/** What VS Code runs in place of tests. The folder of the window is empty, so that nothing has woken the extension before. */
const entry = `
const { extensions } = require('vscode');
exports.run = async () => {
  const extension = extensions.getExtension('${publisher}.${name}');
  if (extension.isActive) throw new Error('The extension is active already.');
  const begin = performance.now();
  await extension.activate();
  console.log('${marker}' + (performance.now() - begin));
};`;

try {
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  const tests = join(folder, 'entry.cjs');
  writeFileSync(tests, entry);
  await using server = await startServer({ version: vscodeVersions[0], data: join(folder, 'data'), runsTests: true });
  const times: number[] = [];
  for (let round = 0; round <= Number(values.rounds); round++) {
    const milliseconds = await activation(server, workspace, tests);
    console.log(`window ${round}: ${milliseconds.toFixed(1)} ms${round === 0 ? ' (the files are read for the first time; not counted)' : ''}`);
    if (round > 0) times.push(milliseconds);
  }
  console.log(`activation: median ${median(times).toFixed(1)} ms, minimum ${Math.min(...times).toFixed(1)} ms`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Milliseconds of one activation in a new window. @throws Error when the window ends without an answer */
async function activation(server: Server, workspace: string, tests: string): Promise<number> {
  let answer: (milliseconds: number) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const said: string[] = [];
  const answered = new Promise<number>((resolve, reject) => ([answer, fail] = [resolve, reject]));
  await using _workbench = await openTestWindow(server, {
    workspace,
    extension: root,
    tests,
    onLine: (line) => {
      said.push(line);
      if (line.includes(marker)) answer(Number(line.slice(line.indexOf(marker) + marker.length)));
    },
    onExit: (code) => fail(new Error(`The window ended with ${code}:\n${said.slice(-20).join('\n')}`)),
  });
  return await answered; // the window stays open until then
}
