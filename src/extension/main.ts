/** The extension host's entry. Activation registers and returns: nothing is read, spawned or loaded before it is needed. */
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { registerDashboard } from './dashboard/register.ts';
import { registerConfigs } from './configs/register.ts';
import { registerDatasets } from './datasets/register.ts';
import { registerEngine } from './engine/register.ts';
import { registerStageGraph } from './graph/register.ts';
import type { Host } from './host.ts';
import { registerInspector } from './inspector/register.ts';
import { registerLanguage } from './language/language.ts';
import { registerStart } from './launch/start.ts';
import { registerControl, registerQueue } from './runs/control-commands.ts';
import { isReadable } from './runs/runs-index.ts';
import { registerRunsView } from './runs/register.ts';
import { registerRunCommands } from './runs/run-commands.ts';
import { createServices } from './services.ts';
import { registerStatusBar } from './status/status-bar.ts';
import { putOnTerminalPath } from './terminal-path.ts';

export function activate(context: vscode.ExtensionContext): void {
  // The shared folders of src/ speak through @vscode/l10n; in the host they get the language of the window.
  if (vscode.l10n.bundle !== undefined) l10n.config({ contents: vscode.l10n.bundle });
  const log = vscode.window.createOutputChannel('SCRKD', { log: true });
  context.subscriptions.push(log);
  const host: Host = {
    extensionUri: context.extensionUri,
    state: context.workspaceState,
    memory: context.globalState,
    log,
    track: (disposable) => {
      context.subscriptions.push(disposable);
      return disposable;
    },
  };
  const services = createServices(host);
  registerInspector(services);
  registerStageGraph(host, registerLanguage(services));
  registerDashboard(host, async () => {
    await services.index.ready();
    return services.index.runs.filter(isReadable);
  });
  const runsView = registerRunsView(services);
  registerStart(services);
  registerControl(services);
  registerQueue(services);
  registerRunCommands(services, runsView);
  registerEngine(services);
  registerStatusBar(services);
  registerConfigs(services, registerDatasets(services));
  putOnTerminalPath(context);
  log.debug(`active in ${host.extensionUri.toString()}`);
}
