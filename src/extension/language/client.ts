/**
 * The editor's side of the language server: a bundle of its own (`dist/language-client.cjs`), because its library is larger than
 * the rest of the extension and is needed only once a config is open.
 */
import * as vscode from 'vscode';
import { CodeLensRequest, LanguageClient, State, TransportKind, type LanguageClientOptions, type Middleware } from 'vscode-languageclient/node';
import type { ServerOptions } from '../../protocol/language-server.ts';

export type ClientState = 'starting' | 'running' | 'stopped';

export interface ClientOptions {
  /** Path of `language-server.js`. */
  readonly server: string;
  readonly log: vscode.LogOutputChannel;
  readonly initialization: ServerOptions;
  readonly onState: (state: ClientState) => void;
  /** Asked for each answer, so that a changed setting acts at once. */
  readonly shows: { lenses(): boolean; hints(): boolean };
  /** Turns a lens as the server says it into what the extension's commands take. */
  readonly lens: (lens: vscode.CodeLens) => vscode.CodeLens;
  /** Where a finding's code leads. */
  readonly explanation: (code: string) => vscode.Uri;
}

export interface Client {
  start(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
  request<Answer>(method: string, params: object, token?: vscode.CancellationToken): Promise<Answer>;
  notify(method: string): Promise<void>;
  onNotification(method: string, listener: () => void): void;
  /** Lenses are asked for again. */
  refreshLenses(): void;
}

const states: Readonly<Record<State, ClientState>> = { [State.Starting]: 'starting', [State.StartFailed]: 'stopped', [State.Running]: 'running', [State.Stopped]: 'stopped' };

export function createClient({ server, log, initialization, onState, shows, lens, explanation }: ClientOptions): Client {
  const middleware: Middleware = {
    provideCodeLenses: async (document, token, next) => (shows.lenses() ? (await next(document, token))?.map(lens) : []),
    provideInlayHints: (document, range, token, next) => (shows.hints() ? next(document, range, token) : []),
    handleDiagnostics: (uri, diagnostics, next) => {
      for (const diagnostic of diagnostics) {
        if (typeof diagnostic.code === 'string') diagnostic.code = { value: diagnostic.code, target: explanation(diagnostic.code) };
      }
      next(uri, diagnostics);
    },
  };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: 'file', language: 'scrkd' },
      { scheme: 'untitled', language: 'scrkd' },
    ],
    initializationOptions: initialization,
    outputChannel: log,
    middleware,
  };
  // The same Node as the extension host's, over IPC. In Electron `fork` makes a Node of it.
  const client = new LanguageClient('scrkd', 'SCRKD', { module: server, transport: TransportKind.ipc }, options);
  client.onDidChangeState(({ newState }) => onState(states[newState]));
  return {
    start: () => client.start(),
    restart: () => client.restart(),
    stop: () => client.dispose(),
    request: (method, params, token) => client.sendRequest(method, params, token),
    notify: (method) => client.sendNotification(method),
    onNotification: (method, listener) => void client.onNotification(method, listener),
    refreshLenses: () => {
      for (const document of vscode.workspace.textDocuments) client.getFeature(CodeLensRequest.method).getProvider(document)?.onDidChangeCodeLensEmitter.fire();
    },
  };
}
