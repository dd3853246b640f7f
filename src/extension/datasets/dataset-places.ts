/** Where datasets may be: what settings and configs name, and what looks like one. */
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { RunPlaces } from '../runs/run-places.ts';
import type { DatasetPlace } from './datasets-index.ts';

const mostLists = 50;

export async function datasetPlaces(runPlaces: RunPlaces): Promise<DatasetPlace[]> {
  const configs = await runPlaces.configs();
  const roots = await Promise.all(configs.map(async ({ fsPath }) => rootsIn(await readFile(fsPath, 'utf8').catch(() => '')).map((root) => (isAbsolute(root) ? root : join(dirname(fsPath), root)))));
  const lists = await vscode.workspace.findFiles('**/{train,test}.txt', '**/{node_modules,.git,runs}/**', mostLists);
  const folders = await vscode.workspace.findFiles('**/{train-labels,test-labels,train-gts,GT,gts,labels,masks}/*0001.png', '**/{node_modules,.git,runs}/**', mostLists);
  return [
    ...addedFolders().map((root) => ({ root, named: true })),
    ...roots.flat().map((root) => ({ root, named: true })),
    ...lists.map(({ fsPath }) => ({ root: dirname(fsPath), named: false })),
    ...folders.map(({ fsPath }) => ({ root: dirname(dirname(fsPath)), named: false })),
  ];
}

/** Folders that "Add Dataset Folder" noted in the settings. */
export function addedFolders(): string[] {
  const base = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  return vscode.workspace.getConfiguration('scrkd').get<string[]>('datasets.folders', []).flatMap((path) => (isAbsolute(path) ? [path] : base === undefined ? [] : [join(base, path)]));
}

/** The folders after `root:` in a config, without reading all of it: a config with errors still names its dataset. */
export function rootsIn(text: string): string[] {
  return [...text.matchAll(/^[^#\n]*\broot:\s*("[^"\n]*"|'[^'\n]*'|[^\s,}#]+)/gm)].map(([, value]) => value!.replace(/^["']|["']$/g, '')).filter((path) => path !== '');
}
