import { dirname, join } from 'node:path';
import * as vscode from 'vscode';

interface NewFile {
  readonly suffix: string;
  readonly bytes: ArrayBuffer;
}

/** Asks once where to, and writes all files there: `name.suffix`. Several share the name that was chosen. */
export async function saveFiles(name: string, files: readonly NewFile[], run: string | undefined): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? (run === undefined ? undefined : vscode.Uri.file(dirname(run)));
  const chosen = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.file(join(folder.fsPath, `${name}.${first.suffix}`)) }),
    title: vscode.l10n.t('Export from the inspector'),
  });
  if (chosen === undefined) return;
  const stem = chosen.path.endsWith(`.${first.suffix}`) ? chosen.path.slice(0, -first.suffix.length - 1) : chosen.path;
  for (const { suffix, bytes } of files) await vscode.workspace.fs.writeFile(chosen.with({ path: `${stem}.${suffix}` }), new Uint8Array(bytes));
  const show = vscode.l10n.t('Show in Folder');
  const answer = await vscode.window.showInformationMessage(vscode.l10n.t('{0} exported.', chosen.with({ path: `${stem}.${first.suffix}` }).fsPath), show);
  if (answer === show) await vscode.commands.executeCommand('revealFileInOS', chosen);
}
