/** The Datasets view and what can be done with datasets. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { DatasetProblem, Sample, Split } from '../../dataset/dataset.ts';
import { mayRun, registerCommand, withProgress } from '../commands.ts';
import type { Services } from '../services.ts';
import { addedFolders, datasetPlaces } from './dataset-places.ts';
import { DatasetsIndex } from './datasets-index.ts';
import { DatasetsTree } from './datasets-tree.ts';
import { PreviewPanel } from './preview-panel.ts';
import { showProblems } from './problems.ts';

/** Of `scrkd dataset check`: it has found errors. */
const invalidInput = 3;

export function registerDatasets({ host, places, commandLine }: Services): DatasetsIndex {
  const index = new DatasetsIndex(() => datasetPlaces(places));
  const tree = host.track(new DatasetsTree(index));
  const view = host.track(vscode.window.createTreeView('scrkd.datasets', { treeDataProvider: tree, showCollapseAll: true }));
  const preview = host.track(new PreviewPanel(host, index));
  const diagnostics = host.track(vscode.languages.createDiagnosticCollection('scrkd-datasets'));
  host.track(places.onDidChange(() => void index.refreshIfStarted()));
  host.track(vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('scrkd.datasets') && void index.refreshIfStarted()));
  host.track(view.onDidChangeVisibility(({ visible }) => visible && void index.ready()));

  registerCommand(host, 'scrkd.refreshDatasets', () => index.refresh());
  registerCommand(host, 'scrkd.moreSamples', (node) => {
    const { root, split } = node as { root: string; split: Split };
    tree.showMore(root, split);
  });
  registerCommand(host, 'scrkd.previewSample', async (node) => {
    const { root, sample } = node as { root: string; sample: Sample };
    await preview.show({ root, sample });
  });
  registerCommand(host, 'scrkd.addDataset', async (given) => {
    const [folder] = given instanceof vscode.Uri ? [given] : ((await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, title: vscode.l10n.t('Add Dataset Folder'), openLabel: vscode.l10n.t('Add') })) ?? []);
    if (folder !== undefined) await add(folder.fsPath);
    await index.refresh();
  });
  registerCommand(host, 'scrkd.synthesiseDataset', async () => {
    if (!mayRun()) return;
    const folder = await askFolder();
    if (folder === undefined) return;
    const size = await vscode.window.showQuickPick([{ label: '64', args: ['--train', '32', '--test', '8', '--size', '64'], description: vscode.l10n.t('40 scenes, a first try in seconds') }, { label: '160', args: ['--train', '120', '--test', '40', '--size', '160'], description: vscode.l10n.t('160 scenes, for a demonstration') }, { label: '256', args: ['--train', '600', '--test', '200', '--size', '256'], description: vscode.l10n.t('800 scenes, as many as ORSSD has') }], { placeHolder: vscode.l10n.t('Pixels of a scene') });
    if (size === undefined) return;
    await withProgress(vscode.l10n.t('Drawing scenes in {0}', basename(folder)), (signal) => commandLine.run(['dataset', 'synth', folder, ...size.args], { signal }));
    await index.refresh();
    void vscode.commands.executeCommand('scrkd.datasets.focus');
  });
  registerCommand(host, 'scrkd.checkDataset', async (node) => {
    if (!mayRun()) return;
    await index.ready();
    const root = await datasetFor(index, node);
    if (root === undefined) return;
    const title = vscode.l10n.t('Checking {0}', basename(root));
    const { stdout } = await withProgress(title, (signal) => commandLine.run(['dataset', 'check', root, '--json'], { signal, expected: [invalidInput] }));
    const { problems } = JSON.parse(stdout) as { problems: DatasetProblem[] };
    index.setCheck(root, problems);
    const dataset = index.datasets.find((each) => each.root === root);
    if (dataset !== undefined) showProblems(diagnostics, dataset, problems);
    const show = vscode.l10n.t('Show Problems');
    const message = problems.length === 0 ? vscode.l10n.t('{0}: nothing is wrong with it.', basename(root)) : vscode.l10n.t('{0}: {1} problems.', basename(root), problems.length);
    void (problems.length === 0 ? vscode.window.showInformationMessage(message) : vscode.window.showWarningMessage(message, show)).then((chosen) => chosen === show && vscode.commands.executeCommand('workbench.actions.view.problems'));
  });
  return index;
}

/** Notes a folder in the workspace's settings, or the user's where no workspace is open. */
async function add(folder: string): Promise<void> {
  if (addedFolders().includes(folder)) return;
  const configuration = vscode.workspace.getConfiguration('scrkd');
  const target = vscode.workspace.workspaceFolders === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace;
  await configuration.update('datasets.folders', [...configuration.get<string[]>('datasets.folders', []), folder], target);
}

async function datasetFor(index: DatasetsIndex, node: unknown): Promise<string | undefined> {
  if (typeof node === 'object' && node !== null && 'root' in node && typeof node.root === 'string') return node.root;
  if (node instanceof vscode.Uri) return node.fsPath;
  if (index.datasets.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No dataset found in this window. "Add Dataset Folder" names one elsewhere.'));
    return undefined;
  }
  if (index.datasets.length === 1) return index.datasets[0]!.root;
  return (await vscode.window.showQuickPick(index.datasets.map(({ name, root }) => ({ label: name, description: root, root })), { placeHolder: vscode.l10n.t('Which dataset?') }))?.root;
}

async function askFolder(): Promise<string | undefined> {
  const base = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
  if (base === undefined) {
    const [folder] = (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, openLabel: vscode.l10n.t('Generate Here') })) ?? [];
    return folder === undefined ? undefined : join(folder.fsPath, 'synthetic');
  }
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Generate Synthetic Dataset'),
    prompt: vscode.l10n.t('Folder in {0}', basename(base)),
    value: 'synthetic',
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('A name is needed.') : existsSync(join(base, value, 'train.txt')) ? vscode.l10n.t('{0} is a dataset already.', value) : undefined),
  });
  return name === undefined ? undefined : join(base, name);
}
