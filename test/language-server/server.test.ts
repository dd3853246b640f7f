import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CodeActionRequest,
  CodeLensRequest,
  CompletionRequest,
  DefinitionRequest,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DocumentFormattingRequest,
  DocumentLinkRequest,
  DocumentSymbolRequest,
  FileChangeType,
  FoldingRangeRequest,
  HoverRequest,
  InlayHintRequest,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  SemanticTokensRequest,
  CancellationTokenSource,
  type CompletionItem,
  type DocumentSymbol,
  type InitializeResult,
  type InlayHint,
} from 'vscode-languageserver/node';
import { Editor } from './client.ts';

const image = 'x';
const dataset = Object.fromEntries(
  ['a', 'b', 'c', 'd'].flatMap((stem) => [
    [`ORSSD/images/${stem}.jpg`, image],
    [`ORSSD/labels/${stem}.png`, image],
  ]),
);
const base = 'experiment: base\ndataset: { root: ORSSD }\nstages:\n  teacher: { model: { name: pspnet, backbone: resnet18, width: 0.1 }, resolution: 64 }\ntraining: { optimizer: { learningRate: 1.0e-3 }, batchSize: 2 }\n';
const top = `extends: base.scrkd.yaml
experiment: top
stages:
  student:
    model: { name: pspnet, backbone: resnet18, width: 0.1 }
    resolution: 32
    distill: { from: teacher, method: scrkd }
`;
const run = (id: string) => ({
  'run.json': { v: 1, id, launch: id, experiment: 'top', stage: 'student', stageKey: 'k', parents: {}, config: {}, dataset: { root: '/d', fingerprint: 'f', counts: {} }, engine: { name: 'onnxruntime', device: 'cpu', threads: 1, versions: {} }, createdAt: '2025-01-01T00:00:00Z' },
  'state.json': { v: 1, state: 'stopped', attempt: 1, epoch: 1, epochs: 2, step: 3, stepsPerEpoch: 3, pid: 1, bootId: '', processStart: '', host: 'h', heartbeat: '2025-01-01T00:00:00Z' },
});

const textOf = ({ label }: InlayHint): string => (typeof label === 'string' ? label : label.map(({ value }) => value).join(''));

let editor: Editor;
let result: InitializeResult;

beforeAll(async () => {
  const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const runs = Object.fromEntries(Object.entries(run(id)).map(([name, content]) => [`runs/top/student-${id}/${name}`, JSON.stringify(content)]));
  ({ editor, result } = await Editor.start({ ...dataset, 'ORSSD/train.txt': 'a\nb\nc\n', 'ORSSD/test.txt': 'd\n', 'base.scrkd.yaml': base, 'top.scrkd.yaml': top, ...runs }, { docs: 'https://example.org/docs', retriggerCommand: 'again' }));
  await editor.open('top.scrkd.yaml', top);
});

afterAll(() => editor[Symbol.asyncDispose]());

test('the server says what it can do', () => {
  expect(result.serverInfo?.name).toBe('scrkd');
  expect(Object.keys(result.capabilities).length).toBeGreaterThan(12);
});

describe('an open config', () => {
  test('has no findings when it is right', async () => {
    expect(await editor.findings('top.scrkd.yaml')).toEqual([]);
  });

  test('has a hover with the value in effect', async () => {
    const hover = await editor.connection.sendRequest(HoverRequest.type, editor.at('top.scrkd.yaml', 5, 6));
    expect(JSON.stringify(hover)).toContain('In effect: `32`');
  });

  test('has symbols, folds, links and tokens', async () => {
    const { textDocument } = editor.at('top.scrkd.yaml', 0, 0);
    const symbols = (await editor.connection.sendRequest(DocumentSymbolRequest.type, { textDocument })) as DocumentSymbol[];
    expect(symbols.map(({ name }) => name)).toEqual(['extends', 'experiment', 'stages']);
    expect(await editor.connection.sendRequest(FoldingRangeRequest.type, { textDocument })).toHaveLength(2);
    const links = await editor.connection.sendRequest(DocumentLinkRequest.type, { textDocument });
    expect(links?.map(({ target }) => target)).toEqual([editor.uri('base.scrkd.yaml')]);
    const tokens = await editor.connection.sendRequest(SemanticTokensRequest.type, { textDocument });
    expect(tokens?.data.length).toBeGreaterThan(50);
    expect((tokens?.data.length ?? 0) % 5).toBe(0);
  });

  test('leads to the stage that teaches, in the file that it extends', async () => {
    expect(await editor.connection.sendRequest(DefinitionRequest.type, editor.at('top.scrkd.yaml', 6, 24))).toEqual([{ uri: editor.uri('base.scrkd.yaml'), range: { start: { line: 3, character: 2 }, end: { line: 3, character: 9 } } }]);
    expect(await editor.connection.sendRequest(ReferencesRequest.type, { ...editor.at('top.scrkd.yaml', 6, 24), context: { includeDeclaration: false } })).toHaveLength(1);
  });

  test('renames a stage in both files, and refuses a name that is taken', async () => {
    expect(await editor.connection.sendRequest(PrepareRenameRequest.type, editor.at('top.scrkd.yaml', 6, 24))).toMatchObject({ placeholder: 'teacher' });
    const edit = await editor.connection.sendRequest(RenameRequest.type, { ...editor.at('top.scrkd.yaml', 6, 24), newName: 'guide' });
    expect(Object.keys(edit?.changes ?? {}).sort()).toEqual([editor.uri('base.scrkd.yaml'), editor.uri('top.scrkd.yaml')]);
    await expect(editor.connection.sendRequest(RenameRequest.type, { ...editor.at('top.scrkd.yaml', 3, 4), newName: 'teacher' })).rejects.toThrow("already a 'teacher'");
  });

  test('can be started, and its stopped run resumed', async () => {
    const lenses = await editor.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri: editor.uri('top.scrkd.yaml') } });
    expect(lenses?.map(({ command }) => command?.title)).toEqual(['Start Distillation', 'Dry Run', 'Resume', 'Open Last Run', 'Start', 'Dry Run', 'Resume', 'Open Last Run']);
    expect(lenses?.[4]?.command).toMatchObject({ command: 'scrkd.start', arguments: [{ config: path.join(editor.folder, 'top.scrkd.yaml'), stage: 'student' }] });
  });

  test('shows figures of its networks once they are traced', async () => {
    const ask = () => editor.connection.sendRequest(InlayHintRequest.type, { textDocument: { uri: editor.uri('top.scrkd.yaml') }, range: { start: { line: 0, character: 0 }, end: { line: 20, character: 0 } } });
    let hints = await ask();
    while (hints?.some((hint) => textOf(hint).includes('MACs')) !== true) {
      const before = editor.refreshes;
      await editor.until(() => (editor.refreshes > before ? true : undefined));
      hints = await ask();
    }
    expect(hints.map(textOf)).toContain('16 · 8 · 4 · 2 · 1');
    expect(hints.map(textOf)).toContainEqual(expect.stringMatching(/^1 step an epoch, about [\d.]+ MB$/));
  });
});

describe('while a person types', () => {
  test('changes arrive piece by piece, findings link to their explanation and have fixes', async () => {
    const line = '    distill: { from: teecher, method: scrkd }';
    await editor.change('top.scrkd.yaml', { range: { start: { line: 6, character: 0 }, end: { line: 6, character: 50 } }, text: line });
    const [finding] = await editor.findings('top.scrkd.yaml', (codes) => codes.includes('unknown-teacher'));
    expect(finding).toMatchObject({ code: 'unknown-teacher', source: 'scrkd', codeDescription: { href: 'https://example.org/docs/diagnostics.md#unknown-teacher' }, range: { start: { line: 6, character: 21 }, end: { line: 6, character: 28 } } });
    const actions = await editor.connection.sendRequest(CodeActionRequest.type, { textDocument: { uri: editor.uri('top.scrkd.yaml') }, range: finding!.range, context: { diagnostics: [finding!] } });
    expect(actions).toMatchObject([{ title: "Replace by 'teacher'", kind: 'quickfix', isPreferred: true, edit: { changes: { [editor.uri('top.scrkd.yaml')]: [{ newText: 'teacher' }] } } }]);
  });

  test('completions know stages of other files, and ask to go on', async () => {
    await editor.change('top.scrkd.yaml', { text: `${top}  more:\n    distill: { from: }\n    \n` });
    const names = (await editor.connection.sendRequest(CompletionRequest.type, editor.at('top.scrkd.yaml', 8, 21))) as CompletionItem[];
    expect(names.map(({ label }) => label)).toEqual(['student', 'teacher']);
    const keys = (await editor.connection.sendRequest(CompletionRequest.type, editor.at('top.scrkd.yaml', 9, 4))) as CompletionItem[];
    expect(keys[0]).toMatchObject({ label: 'model', sortText: '0000', command: { command: 'again' }, textEdit: { newText: 'model: ', range: { start: { line: 9, character: 4 }, end: { line: 9, character: 4 } } } });
  });

  test('datasets on the disk are proposed', async () => {
    await editor.change('top.scrkd.yaml', { text: `${top}dataset: { root:  }\n` });
    const folders = (await editor.connection.sendRequest(CompletionRequest.type, editor.at('top.scrkd.yaml', 7, 17))) as CompletionItem[];
    expect(folders.map(({ label }) => label)).toEqual(['ORSSD/']);
  });

  test('an untidy text is put in order', async () => {
    await editor.change('top.scrkd.yaml', { text: 'experiment:   x\n' });
    expect(await editor.connection.sendRequest(DocumentFormattingRequest.type, { textDocument: { uri: editor.uri('top.scrkd.yaml') }, options: { tabSize: 2, insertSpaces: true } })).toMatchObject([{ newText: 'experiment: x\n' }]);
  });
});

test('what is wrong in an extended file is shown where it is extended, and goes when the file is corrected', async () => {
  writeFileSync(path.join(editor.folder, 'base.scrkd.yaml'), base.replace('batchSize: 2', 'batchSize: many'));
  await editor.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [{ uri: editor.uri('base.scrkd.yaml'), type: FileChangeType.Changed }] });
  await editor.change('top.scrkd.yaml', { text: top });
  const [finding] = await editor.findings('top.scrkd.yaml', (codes) => codes.includes('wrong-type'));
  expect(finding).toMatchObject({ range: { start: { line: 0, character: 9 } }, relatedInformation: [{ location: { uri: editor.uri('base.scrkd.yaml'), range: { start: { line: 4 } } } }] });
  writeFileSync(path.join(editor.folder, 'base.scrkd.yaml'), base);
  await editor.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [{ uri: editor.uri('base.scrkd.yaml'), type: FileChangeType.Changed }] });
  expect(await editor.findings('top.scrkd.yaml', (codes) => codes.length === 0)).toEqual([]);
});

test('an unsaved change of an extended file counts', async () => {
  await editor.open('base.scrkd.yaml', base.replace('ORSSD', 'GONE'));
  const found = await editor.findings('base.scrkd.yaml', (codes) => codes.includes('dataset-missing'));
  expect(found.map(({ code }) => code)).toEqual(['dataset-missing']);
  await editor.change('top.scrkd.yaml', { text: `${top}# changed\n` });
  await editor.findings('top.scrkd.yaml', (codes) => codes.includes('dataset-missing'));
  await editor.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri: editor.uri('base.scrkd.yaml') } });
  expect(await editor.findings('base.scrkd.yaml', (codes) => codes.length === 0)).toEqual([]);
});

test('a text that was never saved has completions as well', async () => {
  const uri = 'untitled:Untitled-1';
  await editor.connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'scrkd', version: 1, text: 'pre' } });
  const items = (await editor.connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position: { line: 0, character: 3 } })) as CompletionItem[];
  expect(items.map(({ label }) => label)).toContain('preset');
});

// A named pipe that nobody writes to is a file that never answers, as on a network folder that hangs.
test.skipIf(process.platform === 'win32')('a file that hangs stops nobody from typing', async () => {
  execFileSync('mkfifo', [path.join(editor.folder, 'hangs.scrkd.yaml')]);
  const text = 'extends: hangs.scrkd.yaml\nexperiment: waits\npre\n';
  await editor.open('waits.scrkd.yaml', text);
  const keys = (await editor.connection.sendRequest(CompletionRequest.type, editor.at('waits.scrkd.yaml', 2, 3))) as CompletionItem[];
  expect(keys.map(({ label }) => label)).toContain('preset');
  // A request that waits for the file can be taken back.
  const source = new CancellationTokenSource();
  const hover = editor.connection.sendRequest(HoverRequest.type, editor.at('waits.scrkd.yaml', 1, 3), source.token);
  source.cancel();
  await expect(hover).rejects.toThrow('Cancelled');
  const found = await editor.findings('waits.scrkd.yaml', (codes) => codes.includes('file-unreadable'));
  expect(found).toContainEqual(expect.objectContaining({ message: expect.stringContaining('does not answer') as string }));
  // What could not be known is found out when the file answers at last.
  writeFileSync(path.join(editor.folder, 'hangs.scrkd.yaml'), base);
  await editor.findings('waits.scrkd.yaml', (codes) => !codes.includes('file-unreadable'));
});
