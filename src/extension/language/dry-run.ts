/** "Dry Run": two batches of each stage through the real trainer, in a terminal; nothing is kept. */
import * as vscode from 'vscode';
import type { Host } from '../host.ts';
import type { StageArgument } from '../run-argument.ts';

const batches = 2;

export function registerDryRun(host: Host): void {
  host.track(
    vscode.commands.registerCommand('scrkd.dryRun', async (config?: unknown, stage?: unknown) => {
      if (!vscode.workspace.isTrusted) {
        void vscode.window.showWarningMessage(vscode.l10n.t('Nothing is run from a folder that is not trusted.'));
        return;
      }
      const active = vscode.window.activeTextEditor?.document;
      const uri = config instanceof vscode.Uri ? config : active?.languageId === 'scrkd' ? active.uri : undefined;
      if (uri === undefined) {
        void vscode.window.showInformationMessage(vscode.l10n.t('Open a config first: a file *.scrkd.yaml.'));
        return;
      }
      const document = await vscode.workspace.openTextDocument(uri);
      if (document.isDirty && !(await document.save())) return;
      await vscode.tasks.executeTask(dryRun(host, uri, isStage(stage) ? stage.stage : undefined));
    }),
  );
}

function dryRun({ extensionUri }: Host, config: vscode.Uri, stage: string | undefined): vscode.Task {
  const args = ['run', config.fsPath, '--dry-run', '--batches', String(batches), ...(stage === undefined ? [] : ['--stage', stage])];
  const execution = new vscode.ProcessExecution(process.execPath, [vscode.Uri.joinPath(extensionUri, 'dist', 'cli.js').fsPath, ...args], {
    cwd: vscode.Uri.joinPath(config, '..').fsPath,
    env: { ELECTRON_RUN_AS_NODE: '1' }, // in Electron the host's executable is not a Node by itself
  });
  const scope = vscode.workspace.getWorkspaceFolder(config) ?? vscode.TaskScope.Workspace;
  const task = new vscode.Task({ type: 'scrkd', task: 'dry-run' }, scope, vscode.l10n.t('Dry Run'), 'SCRKD', execution);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated, clear: true, showReuseMessage: false };
  return task;
}

function isStage(value: unknown): value is StageArgument {
  return typeof value === 'object' && value !== null && 'stage' in value && typeof value.stage === 'string';
}
