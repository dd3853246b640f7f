/** What can be done with runs apart from training them. */
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import * as vscode from 'vscode';
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
import { stageFacts } from './stage-facts.ts';

export function registerRunCommands(services: Services): void {
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
    if (run === undefined) return;
    const uri = vscode.Uri.file(run.folder);
    // Over Remote-SSH and in a browser there is no file manager; the explorer shows what belongs to the workspace.
    if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) await vscode.commands.executeCommand('revealInExplorer', uri);
    else await vscode.commands.executeCommand('revealFileInOS', uri);
  });
  registerCommand(host, 'scrkd.compareRuns', async (clicked, selected) => {
    const runs = await runsFor(index, clicked, selected, { ...anyRun, placeHolder: vscode.l10n.t('Which runs are to be compared?'), many: true });
    const arguments_ = runs.map(({ folder }) => ({ folder }));
    if (runs.length > 0) await vscode.commands.executeCommand('scrkd.openDashboard', arguments_[0], arguments_);
  });
  registerCommand(host, 'scrkd.deleteRun', (clicked, selected) => deleteRuns(services, clicked, selected));
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
    await vscode.window.showTextDocument(vscode.Uri.file(join(out, 'figures.csv')));
  });
  registerCommand(host, 'scrkd.predict', async (clicked) => {
    if (!mayRun()) return;
    const run = await one(clicked, vscode.l10n.t('The network of which run?'));
    if (run === undefined) return;
    const images = await vscode.window.showOpenDialog({ canSelectMany: true, openLabel: vscode.l10n.t('Predict'), title: vscode.l10n.t('Images'), filters: { [vscode.l10n.t('Images')]: ['jpg', 'jpeg', 'png', 'bmp', 'tif', 'tiff', 'webp'] } });
    if (images === undefined || images.length === 0) return;
    const out = join(dirname(images[0]!.fsPath), `saliency-${runName(run)}`);
    const title = vscode.l10n.t('Saliency maps of {0} images', images.length);
    await withProgress(title, (signal, report) => commandLine.run(['predict', run.folder, ...images.map(({ fsPath }) => fsPath), '--out', out], { signal, onLine: report }));
    const first = join(out, `${basename(images[0]!.fsPath, extname(images[0]!.fsPath))}.png`);
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(existsSync(first) ? first : out));
  });
}

/** The output of the process that worked on the run last, where this extension started it; otherwise the run's events. */
async function logOf({ directory, folder, state }: ReadableRun): Promise<string> {
  const launch = (await readLaunches(directory)).find((record) => isSameProcess(record, state));
  return launch?.log ?? new RunFolder(folder).events;
}

async function deleteRuns({ index }: Services, clicked: unknown, selected: unknown): Promise<void> {
  await index.ready();
  const called = runFoldersOf(clicked, selected);
  const chosen = called.length > 0 ? called : (await runsFor(index, undefined, undefined, { placeHolder: vscode.l10n.t('Which runs are to be deleted?'), none: vscode.l10n.t('There are no runs yet.'), many: true })).map(({ folder }) => folder);
  const runs = chosen.flatMap((folder) => index.at(folder) ?? []);
  if (runs.length === 0) return;
  const busy = runs.filter(isReadable).filter(({ standing, state }) => standing !== 'interrupted' && isActive(state.state));
  if (busy.length > 0) {
    void vscode.window.showWarningMessage(vscode.l10n.t('A process is working on {0}. Stop it first.', busy.map(runName).join(', ')));
    return;
  }
  const names = runs.map((run) => (isReadable(run) ? runName(run) : basename(run.folder)));
  const students = index.runs.filter(isReadable).filter((run) => !chosen.includes(run.folder) && Object.values(run.manifest.parents).some(({ run: id }) => runs.some((gone) => isReadable(gone) && gone.manifest.id === id)));
  const question = runs.length === 1 ? vscode.l10n.t('Delete {0}?', names[0]!) : vscode.l10n.t('Delete {0} runs?', runs.length);
  const detail = [
    vscode.l10n.t('Checkpoints, captures and curves go to the trash, where there is one.'),
    ...(runs.length > 1 ? [names.slice(0, 10).join(', ')] : []),
    ...(students.length > 0 ? [vscode.l10n.t('These runs learnt from it and keep their numbers: {0}.', students.map(runName).join(', '))] : []),
  ].join('\n\n');
  const remove = vscode.l10n.t('Move to Trash');
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) !== remove) return;
  for (const { folder } of runs) await moveToTrash(vscode.Uri.file(folder));
  await index.refresh();
}

/** Servers often have no trash: then it is asked again, since nothing brings the run back. */
async function moveToTrash(uri: vscode.Uri): Promise<void> {
  try {
    await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: true });
  } catch {
    const forever = vscode.l10n.t('Delete Permanently');
    const question = vscode.l10n.t('{0} cannot be moved to the trash.', basename(uri.fsPath));
    if ((await vscode.window.showWarningMessage(question, { modal: true }, forever)) === forever) await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: false });
  }
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
  const base = configFile === undefined ? fileNameFor(run.manifest.experiment) : basename(configFile).replace(/\.scrkd\.ya?ml$/, '');
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
