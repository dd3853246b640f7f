/** Start Distillation, and going on with runs: a detached trainer, and what it says when it fails. */
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Diagnostic } from '../../config/diagnostic.ts';
import { messageOf } from '../../base/errors.ts';
import { mayRun, registerCommand } from '../commands.ts';
import { offerEngineOnce } from '../engine/offer.ts';
import { runsFor } from '../runs/pick-runs.ts';
import { isReadable } from '../runs/runs-index.ts';
import { runsDirectoryOf } from '../runs/run-places.ts';
import { runName } from '../runs/run-text.ts';
import type { Services } from '../services.ts';
import { lastWords, type StartedLaunch } from './command-line.ts';
import { isSameProcess } from './launch-record.ts';

/** Exit codes of `scrkd`: done, and stopped on request. */
const goodEnds = [0, 130];
const invalidInput = 3;

export function registerStart(services: Services): void {
  registerCommand(services.host, 'scrkd.start', async (argument) => {
    if (!mayRun()) return;
    const config = await configFor(services, argument);
    if (config !== undefined) await start(services, config, stageOf(argument));
  });
  registerCommand(services.host, 'scrkd.resumeFromCheckpoint', async (clicked, selected) => {
    if (!mayRun()) return;
    const question = {
      placeHolder: vscode.l10n.t('Which run is to go on?'),
      standings: ['interrupted', 'stopped', 'failed'] as const,
      none: vscode.l10n.t('No run waits to be resumed: only stopped, failed and interrupted runs can go on.'),
    };
    for (const run of await runsFor(services.index, clicked, selected, question)) {
      const launch = await services.commandLine.launch(['resume', run.folder], { subject: run.folder, runsDirectory: run.directory, cwd: dirname(run.directory) });
      follow(services, launch, runName(run));
    }
  });
}

/** The config that a command was called with, the one in the active editor, or the one that the user chooses. */
export async function configFor({ places }: Services, argument: unknown): Promise<vscode.Uri | undefined> {
  const given = argument instanceof vscode.Uri ? argument : typeof argument === 'object' && argument !== null && 'config' in argument && argument.config instanceof vscode.Uri ? argument.config : undefined;
  if (given !== undefined) return given;
  const active = vscode.window.activeTextEditor?.document;
  if (active?.languageId === 'scrkd' && active.uri.scheme === 'file') return active.uri;
  const configs = await places.configs();
  if (configs.length === 0) {
    const create = vscode.l10n.t('New Distillation Config');
    const chosen = await vscode.window.showInformationMessage(vscode.l10n.t('There is no distillation config (*.scrkd.yaml) in this window.'), create);
    if (chosen === create) await vscode.commands.executeCommand('scrkd.newConfig');
    return undefined;
  }
  if (configs.length === 1) return configs[0];
  const items = configs.map((uri) => ({ label: basename(uri.fsPath), description: vscode.workspace.asRelativePath(dirname(uri.fsPath)), uri }));
  return (await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Which config?') }))?.uri;
}

/** Saves, checks and starts a config; resolves when the trainer's process is there. */
export async function start(services: Services, config: vscode.Uri, stage?: string, { retrain = false } = {}): Promise<StartedLaunch | undefined> {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === config.toString());
  if (document?.isDirty === true && !(await document.save())) return undefined;
  if (!(await isValid(services, config))) return undefined;
  const runsDirectory = runsDirectoryOf(config);
  const args = ['run', config.fsPath, '--runs', runsDirectory, ...(stage === undefined ? [] : ['--stage', stage]), ...(retrain ? ['--retrain'] : [])];
  const launch = await services.commandLine.launch(args, { subject: config.fsPath, runsDirectory, cwd: dirname(config.fsPath) });
  follow(services, launch, basename(config.fsPath));
  void launch.ended.then(async (code) => code === 0 && (await hasTrainedNothing(services, launch)) && offerRetraining(services, config, stage));
  void vscode.commands.executeCommand('scrkd.runs.focus');
  void offerEngineOnce(services);
  return launch;
}

/** Errors of a config stop it from being started, each with its place. Warnings do not: the editor shows them. */
async function isValid({ commandLine }: Services, config: vscode.Uri): Promise<boolean> {
  const { code, stdout } = await commandLine.run(['check', config.fsPath, '--json'], { cwd: dirname(config.fsPath), expected: [invalidInput] });
  if (code === 0) return true;
  const errors = stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Diagnostic).filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const message =
    first === undefined
      ? vscode.l10n.t('{0} is not valid.', basename(config.fsPath))
      : vscode.l10n.t('{0}, line {1}: {2}', basename(first.file), first.range.start.line + 1, first.message) + (errors.length > 1 ? ' ' + vscode.l10n.t('({0} more)', errors.length - 1) : '');
  const open = vscode.l10n.t('Go to Error');
  void vscode.window.showErrorMessage(message, open).then(async (chosen) => {
    if (chosen !== open || first === undefined) return;
    const { start: from, end } = first.range;
    await vscode.window.showTextDocument(vscode.Uri.file(first.file), { selection: new vscode.Range(from.line, from.character, end.line, end.character) });
  });
  return false;
}

/** Shows a launch until its runs do, and tells when it fails while this window lives; after that its runs tell. */
function follow({ launches, host, index }: Services, { record, ended }: StartedLaunch, name: string): void {
  launches.add(record);
  host.log.info(`launch ${record.subject}: process ${record.pid}, output in ${record.log}`);
  void ended.then(async (code) => {
    await index.refreshIfStarted();
    if (code === null || goodEnds.includes(code)) return;
    const said = lastWords(await readFile(record.log, 'utf8').catch((error: unknown) => messageOf(error)));
    const open = vscode.l10n.t('Open Log');
    const message = said === undefined ? vscode.l10n.t('{0} ended with exit code {1}.', name, code) : vscode.l10n.t('{0} ended: {1}', name, said);
    if ((await vscode.window.showErrorMessage(message, open)) === open) await vscode.window.showTextDocument(vscode.Uri.file(record.log));
  });
}

/** A launch that found every stage finished leaves no run of its own. */
async function hasTrainedNothing({ index }: Services, { record }: StartedLaunch): Promise<boolean> {
  await index.ready();
  await index.refresh();
  return !index.runs.some((run) => isReadable(run) && isSameProcess(run.state, record));
}

async function offerRetraining(services: Services, config: vscode.Uri, stage: string | undefined): Promise<void> {
  const again = vscode.l10n.t('Train Again');
  const message = stage === undefined
    ? vscode.l10n.t('{0}: nothing to train, each stage has a finished run of the very same settings and data.', basename(config.fsPath))
    : vscode.l10n.t('{0}: nothing to train, stage "{1}" has a finished run of the very same settings and data.', basename(config.fsPath), stage);
  if ((await vscode.window.showInformationMessage(message, again)) === again) await start(services, config, stage, { retrain: true });
}

function stageOf(argument: unknown): string | undefined {
  return typeof argument === 'object' && argument !== null && 'stage' in argument && typeof argument.stage === 'string' ? argument.stage : undefined;
}

