import * as vscode from 'vscode';
import type { Host } from '../host.ts';
import { panelResources } from '../panels/html.ts';
import { runFoldersOf } from '../run-argument.ts';
import { DashboardPanel, dashboardType, foldersOf } from './dashboard-panel.ts';
import { pickRuns, type RunLister } from './pick-runs.ts';

/**
 * `scrkd.openDashboard`, and its panels over a reload of the window.
 * @param list the runs that one may choose from
 */
export function registerDashboard(host: Host, list: RunLister): void {
  const panels = new Set<DashboardPanel>();
  const adopt = (panel: vscode.WebviewPanel, folders: readonly string[]): void => {
    const dashboard = new DashboardPanel(host, panel, folders, list);
    panels.add(dashboard);
    dashboard.onDidDispose(() => panels.delete(dashboard));
  };
  host.track(
    vscode.commands.registerCommand('scrkd.openDashboard', async (clicked?: unknown, selected?: unknown) => {
      const named = runFoldersOf(clicked, selected);
      const folders = named.length > 0 ? named : await pickRuns(list, []);
      const panel = vscode.window.createWebviewPanel(dashboardType, vscode.l10n.t('SCRKD Dashboard'), vscode.ViewColumn.Active, {
        enableScripts: true,
        localResourceRoots: panelResources(host.extensionUri),
      });
      adopt(panel, folders);
    }),
  );
  host.track(
    vscode.window.registerWebviewPanelSerializer(dashboardType, {
      deserializeWebviewPanel: (panel, state: unknown) => {
        adopt(panel, foldersOf(state));
        return Promise.resolve();
      },
    }),
  );
  host.track({ dispose: () => panels.forEach((panel) => panel.dispose()) });
}
