/** Once a machine: what an NVIDIA GPU would bring. Never in the way of a start. */
import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { nvidiaGpu } from './engine-status.ts';

const offeredKey = 'scrkd.gpuNoticeShown';

export async function offerEngineOnce({ host }: Services): Promise<void> {
  if (host.memory.get<boolean>(offeredKey) === true) return;
  const gpu = await nvidiaGpu();
  if (gpu === undefined) return;
  await host.memory.update(offeredKey, true);
  const show = vscode.l10n.t('Install Engine');
  const chosen = await vscode.window.showInformationMessage(vscode.l10n.t('This machine has an NVIDIA GPU ({0}). Its engine, TensorFlow, is fetched once (3.4 GB) and not yet verified on hardware; a training that has started on another engine goes on with it.', gpu), show);
  if (chosen === show) await vscode.commands.executeCommand('scrkd.installEngine');
}
