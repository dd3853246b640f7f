/**
 * The config language in a config of 1,000 lines: what a person waits for while typing, and the start of its server.
 *
 * `node bench/run.mjs language [--rounds 20]` after `npm run build`
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { createProtocolConnection, ShutdownRequest, ExitNotification, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { resolveExperiment } from '../src/config/resolve.ts';
import { complete } from '../src/config/service/completion.ts';
import { configDocument } from '../src/config/service/document.ts';
import { hoverAt } from '../src/config/service/hover.ts';
import { semanticTokens } from '../src/config/service/tokens.ts';
import { row, summarise, takeTurn, type Turn } from './timing.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);
const lines = 1000;

/** Chains of three stages, written out. */
function longConfig(): string {
  const head = ['version: 1', 'experiment: long', 'dataset: { root: ./data }', 'stages:'];
  const stage = (name: string, resolution: number, teacher?: string): string[] => [
    `  ${name}:`,
    '    model: { name: pspnet, backbone: resnet50, width: 1 }',
    `    resolution: ${resolution}`,
    ...(teacher === undefined ? [] : ['    distill:', `      from: ${teacher}`, '      method: scrkd', '      weights: { mvcd: 1, msfd: 1, dsd: 10 }', '      temperature: 1']),
    '    training:',
    '      epochs: 100',
    '      optimizer: { name: adamw, learningRate: 2.0e-5, weightDecay: 1.0e-4 }',
  ];
  const text = [...head];
  for (let chain = 0; text.length < lines - 30; chain++) {
    text.push(...stage(`teacher${chain}`, 448), ...stage(`assistant${chain}`, 224, `teacher${chain}`), ...stage(`student${chain}`, 112, `assistant${chain}`));
  }
  while (text.length < lines) text.push('  # a comment of a careful person');
  return `${text.join('\n')}\n`;
}

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const turns: Turn[] = [];
  for (let round = 0; round <= rounds; round++) {
    const turn = await takeTurn(work, () => undefined);
    if (round > 0) turns.push(turn);
  }
  console.log(row(name, summarise(turns), 1));
}

/** From the start of the process to its answer to `initialize`. */
async function startServer(): Promise<void> {
  const server = spawn(process.execPath, ['dist/language-server.js', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  connection.listen();
  await connection.sendRequest('initialize', { processId: process.pid, workspaceFolders: null, capabilities: {} });
  void connection.sendRequest(ShutdownRequest.type).then(() => connection.sendNotification(ExitNotification.type));
  await new Promise((done) => server.once('close', done));
}

const text = longConfig();
const document = configDocument('/long.scrkd.yaml', text);
const resolved = await resolveExperiment({ text, path: document.path });
const at = text.indexOf('method: scrkd') + 'method: '.length;
console.log(`${lines} lines, ${resolved.draft?.stages.length ?? 0} stages, ${rounds} rounds\n`);
console.log('| What | ms, median (min) | CPU ms | cores busy elsewhere |\n|---|---|---|---|');
await measure('completion of a value (goal 20)', async () => complete({ document: configDocument(document.path, text), providers: {}, known: resolved.tree }, at));
await measure('completion of a key (goal 20)', async () => complete({ document: configDocument(document.path, text), providers: {}, known: resolved.tree }, text.indexOf('    resolution:') + 4));
await measure('diagnostics (goal 50)', async () => resolveExperiment({ text, path: document.path }));
await measure('hover', async () => hoverAt({ document, resolved, providers: {} }, at));
await measure('semantic tokens', () => Promise.resolve(semanticTokens(configDocument(document.path, text))));
await measure('start of the server', startServer);
