import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RunManifest, RunState } from '../../protocol/run.ts';
import { listRuns } from '../../runs/list-runs.ts';
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

/** The runs of the workspace's folders and of the folders in them: `<config folder>/runs`. */
export async function runsOfWorkspace(): Promise<PickableRun[]> {
  const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const inner = await Promise.all(roots.map(async (root) => (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => join(root, name))));
  const listed = await Promise.all([...roots, ...inner.flat()].map((folder) => listRuns(join(folder, 'runs'))));
  return listed.flat().flatMap((run) => ('problem' in run ? [] : [{ folder: run.folder.path, manifest: run.manifest, state: run.state }]));
}

function itemOf({ folder, manifest, state }: PickableRun): vscode.QuickPickItem & { folder: string } {
  return {
    folder,
    label: `${manifest.stage}-${manifest.id.slice(-4).toLowerCase()}`,
    description: `${manifest.experiment} · ${standingOf(state)}`,
    detail: vscode.l10n.t('{0} of {1} epochs · {2}', state.epoch, state.epochs, new Date(manifest.createdAt).toLocaleString(vscode.env.language)),
  };
}
