/** The dashboard's panel: a webview, the model that feeds it, and what its messages make VS Code do. */
import * as vscode from 'vscode';
import { messageOf, unreachable } from '../../base/errors.ts';
import type { DashboardView, FromDashboard, ToDashboard } from '../../protocol/dashboard.ts';
import { RunFolder } from '../../runs/run-folder.ts';
import type { Host } from '../host.ts';
import { panelHtml, panelResources } from '../panels/html.ts';
import { panelIcon } from '../panels/icon.ts';
import { curvesCsv, tableCsv } from './csv.ts';
import { DashboardModel } from './dashboard-model.ts';
import { pickRuns, type RunLister } from './pick-runs.ts';
import { configColumns } from './run-config.ts';

export const dashboardType = 'scrkd.dashboard';
/** Between two looks at the logs of runs that train; and at those that do not: someone may resume one. */
const liveEveryMs = 1_000;
const idleEveryMs = 5_000;

export class DashboardPanel implements vscode.Disposable {
  readonly #host: Host;
  readonly #list: RunLister;
  readonly #panel: vscode.WebviewPanel;
  readonly #model: DashboardModel;
  readonly #disposables: vscode.Disposable[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Whether the panel's script has said that it listens. */
  #ready = false;

  constructor(host: Host, panel: vscode.WebviewPanel, folders: readonly string[], list: RunLister) {
    this.#host = host;
    this.#list = list;
    this.#panel = panel;
    const { webview } = panel;
    this.#model = new DashboardModel((message) => this.#post(message), () => vscode.workspace.isTrusted);
    this.#model.show(folders);
    panel.iconPath = panelIcon(host, 'dashboard');
    webview.options = { enableScripts: true, localResourceRoots: panelResources(host.extensionUri) };
    this.#disposables.push(
      webview.onDidReceiveMessage((message: FromDashboard) => void this.#onMessage(message).catch((error: unknown) => this.#tell(error))),
      panel.onDidChangeViewState(() => this.#watch()),
      panel.onDidDispose(() => this.dispose()),
    );
    webview.html = panelHtml(webview, host.extensionUri, 'dashboard');
  }

  onDidDispose(listener: () => void): void {
    this.#disposables.push(this.#panel.onDidDispose(listener));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#model.dispose();
    for (const disposable of this.#disposables.splice(0)) disposable.dispose();
  }

  async #onMessage(message: FromDashboard): Promise<void> {
    switch (message.type) {
      case 'ready':
        // Also after the panel was hidden: VS Code throws its page away then.
        this.#ready = true;
        this.#model.forgetSent();
        await this.#refresh();
        return;
      case 'add-runs':
        this.#model.show([...this.#model.folders, ...(await pickRuns(this.#list, this.#model.folders))]);
        await this.#refresh();
        return;
      case 'remove-run':
        this.#model.show(this.#model.folders.filter((folder) => folder !== message.folder));
        await this.#refresh();
        return;
      case 'control':
        this.#model.control(message.folder, message.control);
        await this.#refresh();
        return;
      case 'open':
        await open(new RunFolder(message.folder), message.what);
        return;
      case 'start':
        await vscode.commands.executeCommand('scrkd.start');
        return;
      case 'export':
        await this.#export(message.what, message.source);
        return;
      default:
        unreachable(message);
    }
  }

  async #refresh(): Promise<void> {
    await this.#model.refresh();
    this.#panel.title = this.#model.experiment ?? vscode.l10n.t('SCRKD Dashboard');
    this.#watch();
  }

  /** Looks again after a while, as long as somebody sees it. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#ready || !this.#panel.visible) return;
    this.#timer = setTimeout(() => void this.#refresh().catch((error: unknown) => this.#host.log.error(messageOf(error))), this.#model.live ? liveEveryMs : idleEveryMs);
  }

  #post(message: ToDashboard): void {
    if (!this.#panel.visible) return;
    void this.#panel.webview.postMessage(message);
  }

  async #export(what: 'table' | 'curves', source: string | undefined): Promise<void> {
    const name = `${this.#model.experiment ?? 'runs'}-${what}.csv`;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const target = await vscode.window.showSaveDialog({
      filters: { CSV: ['csv'] },
      ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    });
    if (target === undefined) return;
    const { summaries } = this.#model;
    const text = what === 'table' ? tableCsv(summaries, configColumns(summaries.map(({ config }) => config)), source) : curvesCsv(this.#model.known);
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  }

  #tell(error: unknown): void {
    this.#host.log.error(messageOf(error));
    void vscode.window.showErrorMessage(messageOf(error));
  }
}

async function open(folder: RunFolder, what: 'config' | 'log' | 'folder'): Promise<void> {
  switch (what) {
    case 'config':
      await vscode.window.showTextDocument(vscode.Uri.file(folder.manifest));
      return;
    case 'log':
      await vscode.window.showTextDocument(vscode.Uri.file(folder.events));
      return;
    case 'folder':
      await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(folder.path));
      return;
    default:
      unreachable(what);
  }
}

/** The run folders of a kept state; none where it is of another form. */
export function foldersOf(state: unknown): string[] {
  const { version, folders } = (state ?? {}) as Partial<DashboardView>;
  return version === 1 && Array.isArray(folders) ? folders.filter((folder): folder is string => typeof folder === 'string') : [];
}
