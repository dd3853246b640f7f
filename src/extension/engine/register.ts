/** Engine status, and its installation. */
import * as vscode from 'vscode';
import { registerCommand, mayRun, withProgress } from '../commands.ts';
import type { Services } from '../services.ts';
import { examineEngine, nvidiaGpu, type Finding } from './engine-status.ts';

export function registerEngine(services: Services): void {
  const { host, commandLine } = services;
  const examine = (): Promise<Finding[]> => withProgress(vscode.l10n.t('Examining the engine'), (signal) => examineEngine(commandLine, signal));

  registerCommand(host, 'scrkd.showEngineStatus', async () => {
    if (!mayRun()) return;
    const findings = await examine();
    const items = findings.map(({ name, ok, detail }) => ({ label: `$(${ok ? 'pass' : 'error'}) ${name}`, description: detail }));
    await vscode.window.showQuickPick(items, { title: vscode.l10n.t('SCRKD: Engine Status'), placeHolder: vscode.l10n.t('What training needs, as found on this machine') });
  });

  registerCommand(host, 'scrkd.installEngine', async () => {
    if (!mayRun()) return;
    const engine = (await examine()).find(({ name }) => name === 'onnxruntime');
    if (engine?.ok !== true) {
      void vscode.window.showErrorMessage(vscode.l10n.t('ONNX Runtime, which comes with SCRKD, does not work here: {0}', engine?.detail ?? ''));
      return;
    }
    const gpu = await nvidiaGpu();
    const works = vscode.l10n.t('ONNX Runtime comes with SCRKD and works here: {0}. There is nothing to install.', engine.detail);
    void vscode.window.showInformationMessage(gpu === undefined ? works : `${works} ${vscode.l10n.t('The GPU ({0}) is not used: this version has no engine for it.', gpu)}`);
  });
}
