/**
 * `npm start [-- --port 8130] [--folder FOLDER]`: the packaged extension in the real VS Code, in a browser, without installing anything.
 * The workspace is an example with a synthetic dataset, its config and one finished experiment; `--folder` opens another.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installedExtension } from '../package/packaged.ts';
import { vscodeVersions, type VSCodeVersion } from '../vscode/fetch-server.ts';
import { startServer } from '../vscode/server.ts';
import { windowAddress } from '../vscode/workbench.ts';
import { exampleWorkspace } from './example-workspace.ts';

const root = process.cwd();
const { values } = parseArgs({ options: { port: { type: 'string', default: '8130' }, folder: { type: 'string' }, vscode: { type: 'string', default: vscodeVersions[0] } } });
const version = vscodeVersions.find((each): each is VSCodeVersion => each === values.vscode);
if (version === undefined) throw new Error(`Unknown version "${values.vscode}" of VS Code; expected one of ${vscodeVersions.join(', ')}.`);
const port = Number(values.port);
if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`--port: found "${values.port}", expected a number from 1 to 65535.`);
if (values.folder !== undefined && !existsSync(values.folder)) throw new Error(`--folder: there is no folder ${values.folder}.`);

console.log('Packaging the extension …');
const extensions = await installedExtension(root, version);
const workspace = values.folder === undefined ? exampleWorkspace(root) : resolve(values.folder);
const server = await startServer({ version, port, extensions, data: resolve('.vscode-test/start') });
console.log(`\nSCRKD in VS Code ${version}:\n\n    ${windowAddress(server, workspace)}\n\nOnly this machine can open it. Ctrl-C ends it; trainings go on.`);

const ended = new Promise<void>((done) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done());
});
await ended;
await server[Symbol.asyncDispose]();
process.exit(0);
