/** "Show Stage Graph": one panel beside the editor, which follows the config that is being edited. */
import * as vscode from 'vscode';
import type { GraphPanelState } from '../../protocol/graph.ts';
import type { Host } from '../host.ts';
import { languageId, type Language } from '../language/language.ts';
import { panelIcon } from '../panels/icon.ts';
import { findConfigs } from '../runs/run-places.ts';
import { StageGraphView } from './stage-graph-view.ts';

export const graphPanelType = 'scrkd.stageGraph';

export function registerStageGraph(host: Host, language: Language): void {
  let open: { readonly panel: vscode.WebviewPanel; readonly view: StageGraphView } | undefined;

  const adopt = (panel: vscode.WebviewPanel, config: vscode.Uri | undefined): void => {
    panel.iconPath = panelIcon(host, 'file');
    const view = new StageGraphView(host, language, panel, config);
    open = { panel, view };
    panel.onDidDispose(() => {
      view.dispose();
      if (open?.panel === panel) open = undefined;
    });
  };

  host.track(
    vscode.commands.registerCommand('scrkd.showStageGraph', async (clicked: unknown) => {
      const config = clicked instanceof vscode.Uri ? clicked : (activeConfig() ?? (await chooseConfig()));
      if (config === undefined) return;
      if (open === undefined) {
        const panel = vscode.window.createWebviewPanel(graphPanelType, vscode.l10n.t('Stage Graph'), { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, { enableScripts: true });
        adopt(panel, config);
      } else {
        open.view.show(config);
        open.panel.reveal(undefined, true);
      }
    }),
  );
  host.track(
    vscode.window.registerWebviewPanelSerializer(graphPanelType, {
      deserializeWebviewPanel: (panel, state: unknown) => {
        adopt(panel, configIn(state));
        return Promise.resolve();
      },
    }),
  );
}

function activeConfig(): vscode.Uri | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === languageId ? document.uri : undefined;
}

async function chooseConfig(): Promise<vscode.Uri | undefined> {
  const found = await findConfigs();
  if (found.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no config in this workspace: a config is a file *.scrkd.yaml.'));
    return undefined;
  }
  if (found.length === 1) return found[0];
  const items = found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })).sort((a, b) => a.label.localeCompare(b.label));
  return (await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Whose stage graph?') }))?.uri;
}

/** The state of a panel comes from a former session, perhaps of another version. */
function configIn(state: unknown): vscode.Uri | undefined {
  const kept = state as Partial<GraphPanelState> | undefined | null;
  return kept?.version === 1 && typeof kept.uri === 'string' ? vscode.Uri.parse(kept.uri) : undefined;
}
