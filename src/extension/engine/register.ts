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
    if (gpu !== undefined) {
      await installTensorFlow(services, gpu);
      return;
    }
    const works = vscode.l10n.t('ONNX Runtime comes with SCRKD and works here: {0}. There is nothing to install.', engine.detail);
    void vscode.window.showInformationMessage(works);
  });
}

/** Fetches TensorFlow into the user's cache and lets it compute; trainings take it from then on. */
async function installTensorFlow({ commandLine }: Services, gpu: string): Promise<void> {
  const install = vscode.l10n.t('Install');
  const question = vscode.l10n.t('Install TensorFlow for {0}?', gpu);
  const detail = vscode.l10n.t('TensorFlow and NVIDIA\'s libraries are fetched once, into your cache folder: 3.4 GB. Not yet verified on hardware: the installation ends with a trial that says whether the GPU computes correctly. Runs go on meanwhile.');
  if ((await vscode.window.showInformationMessage(question, { modal: true, detail }, install)) !== install) return;
  await withProgress(vscode.l10n.t('Installing TensorFlow'), (signal, report) => commandLine.run(['engine', 'install'], { signal, onLine: report }));
  void vscode.window.showInformationMessage(vscode.l10n.t('TensorFlow is installed and computes correctly. New trainings use it.'));
}
