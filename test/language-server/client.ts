/** A small editor: talks to the bundled language server over its standard streams. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, mkdirSync, realpathSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  type TextDocumentContentChangeEvent,
} from 'vscode-languageserver/node';
import type { ServerOptions } from '../../src/protocol/language-server.ts';

export class Editor implements AsyncDisposable {
  readonly folder: string;
  readonly connection: ProtocolConnection;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #findings = new Map<string, Diagnostic[]>();
  readonly #waiting = new Set<() => void>();
  readonly #versions = new Map<string, number>();

  private constructor(folder: string) {
    this.folder = folder;
    this.#process = spawn(process.execPath, ['dist/language-server.js', '--stdio']);
    this.connection = createProtocolConnection(new StreamMessageReader(this.#process.stdout), new StreamMessageWriter(this.#process.stdin));
    this.connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.#findings.set(uri, diagnostics);
      this.#changed();
    });
    for (const refresh of ['workspace/codeLens/refresh', 'workspace/inlayHint/refresh']) {
      this.connection.onRequest(refresh, () => {
        this.refreshes += 1;
        this.#changed();
        return null;
      });
    }
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.listen();
  }

  /** How often the server said that lenses or hints are to be asked for again. */
  refreshes = 0;

  /** Starts a server on a new folder with these files. */
  static async start(files: Readonly<Record<string, string>> = {}, options: ServerOptions = {}): Promise<{ editor: Editor; result: InitializeResult }> {
    const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'scrkd-server-')));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    const editor = new Editor(folder);
    const result = await editor.connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'test' }],
      capabilities: { workspace: { codeLens: { refreshSupport: true }, inlayHint: { refreshSupport: true }, didChangeWatchedFiles: { dynamicRegistration: true } } },
      initializationOptions: options,
    });
    await editor.connection.sendNotification(InitializedNotification.type, {});
    return { editor, result };
  }

  uri(name: string): string {
    return pathToFileURL(path.join(this.folder, name)).href;
  }

  async open(name: string, text: string): Promise<void> {
    this.#versions.set(name, 1);
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: { uri: this.uri(name), languageId: 'scrkd', version: 1, text } });
  }

  async change(name: string, ...contentChanges: TextDocumentContentChangeEvent[]): Promise<void> {
    const version = (this.#versions.get(name) ?? 0) + 1;
    this.#versions.set(name, version);
    this.#findings.delete(this.uri(name));
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument: { uri: this.uri(name), version }, contentChanges });
  }

  at(name: string, line: number, character: number): { textDocument: { uri: string }; position: Position } {
    return { textDocument: { uri: this.uri(name) }, position: { line, character } };
  }

  /** The next findings of a file that are as wanted. */
  findings(name: string, isWanted: (codes: readonly string[]) => boolean = () => true): Promise<Diagnostic[]> {
    return this.until(() => {
      const found = this.#findings.get(this.uri(name));
      return found !== undefined && isWanted(found.map(({ code }) => String(code))) ? found : undefined;
    });
  }

  /** Waits for something that comes with a message of the server. */
  until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  #changed(): void {
    for (const check of [...this.#waiting]) check();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise<number | null>((resolve) => this.#process.once('exit', resolve));
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    const code = await ended;
    this.connection.dispose();
    rmSync(this.folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the server ended with ${String(code)}`);
  }
}
