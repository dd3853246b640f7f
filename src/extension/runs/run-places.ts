/** Where this window's runs lie: beside every config, where a workspace folder has them at its top, and where a setting says. */
import { dirname, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';

export const configPattern = '**/*.scrkd.{yaml,yml}';
/** Looked into by nobody: dependencies, and what trainings write. */
const excluded = '**/{node_modules,.git,captures,checkpoints,predictions}/**';
const mostConfigs = 1_000;

export async function findConfigs(): Promise<vscode.Uri[]> {
  const found = await vscode.workspace.findFiles(configPattern, excluded, mostConfigs);
  return found.filter(({ scheme }) => scheme === 'file').sort((a, b) => a.fsPath.localeCompare(b.fsPath));
}

/** Where the runs of a config go: the folder that `scrkd.runs.folder` names, relative to the config, or `runs` beside it. */
export function runsDirectoryOf(config: vscode.Uri): string {
  const folder = vscode.workspace.getConfiguration('scrkd', config).get<string>('runs.folder', '').trim();
  const beside = dirname(config.fsPath);
  if (folder === '') return join(beside, 'runs');
  return isAbsolute(folder) ? folder : join(beside, folder);
}

/** Remembers the configs: they are searched for when somebody asks first, then a watcher tells. */
export class RunPlaces implements vscode.Disposable {
  readonly #watcher = vscode.workspace.createFileSystemWatcher(configPattern, false, true, false);
  readonly #subscriptions: vscode.Disposable[];
  readonly #changed = new vscode.EventEmitter<void>();
  #configs: Promise<vscode.Uri[]> | undefined;
  readonly #found = new vscode.EventEmitter<readonly vscode.Uri[]>();
  /** What was known is out of date. */
  readonly onDidChange = this.#changed.event;
  /** Somebody asked, and these are the configs. */
  readonly onDidFind = this.#found.event;

  constructor() {
    const forget = (): void => {
      this.#configs = undefined;
      this.#changed.fire();
    };
    this.#subscriptions = [
      this.#watcher.onDidCreate(forget),
      this.#watcher.onDidDelete(forget),
      vscode.workspace.onDidChangeWorkspaceFolders(forget),
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('scrkd.runs') && forget()),
    ];
  }

  configs(): Promise<vscode.Uri[]> {
    this.#configs ??= findConfigs().then((configs) => {
      this.#found.fire(configs);
      return configs;
    });
    return this.#configs;
  }

  async directories(): Promise<string[]> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const more = folders.flatMap(({ uri }) =>
      vscode.workspace.getConfiguration('scrkd', uri).get<string[]>('runs.moreFolders', []).map((path) => (isAbsolute(path) ? path : join(uri.fsPath, path))),
    );
    return [...new Set([...folders.map(({ uri }) => join(uri.fsPath, 'runs')), ...(await this.configs()).map(runsDirectoryOf), ...more])];
  }

  dispose(): void {
    this.#watcher.dispose();
    this.#changed.dispose();
    this.#found.dispose();
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }
}
