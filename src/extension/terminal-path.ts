/** `scrkd` in the integrated terminal: the launchers of the bundle, under the Node that trainings run under. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { nodePath } from './services.ts';

export function putOnTerminalPath({ environmentVariableCollection, extensionUri, subscriptions }: vscode.ExtensionContext): void {
  environmentVariableCollection.description = vscode.l10n.t('Puts the `scrkd` command on the PATH.');
  const update = (): void => {
    environmentVariableCollection.prepend('PATH', `${join(extensionUri.fsPath, 'dist', 'bin')}${process.platform === 'win32' ? ';' : ':'}`, { applyAtShellIntegration: true, applyAtProcessCreation: true });
    environmentVariableCollection.replace('SCRKD_NODE', nodePath());
  };
  update();
  subscriptions.push(vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('scrkd.nodePath') && update()));
}
