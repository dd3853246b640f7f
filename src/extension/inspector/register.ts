/** Commands, panel and view of the inspector. */
import { dirname, basename } from 'node:path';
import * as vscode from 'vscode';
import { inspectorTabs, type InspectorTab } from '../../protocol/inspector.ts';
import { RunFolder } from '../../runs/run-folder.ts';
import type { Host } from '../host.ts';
import { runFoldersOf } from '../run-argument.ts';
import { InspectorView } from './inspector-view.ts';

export const inspectorPanelType = 'scrkd.inspector';
export const inspectorViewId = 'scrkd.inspectorView';

const commandOf: { readonly [Tab in InspectorTab]: string } = {
  correlation: 'scrkd.showCorrelationMaps',
  features: 'scrkd.showFeatures',
  logits: 'scrkd.showLogits',
  saliency: 'scrkd.showSaliency',
};

export function registerInspector(host: Host): void {
  let open: { panel: vscode.WebviewPanel; view: InspectorView } | undefined;

  const adopt = (panel: vscode.WebviewPanel): InspectorView => {
    panel.iconPath = vscode.Uri.joinPath(host.extensionUri, 'media', 'file-light.svg');
    const view = new InspectorView(host, panel.webview, chooseRun, (run) => {
      panel.title = vscode.l10n.t('Inspector: {0}', run);
    });
    open = { panel, view };
    panel.onDidDispose(() => {
      view.dispose();
      if (open?.view === view) open = undefined;
    });
    return view;
  };

  const show = async (tab: InspectorTab, clicked: unknown, selected: unknown): Promise<void> => {
    const [folder] = runFoldersOf(clicked, selected);
    const chosen = folder ?? open?.view.folder ?? (await chooseRun());
    if (chosen === undefined) return;
    if (open !== undefined) {
      open.panel.reveal(undefined, true);
      await open.view.show(chosen, tab, epochIn(clicked));
      return;
    }
    const column = vscode.window.activeTextEditor === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
    const panel = vscode.window.createWebviewPanel(inspectorPanelType, vscode.l10n.t('Inspector'), { viewColumn: column, preserveFocus: false }, { enableScripts: true, retainContextWhenHidden: false });
    await adopt(panel).show(chosen, tab, epochIn(clicked));
  };

  for (const tab of inspectorTabs) host.track(vscode.commands.registerCommand(commandOf[tab], (clicked: unknown, selected: unknown) => show(tab, clicked, selected)));
  host.track(vscode.window.registerWebviewPanelSerializer(inspectorPanelType, { deserializeWebviewPanel: async (panel, state: unknown) => adopt(panel).show(folderIn(state), undefined) }));
  host.track(
    vscode.window.registerWebviewViewProvider(inspectorViewId, {
      resolveWebviewView: (webviewView) => {
        const view = new InspectorView(host, webviewView.webview, chooseRun, (run) => {
          webviewView.description = run;
        });
        webviewView.onDidDispose(() => view.dispose());
      },
    }),
  );
  host.track({
    dispose: () => {
      open?.panel.dispose();
    },
  });
}

/** A checkpoint or a capture of the Runs tree names its epoch. */
function epochIn(clicked: unknown): number | undefined {
  return typeof clicked === 'object' && clicked !== null && 'epoch' in clicked && typeof clicked.epoch === 'number' ? clicked.epoch : undefined;
}

/** The panel keeps the run's folder in its state. */
function folderIn(state: unknown): string | undefined {
  return typeof state === 'object' && state !== null && 'folder' in state && typeof state.folder === 'string' ? state.folder : undefined;
}

/** Asks for a run among those in the workspace, newest first. */
async function chooseRun(): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { folder: string }>();
  pick.placeholder = vscode.l10n.t('Choose a run to inspect');
  pick.busy = true;
  pick.show();
  const found = vscode.workspace.findFiles('**/runs/*/*/run.json', '**/node_modules/**', 2_000);
  void found.then((files) => {
    const folders = files.map(({ fsPath }) => new RunFolder(dirname(fsPath)));
    folders.sort((a, b) => idOf(b).localeCompare(idOf(a), 'en'));
    pick.busy = false;
    if (folders.length === 0) pick.placeholder = vscode.l10n.t('No runs in this workspace. Start one with `scrkd run`, or with Start Distillation.');
    pick.items = folders.map(({ path, name }) => ({ label: name, description: basename(dirname(path)), folder: path }));
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.folder);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
  });
}

function idOf({ name }: RunFolder): string {
  return name.slice(name.lastIndexOf('-') + 1);
}
