import * as vscode from 'vscode';
import type { RunManifest, RunState } from '../../protocol/run.ts';
import { standingWord } from '../../protocol/standing.ts';
import { standingOf } from '../../runs/liveness.ts';

/** A run that can be chosen. */
export interface PickableRun {
  /** The run folder's path. */
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly state: RunState;
}

/** All runs that there are to choose from, oldest first. */
export type RunLister = () => Promise<readonly PickableRun[]>;

/** Asks which runs to add, newest first. Empty when none was chosen. */
export async function pickRuns(list: RunLister, shown: readonly string[]): Promise<string[]> {
  const items = list().then((runs) => runs.filter(({ folder }) => !shown.includes(folder)).reverse().map(itemOf));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
    placeHolder: vscode.l10n.t('Runs to lay over each other'),
  });
  return picked?.map(({ folder }) => folder) ?? [];
}

function itemOf({ folder, manifest, state }: PickableRun): vscode.QuickPickItem & { folder: string } {
  return {
    folder,
    label: `${manifest.stage}-${manifest.id.slice(-4).toLowerCase()}`,
    description: `${manifest.experiment} · ${standingWord({ standing: standingOf(state), epochs: state.epochs })}`,
    detail: vscode.l10n.t('{0} of {1} epochs · {2}', state.epoch, state.epochs, new Date(manifest.createdAt).toLocaleString(vscode.env.language)),
  };
}
