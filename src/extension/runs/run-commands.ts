/** What can be done with runs apart from training them. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { withoutEnding } from '../../config/experiment-name.ts';
import { isActive } from '../../protocol/run.ts';
import { checkpointNames } from '../../runs/checkpoints.ts';
import { fileNameFor, RunFolder } from '../../runs/run-folder.ts';
import { mayRun, registerCommand, withProgress } from '../commands.ts';
import { isSameProcess, readLaunches } from '../launch/launch-record.ts';
import { runFoldersOf } from '../run-argument.ts';
import type { Services } from '../services.ts';
import { runsFor } from './pick-runs.ts';
import { runName } from './run-text.ts';
import { isReadable, type ReadableRun } from './runs-index.ts';
import type { RunsNode } from './runs-tree.ts';
import { stageFacts } from './stage-facts.ts';

/** @param view of the runs: what is selected there is what its keys act on */
export function registerRunCommands(services: Services, view: vscode.TreeView<RunsNode>): void {
  const { host, index, commandLine } = services;
  const anyRun = { none: vscode.l10n.t('There are no runs yet.') };
  const one = async (clicked: unknown, placeHolder: string): Promise<ReadableRun | undefined> => (await runsFor(index, clicked, undefined, { ...anyRun, placeHolder }))[0];

  registerCommand(host, 'scrkd.openLog', async (clicked) => {
    const run = await one(clicked, vscode.l10n.t('The log of which run?'));
    if (run !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(await logOf(run)));
  });
  registerCommand(host, 'scrkd.openRunConfig', async (clicked) => {
    const run = await one(clicked, vscode.l10n.t('The configuration of which run?'));
    if (run !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(new RunFolder(run.folder).manifest));
  });
  registerCommand(host, 'scrkd.revealRun', async (clicked) => {
    const run = await one(clicked, vscode.l10n.t('The folder of which run?'));
    if (run !== undefined) await revealFolder(run.folder);
  });
  registerCommand(host, 'scrkd.compareRuns', async (clicked, selected) => {
    const runs = await runsFor(index, clicked, selected, { ...anyRun, placeHolder: vscode.l10n.t('Which runs are to be compared?'), many: true });
    const arguments_ = runs.map(({ folder }) => ({ folder }));
    if (runs.length > 0) await vscode.commands.executeCommand('scrkd.openDashboard', arguments_[0], arguments_);
  });
  registerCommand(host, 'scrkd.deleteRun', (clicked, selected) => {
    // A key brings no rows along, unlike a click in the menu.
    const byKey = typeof clicked === 'object' && clicked !== null && 'key' in clicked;
    return byKey ? deleteRuns(services, view.selection[0], view.selection) : deleteRuns(services, clicked, selected);
  });
  registerCommand(host, 'scrkd.forkRun', async (clicked) => {
    if (!mayRun()) return;
    const run = await one(clicked, vscode.l10n.t('Which run is to be forked?'));
    if (run !== undefined) await fork(services, run, checkpointOf(clicked));
  });
  registerCommand(host, 'scrkd.evaluate', async (clicked, selected) => {
    if (!mayRun()) return;
    const runs = await runsFor(index, clicked, selected, { ...anyRun, placeHolder: vscode.l10n.t('Which runs are to be evaluated?'), many: true });
    if (runs.length === 0) return;
    const out = join(runs[0]!.directory, fileNameFor(runs[0]!.manifest.experiment), `evaluation-${stamp()}`);
    const title = vscode.l10n.t('Evaluating {0}', runs.map(runName).join(', '));
    const { stdout } = await withProgress(title, (signal, report) => commandLine.run(['evaluate', ...runs.map(({ folder }) => folder), '--out', out], { signal, onLine: report }));
    host.log.info(stdout);
    await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(join(out, 'report.md')));
  });
  registerCommand(host, 'scrkd.predict', async (clicked) => {
    if (!mayRun()) return;
    const run = await one(clicked, vscode.l10n.t('The network of which run?'));
    if (run === undefined) return;
    const images = await askImages(run);
    if (images === undefined) return;
    const name = runName(run);
    const out = join(run.directory, fileNameFor(run.manifest.experiment), `saliency-${name}-${stamp()}`);
    await withProgress(vscode.l10n.t('{0}: saliency maps', name), (signal, report) => commandLine.run(['predict', run.folder, ...images, '--out', out], { signal, onLine: report }));
    const maps = (await readdir(out)).filter((file) => file.endsWith('.png')).sort();
    const reveal = vscode.l10n.t('Reveal Folder');
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} saliency maps are in {1}.', maps.length, vscode.workspace.asRelativePath(out)), reveal).then(async (chosen) => {
      if (chosen === reveal) await revealFolder(out);
    });
    if (maps[0] !== undefined) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(join(out, maps[0])));
  });
}

/** Paths of images or of a folder of them. A dialog of the system chooses either files or folders, so that is asked first. */
async function askImages({ manifest }: ReadableRun): Promise<string[] | undefined> {
  const items = [
    { label: vscode.l10n.t('$(file-media) Images…'), isFolder: false },
    { label: vscode.l10n.t('$(folder) All images of a folder…'), isFolder: true },
  ];
  const kind = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Saliency maps of what?') });
  if (kind === undefined) return undefined;
  const filters = { [vscode.l10n.t('Images')]: ['jpg', 'jpeg', 'png', 'bmp', 'tif', 'tiff', 'webp'] };
  const options = kind.isFolder ? { canSelectFolders: true, canSelectFiles: false } : { canSelectMany: true, filters };
  const chosen = await vscode.window.showOpenDialog({ ...options, openLabel: vscode.l10n.t('Predict'), title: vscode.l10n.t('Images'), defaultUri: vscode.Uri.file(manifest.dataset.root) });
  return chosen?.map(({ fsPath }) => fsPath);
}

/** Over Remote-SSH and in a browser there is no file manager; the explorer shows what belongs to the workspace. */
async function revealFolder(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  await vscode.commands.executeCommand(vscode.workspace.getWorkspaceFolder(uri) === undefined ? 'revealFileInOS' : 'revealInExplorer', uri);
}

/** The output of the process that worked on the run last, where this extension started it; otherwise the run's events. */
async function logOf({ directory, folder, state }: ReadableRun): Promise<string> {
  const launch = (await readLaunches(directory)).find((record) => isSameProcess(record, state));
  return launch?.log ?? new RunFolder(folder).events;
}

async function deleteRuns({ index }: Services, clicked: unknown, selected: unknown): Promise<void> {
  await index.ready();
  const called = runFoldersOf(clicked, selected);
  const question = { placeHolder: vscode.l10n.t('Which runs are to be deleted?'), none: vscode.l10n.t('There is no run that could be deleted: those that go on or wait have to be stopped first.'), standings: ['interrupted', 'stopped', 'failed', 'finished'] as const, many: true };
  const chosen = called.length > 0 ? called : (await runsFor(index, undefined, undefined, question)).map(({ folder }) => folder);
  const runs = chosen.flatMap((folder) => index.at(folder) ?? []);
  if (runs.length === 0) return;
  const busy = runs.filter(isReadable).filter(({ standing, state }) => standing !== 'interrupted' && isActive(state.state));
  if (busy.length > 0) {
    void vscode.window.showWarningMessage(vscode.l10n.t('A process is working on {0}. Stop it first.', busy.map(runName).join(', ')));
    return;
  }
  const names = runs.map((run) => (isReadable(run) ? runName(run) : basename(run.folder)));
  const students = index.runs.filter(isReadable).filter((run) => !chosen.includes(run.folder) && Object.values(run.manifest.parents).some(({ run: id }) => runs.some((gone) => isReadable(gone) && gone.manifest.id === id)));
  const sure = runs.length === 1 ? vscode.l10n.t('Delete {0}?', names[0]!) : vscode.l10n.t('Delete {0} runs?', runs.length);
  const detail = [
    vscode.l10n.t('Checkpoints, captures and curves go to the trash, where there is one.'),
    ...(runs.length > 1 ? [names.slice(0, 10).join(', ')] : []),
    ...(students.length > 0 ? [vscode.l10n.t('These runs learnt from it and keep their numbers: {0}.', students.map(runName).join(', '))] : []),
  ].join('\n\n');
  const remove = vscode.l10n.t('Move to Trash');
  if ((await vscode.window.showWarningMessage(sure, { modal: true, detail }, remove)) !== remove) return;
  await moveToTrash(runs.map(({ folder }) => folder));
  await index.refresh();
}

/** Servers often have no trash: then it is asked again, since nothing brings the runs back. */
async function moveToTrash(folders: readonly string[]): Promise<void> {
  const remove = (folder: string, useTrash: boolean): Thenable<void> => vscode.workspace.fs.delete(vscode.Uri.file(folder), { recursive: true, useTrash });
  const title = vscode.l10n.t('Deleting runs');
  const left = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, async () => {
    for (const [i, folder] of folders.entries()) {
      try {
        await remove(folder, true);
      } catch {
        return folders.slice(i);
      }
    }
    return [];
  });
  if (left.length === 0) return;
  const forever = vscode.l10n.t('Delete Permanently');
  const question = left.length === 1 ? vscode.l10n.t('{0} cannot be moved to the trash.', basename(left[0]!)) : vscode.l10n.t('{0} runs cannot be moved to the trash.', left.length);
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail: vscode.l10n.t('Deleted permanently, nothing brings them back.') }, forever)) !== forever) return;
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, async () => {
    for (const folder of left) await remove(folder, false);
  });
}

/** A config beside the run's own, of another name, whose stage starts from a checkpoint of the run. */
async function fork({ commandLine }: Services, run: ReadableRun, named: string | undefined): Promise<void> {
  const names = checkpointNames(new RunFolder(run.folder));
  if (names.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} has no checkpoint yet.', runName(run)));
    return;
  }
  const checkpoint = named ?? (names.length === 1 ? names[0] : await vscode.window.showQuickPick(names, { placeHolder: vscode.l10n.t('From which checkpoint?') }));
  if (checkpoint === undefined) return;
  const { configFile } = stageFacts(run.manifest);
  const folder = configFile === undefined ? dirname(run.directory) : dirname(configFile);
  const base = configFile === undefined ? fileNameFor(run.manifest.experiment) : withoutEnding(basename(configFile));
  let target = '';
  for (let number = 1; target === '' || existsSync(target); number++) target = join(folder, `${base}-fork-${number}.scrkd.yaml`);
  await commandLine.run(['fork', run.folder, target, '--checkpoint', checkpoint]);
  await vscode.window.showTextDocument(vscode.Uri.file(target));
}

function checkpointOf(clicked: unknown): string | undefined {
  if (typeof clicked !== 'object' || clicked === null || !('checkpoint' in clicked)) return undefined;
  const { checkpoint } = clicked;
  return typeof checkpoint === 'object' && checkpoint !== null && 'name' in checkpoint && typeof checkpoint.name === 'string' ? checkpoint.name : undefined;
}

/** `20250131-142530`, in local time. */
function stamp(): string {
  const now = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
