import * as vscode from 'vscode';
import { runItem } from '../runs/pick-runs.ts';
import type { ReadableRun } from '../runs/runs-index.ts';

/** All runs that there are to choose from, oldest first. */
export type RunLister = () => Promise<readonly ReadableRun[]>;

/** Asks which runs to add, newest first. Empty when none was chosen. */
export async function pickRuns(list: RunLister, shown: readonly string[]): Promise<string[]> {
  const items = list().then((runs) => runs.filter(({ folder }) => !shown.includes(folder)).reverse().map(runItem));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
    placeHolder: vscode.l10n.t('Runs to lay over each other'),
  });
  return picked?.map(({ run }) => run.folder) ?? [];
}
