/** "Dry Run": two batches of each stage through the real trainer, in a terminal; nothing is kept. */
import * as vscode from 'vscode';
import { mayRun, registerCommand } from '../commands.ts';
import type { Host } from '../host.ts';
import type { LensArgument } from '../run-argument.ts';
import { nodePath } from '../services.ts';

const batches = 2;

export function registerDryRun(host: Host): void {
  registerCommand(host, 'scrkd.dryRun', async (argument) => {
    if (!mayRun()) return;
    const { config, stage } = lensArgument(argument) ?? { config: activeConfig(), stage: undefined };
    if (config === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Open a config first: a file *.scrkd.yaml.'));
      return;
    }
    const document = await vscode.workspace.openTextDocument(config);
    if (document.isDirty && !(await document.save())) return;
    await vscode.tasks.executeTask(dryRun(host, config, stage));
  });
}

function activeConfig(): vscode.Uri | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === 'scrkd' && document.uri.scheme === 'file' ? document.uri : undefined;
}

function dryRun({ extensionUri }: Host, config: vscode.Uri, stage: string | undefined): vscode.Task {
  const args = ['run', config.fsPath, '--dry-run', '--batches', String(batches), ...(stage === undefined ? [] : ['--stage', stage])];
  const execution = new vscode.ProcessExecution(nodePath(), [vscode.Uri.joinPath(extensionUri, 'dist', 'cli.js').fsPath, ...args], {
    cwd: vscode.Uri.joinPath(config, '..').fsPath,
    env: { ELECTRON_RUN_AS_NODE: '1' }, // in Electron the host's executable is not a Node by itself
  });
  const scope = vscode.workspace.getWorkspaceFolder(config) ?? vscode.TaskScope.Workspace;
  const task = new vscode.Task({ type: 'scrkd', task: 'dry-run' }, scope, vscode.l10n.t('Dry Run'), 'SCRKD', execution);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated, clear: true, showReuseMessage: false };
  return task;
}

function lensArgument(value: unknown): LensArgument | undefined {
  if (value instanceof vscode.Uri) return { config: value };
  if (typeof value !== 'object' || value === null || !('config' in value) || !(value.config instanceof vscode.Uri)) return undefined;
  return { config: value.config, ...('stage' in value && typeof value.stage === 'string' && { stage: value.stage }) };
}
