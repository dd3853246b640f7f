/** What every part of the extension gets at its registration. */
import type * as vscode from 'vscode';

export interface Host {
  readonly extensionUri: vscode.Uri;
  /** Navigation and view state of this workspace. */
  readonly state: vscode.Memento;
  /** What is remembered on this machine, for all workspaces. */
  readonly memory: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
  /** Disposed when the extension ends. */
  track<T extends vscode.Disposable>(disposable: T): T;
}
