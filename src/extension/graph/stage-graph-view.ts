/** The host's side of the stage graph: asks the language server, tells the panel, and goes where the panel says. */
import * as vscode from 'vscode';
import { messageOf, unreachable } from '../../base/errors.ts';
import { stageGraphRequest, type GraphStage, type GraphToHost, type GraphToPanel, type StageGraph, type StageGraphParams } from '../../protocol/graph.ts';
import type { Host } from '../host.ts';
import { languageId, type Language } from '../language/language.ts';
import { panelHtml, panelResources } from '../panels/html.ts';

/** Milliseconds without a change before the graph is drawn again. */
const typingDelay = 200;

export class StageGraphView implements vscode.Disposable {
  readonly #language: Language;
  readonly #panel: vscode.WebviewPanel;
  readonly #log: vscode.LogOutputChannel;
  readonly #listeners: vscode.Disposable[] = [];
  #config: vscode.Uri | undefined;
  #stages: readonly GraphStage[] = [];
  #timer: NodeJS.Timeout | undefined;
  #asking: vscode.CancellationTokenSource | undefined;

  constructor(host: Host, language: Language, panel: vscode.WebviewPanel, config: vscode.Uri | undefined) {
    this.#language = language;
    this.#panel = panel;
    this.#log = host.log;
    this.#config = config;
    panel.webview.options = { enableScripts: true, localResourceRoots: panelResources(host.extensionUri) };
    this.#listeners.push(
      panel.webview.onDidReceiveMessage((message: GraphToHost) => void this.#receive(message)),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor?.document.languageId === languageId) this.show(editor.document.uri);
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (this.#isShown(textEditor.document)) this.#tellCursor();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.#isShown(document)) this.#later(typingDelay);
      }),
      language.onDidChange(() => this.#later(0)),
    );
    panel.webview.html = panelHtml(panel.webview, host.extensionUri, 'graph');
  }

  /** Shows another config's graph. */
  show(config: vscode.Uri): void {
    if (this.#config?.toString() === config.toString()) return;
    this.#config = config;
    this.#later(0);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#asking?.cancel();
    for (const listener of this.#listeners) listener.dispose();
  }

  #isShown(document: vscode.TextDocument): boolean {
    return document.uri.toString() === this.#config?.toString();
  }

  #later(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#draw(), delay);
  }

  async #draw(): Promise<void> {
    const config = this.#config;
    if (config === undefined) {
      this.#post({ type: 'empty', reason: 'no-config' });
      return;
    }
    this.#asking?.cancel();
    const asking = (this.#asking = new vscode.CancellationTokenSource());
    try {
      await vscode.workspace.openTextDocument(config); // the server knows open texts alone
      const graph = await this.#language.request<StageGraph | null>(stageGraphRequest, { uri: config.toString() } satisfies StageGraphParams, asking.token);
      if (asking.token.isCancellationRequested) return;
      const file = config.path.slice(config.path.lastIndexOf('/') + 1);
      this.#panel.title = vscode.l10n.t('Stages of {0}', file);
      this.#stages = graph?.stages ?? [];
      if (graph === null || graph.stages.length === 0) {
        this.#post({ type: 'empty', reason: 'no-stages', detail: file });
      } else {
        this.#post({ type: 'graph', file, uri: config.toString(), graph });
        this.#tellCursor();
      }
    } catch (error) {
      // A text that changed meanwhile is asked about again; a server that cannot be asked says so.
      if (asking.token.isCancellationRequested || isChangedContent(error)) return;
      this.#log.warn(`stage graph: ${messageOf(error)}`);
      this.#post({ type: 'empty', reason: 'no-server', detail: messageOf(error) });
    } finally {
      asking.dispose();
      if (this.#asking === asking) this.#asking = undefined;
    }
  }

  #tellCursor(): void {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => this.#isShown(document));
    const line = editor?.selection.active.line;
    const stage = line === undefined ? undefined : this.#stages.find(({ lines }) => lines !== undefined && lines.first <= line && line <= lines.last);
    this.#post({ type: 'cursor', ...(stage && { stage: stage.name }) });
  }

  async #receive(message: GraphToHost): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.#draw();
      case 'reveal':
        return this.#reveal(message.stage);
      case 'open-config':
        return void vscode.commands.executeCommand('workbench.action.quickOpen', '.scrkd.yaml');
      default:
        return unreachable(message);
    }
  }

  async #reveal(name: string): Promise<void> {
    const lines = this.#stages.find((stage) => stage.name === name)?.lines;
    if (this.#config === undefined || lines === undefined) return;
    const shown = vscode.window.visibleTextEditors.find(({ document }) => this.#isShown(document));
    const column = shown?.viewColumn ?? vscode.ViewColumn.One;
    const range = new vscode.Range(lines.first, 0, lines.first, 0);
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(this.#config), { viewColumn: column });
    const at = new vscode.Position(lines.first, editor.document.lineAt(lines.first).firstNonWhitespaceCharacterIndex);
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  #post(message: GraphToPanel): void {
    void this.#panel.webview.postMessage(message);
  }
}

/** LSP's `ContentModified` and `RequestCancelled`. */
function isChangedContent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && (error.code === -32801 || error.code === -32800);
}
