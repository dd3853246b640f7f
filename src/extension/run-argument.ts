/** What commands on runs are called with: a tree's node, a link in a document, a panel or another extension. */
import type * as vscode from 'vscode';

/** Names a run by its folder. Nodes of the Runs tree are such objects. */
export interface RunArgument {
  /** The run folder's path on the extension host's machine. */
  readonly folder: string;
}

/**
 * The run folders that a command was called with. VS Code hands a tree's command the clicked node and, where several are selected, all of them.
 * Empty: the command was called from the palette and has to ask.
 */
export function runFoldersOf(clicked: unknown, selected?: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(selected) && selected.length > 0 ? selected : [clicked];
  return [...new Set(all.filter(isRunArgument).map(({ folder }) => folder))];
}

function isRunArgument(value: unknown): value is RunArgument {
  return typeof value === 'object' && value !== null && 'folder' in value && typeof value.folder === 'string';
}

/** Names a config, e.g. the explorer's resource or a code lens's document. */
export type ConfigArgument = vscode.Uri | undefined;

/** What a code lens calls commands on configs with. */
export interface LensArgument {
  readonly config: vscode.Uri;
  /** Only this stage and the stages that it learns from. */
  readonly stage?: string;
}
