/** New Distillation Config: four questions, then a commented file. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import * as vscode from 'vscode';
import { methods } from '../../config/catalog/methods.ts';
import { modelNames, models, type ModelName } from '../../config/catalog/models.ts';
import { withoutEnding } from '../../config/experiment-name.ts';
import { DatasetError } from '../../dataset/errors.ts';
import { listDataset } from '../../dataset/open.ts';
import { registerCommand } from '../commands.ts';
import type { DatasetsIndex } from '../datasets/datasets-index.ts';
import type { Services } from '../services.ts';
import { newConfigText } from './config-text.ts';
import { fittingBatch, fittingMethods, offeredSizes, smallNetwork } from './fitting.ts';

interface SizeItem extends vscode.QuickPickItem {
  readonly teacher: number;
  readonly student: number;
}

interface NetworkItem extends vscode.QuickPickItem {
  readonly model: ModelName;
  readonly options?: string;
  readonly epochs: number;
}

export function registerConfigs({ host }: Services, datasets: DatasetsIndex): void {
  registerCommand(host, 'scrkd.getStarted', () => vscode.commands.executeCommand('workbench.action.openWalkthrough', 'scrkd.scrkd-vscode#start', false));
  registerCommand(host, 'scrkd.newConfig', async () => {
    const title = vscode.l10n.t('New Distillation Config');
    const step = (number: number, placeHolder: string): vscode.QuickPickOptions => ({ title: `${title} (${number}/4)`, placeHolder, ignoreFocusOut: true });

    const dataset = await askDataset(datasets, step(1, vscode.l10n.t('Which dataset?')));
    if (dataset === undefined) return;

    const networks = modelNames.flatMap((model): NetworkItem[] => [
      { label: model, description: models[model].title, detail: models[model].description, model, epochs: 100 },
      { label: vscode.l10n.t('{0}, small', model), description: vscode.l10n.t('narrow, from random weights, for a CPU'), model, options: smallNetwork(model), epochs: 40 },
    ]);
    const network = await vscode.window.showQuickPick(networks, step(2, vscode.l10n.t('Which model?')));
    if (network === undefined) return;

    const sizes = offeredSizes.map(({ teacher, student }): SizeItem => ({ label: `${teacher} → ${student}`, description: vscode.l10n.t('pixels of teacher and student'), teacher, student }));
    const size = await vscode.window.showQuickPick(sizes, step(3, vscode.l10n.t('Which resolutions?')));
    if (size === undefined) return;

    const method = await vscode.window.showQuickPick(fittingMethods(network.model, size).map((label) => ({ label, description: methods[label].title, detail: methods[label].description })), step(4, vscode.l10n.t('Which method?')));
    if (method === undefined) return;

    const folder = configFolder(dataset);
    const name = basename(dataset).toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '') || 'experiment';
    const base = `${name}-${size.teacher}-${size.student}`;
    let file = join(folder, `${base}.scrkd.yaml`);
    for (let number = 2; existsSync(file); number++) file = join(folder, `${base}-${number}.scrkd.yaml`);
    const root = relative(folder, dataset).replaceAll('\\', '/');
    const { model, options, epochs } = network;
    const text = newConfigText({
      experiment: withoutEnding(basename(file)),
      dataset: root.startsWith('.') || root === '' ? root || '.' : `./${root}`,
      model,
      teacher: size.teacher,
      student: size.student,
      method: method.label,
      epochs,
      batchSize: fittingBatch(model, await trainingListLength(dataset)),
      ...(options !== undefined && { modelOptions: options }),
    });
    const uri = vscode.Uri.file(file);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    await vscode.window.showTextDocument(uri);
  });
}

/** Undefined where the folder is no dataset yet. */
async function trainingListLength(root: string): Promise<number | undefined> {
  try {
    return (await listDataset({ root, tolerance: 1 })).train.length;
  } catch (error) {
    if (error instanceof DatasetError) return undefined;
    throw error;
  }
}

/** Beside the dataset in its workspace folder; a dataset elsewhere is no place for configs. */
function configFolder(dataset: string): string {
  const own = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(dataset));
  return own?.uri.fsPath ?? vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath ?? dirname(dataset);
}

async function askDataset(datasets: DatasetsIndex, options: vscode.QuickPickOptions): Promise<string | undefined> {
  await datasets.ready();
  interface Item extends vscode.QuickPickItem {
    readonly root?: string;
  }
  const items: Item[] = datasets.datasets.map(({ root, name }) => ({ label: `$(database) ${name}`, description: vscode.workspace.asRelativePath(root), root }));
  const chosen = await vscode.window.showQuickPick<Item>([...items, { label: vscode.l10n.t('$(folder-opened) Another folder…') }], options);
  if (chosen === undefined || chosen.root !== undefined) return chosen?.root;
  const [folder] = (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, openLabel: vscode.l10n.t('Use as Dataset') })) ?? [];
  return folder?.fsPath;
}
