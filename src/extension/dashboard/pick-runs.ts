import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { standingOf } from '../../runs/liveness.ts';
import { readManifest, readState } from '../../runs/read-run.ts';
import { RunFolder } from '../../runs/run-folder.ts';

/** Asks which of the workspace's runs to add, newest first. Empty when none was chosen. */
export async function pickRuns(shown: readonly string[]): Promise<string[]> {
  const items = (await runsOfWorkspace()).filter((folder) => !shown.includes(folder.path)).flatMap((folder) => itemOf(folder) ?? []);
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
    placeHolder: items.length > 0 ? vscode.l10n.t('Runs to add to the dashboard') : vscode.l10n.t('There are no further runs in this workspace'),
  });
  return picked?.map(({ folder }) => folder) ?? [];
}

/** All run folders of the workspace, newest first. */
async function runsOfWorkspace(): Promise<RunFolder[]> {
  const manifests = await vscode.workspace.findFiles('**/runs/*/*/run.json', '**/node_modules/**');
  const folders = manifests.map(({ fsPath }) => new RunFolder(dirname(fsPath)));
  // Run ids sort by the time they were made.
  const id = ({ name }: RunFolder): string => name.slice(name.lastIndexOf('-') + 1);
  return folders.sort((a, b) => id(b).localeCompare(id(a), 'en'));
}

function itemOf(folder: RunFolder): (vscode.QuickPickItem & { folder: string }) | undefined {
  try {
    const manifest = readManifest(folder);
    const state = readState(folder);
    return {
      folder: folder.path,
      label: `${manifest.stage}-${manifest.id.slice(-4).toLowerCase()}`,
      description: `${manifest.experiment} · ${standingOf(state)}`,
      detail: vscode.l10n.t('{0} of {1} epochs · {2}', state.epoch, state.epochs, new Date(manifest.createdAt).toLocaleString(vscode.env.language)),
    };
  } catch {
    return undefined; // a folder that cannot be read cannot be shown
  }
}
