/** Commands, panel and view of the inspector. */
import * as vscode from 'vscode';
import { inspectorTabs, type InspectorTab } from '../../protocol/inspector.ts';
import { panelIcon } from '../panels/icon.ts';
import { runFoldersOf } from '../run-argument.ts';
import { runsFor } from '../runs/pick-runs.ts';
import type { Services } from '../services.ts';
import { InspectorView } from './inspector-view.ts';

export const inspectorPanelType = 'scrkd.inspector';
export const inspectorViewId = 'scrkd.inspectorView';

const commandOf: { readonly [Tab in InspectorTab]: string } = {
  correlation: 'scrkd.showCorrelationMaps',
  features: 'scrkd.showFeatures',
  logits: 'scrkd.showLogits',
  saliency: 'scrkd.showSaliency',
};

export function registerInspector({ host, index }: Pick<Services, 'host' | 'index'>): void {
  const chooseRun = async (): Promise<string | undefined> => {
    const question = { placeHolder: vscode.l10n.t('Choose a run to inspect'), none: vscode.l10n.t('No runs in this workspace. Start one with `scrkd run`, or with Start Distillation.') };
    return (await runsFor(index, undefined, undefined, question))[0]?.folder;
  };
  let open: { panel: vscode.WebviewPanel; view: InspectorView } | undefined;

  const adopt = (panel: vscode.WebviewPanel): InspectorView => {
    panel.iconPath = panelIcon(host, 'file');
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
