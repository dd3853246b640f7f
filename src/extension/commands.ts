/** Registering commands: what goes wrong is told in a message, with the log for more. */
import * as vscode from 'vscode';
import { messageOf, reasonOf } from '../base/errors.ts';
import type { Host } from './host.ts';

export function registerCommand(host: Host, id: `scrkd.${string}`, run: (...args: unknown[]) => unknown): void {
  host.track(
    vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        return await run(...args);
      } catch (error) {
        if (reasonOf(error) === 'cancelled') return undefined;
        host.log.error(error instanceof Error ? error : String(error));
        void tell(host, messageOf(error));
        return undefined;
      }
    }),
  );
}

async function tell(host: Host, message: string): Promise<void> {
  const show = vscode.l10n.t('Show Log');
  if ((await vscode.window.showErrorMessage(message, show)) === show) host.log.show();
}

/** A progress notification whose cancel button aborts the work. */
export function withProgress<T>(title: string, work: (signal: AbortSignal, report: (message: string) => void) => Promise<T>): Promise<T> {
  return Promise.resolve(
    vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      return work(abort.signal, (message) => progress.report({ message }));
    }),
  );
}

/**
 * Whether processes may be started here. Where not, says why and offers to change it: a config names files to read and folders to write.
 */
export function mayRun(): boolean {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const reason = vscode.l10n.t('This folder is not trusted. Runs, curves and captures can be looked at; training, evaluation and the engine stay off, because a config names files to read and folders to write.');
  void vscode.window.showWarningMessage(reason, manage).then((chosen) => chosen === manage && vscode.commands.executeCommand('workbench.trust.manage'));
  return false;
}
