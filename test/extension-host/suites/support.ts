/** What suites share; no suite of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** Path of the folder that is open. */
export function workspaceFolder(): string {
  return vscode.workspace.workspaceFolders![0]!.uri.fsPath;
}

/** Writes a file of the workspace. */
export async function write(name: string, text: string): Promise<vscode.Uri> {
  const uri = vscode.Uri.file(join(workspaceFolder(), name));
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

/** Writes a file of the workspace and shows it. */
export async function open(name: string, text: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(await write(name, text));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Asks again and again until there is an answer. */
export async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined, timeout = 30_000): Promise<NonNullable<T>> {
  const end = Date.now() + timeout;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined && answer !== null) return answer;
    await sleep(50);
  }
  throw new Error(`Waited in vain for ${what}.`);
}

/** A valid config with a teacher and a student. */
export function configText(experiment = 'example'): string {
  return `version: 1
experiment: ${experiment}
dataset: { root: ./data }
stages:
  teacher: { model: pspnet, resolution: 224 }
  student: { model: pspnet, resolution: 112, distill: { from: teacher, method: scrkd } }
`;
}
