/** Connects the config service to an editor. */
import * as l10n from '@vscode/l10n';
import {
  CodeActionKind,
  DidChangeWatchedFilesNotification,
  LSPErrorCodes,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type CancellationToken,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { messageOf } from '../base/errors.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { complete } from '../config/service/completion.ts';
import { fileEdit, offsetAt, spanRange, type ConfigDocument } from '../config/service/document.ts';
import { codeActions } from '../config/service/fixes.ts';
import { formatting } from '../config/service/format.ts';
import { inlayHints } from '../config/service/hints.ts';
import { hoverAt } from '../config/service/hover.ts';
import { codeLenses } from '../config/service/lenses.ts';
import { documentLinks } from '../config/service/links.ts';
import { definitions, references, rename, RenameError, targetAt } from '../config/service/references.ts';
import { documentSymbols, foldingRanges } from '../config/service/symbols.ts';
import { semanticTokens, tokenModifiers, tokenTypes } from '../config/service/tokens.ts';
import { Configs, pathOf } from './configs.ts';
import { actionOf, completionOf, fileUri, foldOf, hintOf, lensOf, symbolOf, tokenData, workspaceEdit } from './convert.ts';
import { Disk } from './disk.ts';
import { Findings } from './findings.ts';
import { NetworkThread } from './network-thread.ts';
import { graphChangedNotification, stageGraphRequest, type StageGraph, type StageGraphParams } from '../protocol/graph.ts';
import { refreshNotification, type ServerOptions } from '../protocol/language-server.ts';
import { stageGraph } from './stage-graph.ts';

/** Milliseconds. */
const typingDelay = 150;
const answersDelay = 50;
const diskPatience = 700;
const diskLifetime = 3000;

export function startServer(connection: Connection): void {
  const texts = new TextDocuments(TextDocument);
  let options: ServerOptions = {};
  let roots: readonly string[] = [];
  let supports = { lenses: false, hints: false, watching: false };

  /** What was asked of the disk or of networks has another answer now. Answers that come one after another are taken together. */
  let rechecking: NodeJS.Timeout | undefined;
  const recheck = (): void => {
    configs.forget();
    rechecking ??= setTimeout(recheckNow, answersDelay);
  };
  const recheckNow = (): void => {
    rechecking = undefined;
    for (const uri of texts.keys()) findings.schedule(uri);
    void connection.sendNotification(graphChangedNotification);
    if (supports.lenses) void connection.sendRequest('workspace/codeLens/refresh').catch(() => undefined);
    if (supports.hints) void connection.languages.inlayHint.refresh().catch(() => undefined);
  };
  const networks = new NetworkThread(recheck);
  const disk = new Disk({
    patience: diskPatience,
    lifetime: diskLifetime,
    onLate: recheck,
    roots: () => roots,
    networks,
    openText: (file) => {
      const uri = configs.uriOfOpen(file);
      return uri === undefined ? undefined : texts.get(uri)?.getText();
    },
  });
  const configs: Configs = new Configs((uri) => texts.get(uri), disk);
  const findings = new Findings({ connection, configs, delay: typingDelay, docs: () => options.docs });

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    options = (params.initializationOptions ?? {}) as ServerOptions;
    roots = (params.workspaceFolders ?? []).map(({ uri }) => pathOf(uri));
    const { workspace } = params.capabilities;
    supports = {
      lenses: workspace?.codeLens?.refreshSupport ?? false,
      hints: workspace?.inlayHint?.refreshSupport ?? false,
      watching: workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false,
    };
    return { capabilities, serverInfo: { name: 'scrkd' } };
  });
  connection.onInitialized(() => {
    if (supports.watching) void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: '**/*.scrkd.{yaml,yml}' }] });
  });
  connection.onShutdown(() => {
    clearTimeout(rechecking);
    findings[Symbol.dispose]();
    networks[Symbol.dispose]();
  });

  texts.onDidChangeContent(({ document }) => findings.schedule(document.uri));
  texts.onDidSave(() => {
    disk.forget();
    recheck();
  });
  texts.onDidClose(({ document }) => {
    configs.close(document.uri);
    findings.clear(document.uri);
  });
  connection.onDidChangeWatchedFiles(() => {
    disk.forget();
    recheck();
  });
  connection.onNotification(refreshNotification, () => {
    disk.forget();
    recheck();
  });

  /** Answers for a config's current text; nothing when it is not open, or when nobody waits any more. */
  const onConfig = async <T>(uri: string, token: CancellationToken, answer: (document: ConfigDocument) => T | Promise<T>): Promise<Awaited<T> | undefined> => {
    const document = configs.document(uri);
    if (document === undefined) return undefined;
    const result = await answer(document);
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, l10n.t('Cancelled.'));
    return result;
  };
  /** The same with what the text means. A text that changed meanwhile is asked about again by the editor. */
  const onResolved = <T>(uri: string, token: CancellationToken, answer: (document: ConfigDocument, resolved: ResolvedConfig) => Promise<T>) =>
    onConfig(uri, token, async (document) => {
      const resolved = await configs.resolved(uri);
      if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, l10n.t('Cancelled.'));
      if (resolved === undefined || configs.document(uri) !== document) throw new ResponseError(LSPErrorCodes.ContentModified, l10n.t('The text has changed.'));
      return answer(document, resolved);
    });
  const uriOf = (file: string): string => configs.uriOfOpen(file) ?? fileUri(file);

  connection.onCompletion(({ textDocument: { uri }, position }, token) =>
    onConfig(uri, token, async (document) => {
      const completions = await complete({ document, providers: disk, known: configs.lastTree(uri) }, offsetAt(document, position));
      return completions.map((completion) => completionOf(completion, options.retriggerCommand));
    }),
  );
  connection.onHover(({ textDocument: { uri }, position }, token) =>
    onResolved(uri, token, async (document, resolved) => {
      const hover = await hoverAt({ document, resolved, providers: disk }, offsetAt(document, position));
      return hover && { contents: { kind: 'markdown' as const, value: hover.text }, range: hover.range };
    }),
  );
  connection.onCodeAction(({ textDocument: { uri }, range, context }, token) =>
    onResolved(uri, token, async (document, resolved) => {
      const actions = (await codeActions({ document, resolved }, range, disk)).map((action) => actionOf(action, uriOf, options.docs));
      return context.only === undefined ? actions : actions.filter(({ kind }) => context.only?.some((wanted) => kind === wanted || kind.startsWith(`${wanted}.`)));
    }),
  );
  connection.onCodeLens(({ textDocument: { uri } }, token) => onResolved(uri, token, async (document, resolved) => (await codeLenses(document, resolved, disk)).map(lensOf)));
  connection.languages.inlayHint.on(({ textDocument: { uri }, range }, token) =>
    onResolved(uri, token, async (document, resolved) => {
      const hints = await inlayHints(document, resolved, disk);
      return hints.filter(({ position }) => position.line >= range.start.line && position.line <= range.end.line).map(hintOf);
    }),
  );
  connection.onDocumentSymbol(({ textDocument: { uri } }, token) => onConfig(uri, token, (document) => documentSymbols(document).map(symbolOf)));
  connection.onFoldingRanges(({ textDocument: { uri } }, token) => onConfig(uri, token, (document) => foldingRanges(document).map(foldOf)));
  connection.onDocumentLinks(({ textDocument: { uri } }, token) => onConfig(uri, token, (document) => documentLinks(document).map(({ range, target }) => ({ range, target: fileUri(target) }))));
  connection.onDocumentFormatting(({ textDocument: { uri } }, token) =>
    onConfig(uri, token, (document) => formatting(document).map((change) => { const { range, newText } = fileEdit(document, change); return { range, newText }; })),
  );
  connection.languages.semanticTokens.on(async ({ textDocument: { uri } }, token) => ({ data: (await onConfig(uri, token, (document) => tokenData(semanticTokens(document)))) ?? [] }));
  connection.onDefinition(({ textDocument: { uri }, position }, token) =>
    onConfig(uri, token, async (document) => (await definitions(document, offsetAt(document, position), disk)).map(({ file, range }) => ({ uri: uriOf(file), range }))),
  );
  connection.onReferences(({ textDocument: { uri }, position, context }, token) =>
    onConfig(uri, token, async (document) => {
      const found = await references(document, offsetAt(document, position), disk);
      return found.filter(({ isDefinition }) => context.includeDeclaration || !isDefinition).map(({ file, range }) => ({ uri: uriOf(file), range }));
    }),
  );
  connection.onPrepareRename(({ textDocument: { uri }, position }, token) =>
    onConfig(uri, token, (document) => {
      const target = targetAt(document, offsetAt(document, position));
      return target === undefined || target.kind === 'file' ? null : { range: spanRange(document, target.span), placeholder: target.name };
    }),
  );
  connection.onRenameRequest(({ textDocument: { uri }, position, newName }, token) =>
    onConfig(uri, token, async (document) => {
      try {
        return workspaceEdit(await rename(document, offsetAt(document, position), newName, disk), uriOf);
      } catch (error) {
        if (error instanceof RenameError) throw new ResponseError(LSPErrorCodes.RequestFailed, messageOf(error));
        throw error;
      }
    }),
  );

  connection.onRequest(stageGraphRequest, ({ uri }: StageGraphParams, token: CancellationToken): Promise<StageGraph | undefined> =>
    onResolved(uri, token, (document, resolved) => stageGraph(document, resolved, disk)),
  );

  texts.listen(connection);
  connection.listen();
}

const capabilities: InitializeResult['capabilities'] = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  completionProvider: { triggerCharacters: [':', ' ', '{', '[', ',', '#', '/', '*', '-', '"', "'"] },
  hoverProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite] },
  codeLensProvider: {},
  inlayHintProvider: true,
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  documentLinkProvider: {},
  documentFormattingProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
  semanticTokensProvider: { legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] }, full: true },
};
