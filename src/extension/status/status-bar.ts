/** The status bar's item: the run that ends next, how many more there are, and where they train. */
import * as vscode from 'vscode';
import { registerCommand } from '../commands.ts';
import { durationText, progressOf, runDescription, runName } from '../runs/run-text.ts';
import { isReadable, type ReadableRun } from '../runs/runs-index.ts';
import type { Services } from '../services.ts';
import { statusActions, type StatusAction, type StatusGroup } from './status-actions.ts';

export function registerStatusBar({ host, index }: Services): void {
  const item = host.track(vscode.window.createStatusBarItem('scrkd.status', vscode.StatusBarAlignment.Left, 10));
  item.name = vscode.l10n.t('SCRKD Runs');
  item.command = 'scrkd.showActions';
  const update = (): void => {
    const runs = index.runs.filter(isReadable);
    const active = activeOf(runs);
    const broken = brokenOf(runs);
    if (active.length === 0 && broken.length === 0) {
      item.hide();
      return;
    }
    item.text = statusText(active, broken);
    item.tooltip = tooltip(active, broken);
    item.backgroundColor = active.length === 0 ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.accessibilityInformation = { label: item.text.replaceAll(/\$\([^)]*\)/g, '') };
    item.show();
  };
  host.track(index.onDidChange(update));
  registerCommand(host, 'scrkd.showActions', async () => {
    await index.ready();
    const runs = index.runs.filter(isReadable);
    await offer(statusActions([...activeOf(runs), ...brokenOf(runs)], vscode.workspace.isTrusted));
  });
}

/** Those that go on or wait, the one that ends next first. */
function activeOf(runs: readonly ReadableRun[]): ReadableRun[] {
  return runs.filter(({ standing }) => standing === 'running' || standing === 'paused' || standing === 'queued').sort((a, b) => (a.state.eta ?? Infinity) - (b.state.eta ?? Infinity));
}

function brokenOf(runs: readonly ReadableRun[]): ReadableRun[] {
  return runs.filter(({ standing }) => standing === 'interrupted');
}

async function offer(groups: readonly StatusGroup[]): Promise<void> {
  interface Item extends vscode.QuickPickItem {
    readonly action?: StatusAction;
  }
  const items = groups.flatMap(({ title, actions }): Item[] => [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...actions.map((action) => ({ label: `$(${action.icon}) ${action.label}`, ...(action.run !== undefined && { description: runName(action.run) }), action })),
  ]);
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('What is to be done?'), matchOnDescription: true });
  const { action } = chosen ?? {};
  if (action === undefined) return;
  await vscode.commands.executeCommand(action.command, ...(action.run === undefined ? [] : [{ folder: action.run.folder }]));
}

/** E.g. `student-7f3a 62 %, 17 min · 1 more · cpu`. */
export function statusText(active: readonly ReadableRun[], broken: readonly ReadableRun[]): string {
  const [first, ...others] = active;
  if (first === undefined) return `$(warning) ${broken.length === 1 ? vscode.l10n.t('SCRKD: 1 run was interrupted') : vscode.l10n.t('SCRKD: {0} runs were interrupted', broken.length)}`;
  const progress = progressOf(first);
  const { eta } = first.state;
  const icon = { running: 'sync~spin', paused: 'debug-pause', queued: 'clock' }[first.standing as 'running' | 'paused' | 'queued'];
  const progressText = progress === undefined ? '' : ` ${Math.floor(100 * progress)} %`;
  const left = eta === undefined || first.standing !== 'running' ? '' : `, ${durationText(eta)}`;
  const more = others.length === 0 ? '' : ` · ${vscode.l10n.t('{0} more', others.length)}`;
  return `$(${icon}) SCRKD: ${runName(first)}${progressText}${left}${more} · ${first.manifest.engine.device}`;
}

function tooltip(active: readonly ReadableRun[], broken: readonly ReadableRun[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString(undefined, true);
  text.isTrusted = { enabledCommands: ['scrkd.pause', 'scrkd.resume', 'scrkd.stop', 'scrkd.openDashboard', 'scrkd.resumeFromCheckpoint', 'scrkd.showEngineStatus', 'scrkd.runs.focus'] };
  const link = (title: string, command: string, run: ReadableRun): string => `[${title}](command:${command}?${encodeURIComponent(JSON.stringify([{ folder: run.folder }]))})`;
  const line = (run: ReadableRun, ...links: readonly string[]): void => {
    text.appendText(`${runName(run)}  ${runDescription(run)}`);
    text.appendMarkdown(`\n\n${links.join(' · ')}\n\n`);
  };
  for (const run of active.slice(0, 8)) {
    const stop = link(vscode.l10n.t('Stop'), 'scrkd.stop', run);
    const dashboard = link(vscode.l10n.t('Dashboard'), 'scrkd.openDashboard', run);
    if (run.standing === 'running') line(run, link(vscode.l10n.t('Pause'), 'scrkd.pause', run), stop, dashboard);
    else if (run.standing === 'paused') line(run, link(vscode.l10n.t('Resume'), 'scrkd.resume', run), stop, dashboard);
    else line(run, stop);
  }
  for (const run of broken.slice(0, 4)) line(run, link(vscode.l10n.t('Resume from Checkpoint'), 'scrkd.resumeFromCheckpoint', run));
  const engine = active[0]?.manifest.engine;
  if (engine !== undefined) text.appendMarkdown(`---\n\n${engine.name} · ${engine.device} · [${vscode.l10n.t('Engine Status')}](command:scrkd.showEngineStatus)`);
  return text;
}
