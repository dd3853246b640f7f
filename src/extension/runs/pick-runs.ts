import * as vscode from 'vscode';
import type { RunStanding } from '../../runs/liveness.ts';
import { runFoldersOf } from '../run-argument.ts';
import { runDescription, runIcon, runName } from './run-text.ts';
import { isReadable, type ReadableRun, type RunsIndex } from './runs-index.ts';

export interface RunQuestion {
  readonly placeHolder: string;
  /** Which runs can be chosen; all by default. */
  readonly standings?: readonly RunStanding[];
  /** Where none can. */
  readonly none: string;
  readonly many?: boolean;
}

/**
 * The runs that a command was called with, or else those that the user chooses; none where the choice was cancelled.
 * Of the runs that it was called with, those in another state than the command needs are left out.
 */
export async function runsFor(index: RunsIndex, clicked: unknown, selected: unknown, question: RunQuestion): Promise<ReadableRun[]> {
  await index.ready();
  const fits = (run: ReadableRun): boolean => question.standings === undefined || question.standings.includes(run.standing);
  const folders = runFoldersOf(clicked, selected);
  if (folders.length > 0) {
    if (folders.some((folder) => index.at(folder) === undefined)) await index.refresh(); // made a moment ago
    const named = folders.flatMap((folder) => index.at(folder) ?? []).filter(isReadable).filter(fits);
    if (named.length === 0) void vscode.window.showInformationMessage(question.none);
    return named;
  }
  const runs = index.runs.filter(isReadable).filter(fits).reverse();
  if (runs.length === 0) {
    void vscode.window.showInformationMessage(question.none);
    return [];
  }
  if (runs.length === 1 && question.standings !== undefined && question.many !== true) return runs;
  const items = runs.map(runItem);
  const options = { placeHolder: question.placeHolder, matchOnDescription: true, matchOnDetail: true };
  if (question.many === true) return ((await vscode.window.showQuickPick(items, { ...options, canPickMany: true })) ?? []).map(({ run }) => run);
  const chosen = await vscode.window.showQuickPick(items, options);
  return chosen === undefined ? [] : [chosen.run];
}

/** A run among those that one may choose from. */
export function runItem(run: ReadableRun): vscode.QuickPickItem & { readonly run: ReadableRun } {
  return { label: `$(${runIcon(run).icon}) ${runName(run)}`, description: run.manifest.experiment, detail: runDescription(run), run };
}
