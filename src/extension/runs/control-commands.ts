/** Pause, resume, stop: requests to the trainer through the run's control folder, and what became of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ControlCommand } from '../../protocol/control.ts';
import type { ProcessIdentity } from '../../protocol/run.ts';
import { sendControl } from '../../runs/control.ts';
import { cacheDirectory, moveWaiting, waitingLaunches } from '../../runs/device-queue.ts';
import { livenessOf, type RunStanding } from '../../runs/liveness.ts';
import { RunFolder } from '../../runs/run-folder.ts';
import { mayRun, registerCommand } from '../commands.ts';
import { endProcesses, processTree, survivors } from '../launch/process-tree.ts';
import type { Services } from '../services.ts';
import { runsFor } from './pick-runs.ts';
import { runName } from './run-text.ts';
import { isReadable, type ReadableRun, type RunsIndex } from './runs-index.ts';

/** A trainer that was told to stop at once has nothing more to write; milliseconds. */
const stopNowGraceMs = 15_000;
const pollMs = 250;

export function registerControl(services: Services): void {
  const { host, index } = services;
  const each = (id: 'pause' | 'resume', standings: readonly RunStanding[], placeHolder: string, none: string): void =>
    registerCommand(host, `scrkd.${id}`, async (clicked, selected) => {
      if (!mayRun()) return;
      for (const run of await runsFor(index, clicked, selected, { placeHolder, standings, none })) await ask(index, run, { verb: id, args: {} });
    });
  each('pause', ['running'], vscode.l10n.t('Which run is to pause?'), vscode.l10n.t('No run is training.'));
  each('resume', ['paused'], vscode.l10n.t('Which run is to go on?'), vscode.l10n.t('No run is paused. Stopped and interrupted runs go on with "Resume from Checkpoint".'));

  const stop = (id: 'stop' | 'stopNow', placeHolder: string): void =>
    registerCommand(host, `scrkd.${id}`, async (clicked, selected) => {
      if (!mayRun()) return;
      const none = vscode.l10n.t('No process is working on a run.');
      const runs = await runsFor(index, clicked, selected, { placeHolder, standings: ['running', 'paused', 'queued'], none });
      await Promise.all(runs.map((run) => stopRun(services, run, id === 'stopNow')));
    });
  stop('stop', vscode.l10n.t('Which run is to stop? A checkpoint is written first.'));
  stop('stopNow', vscode.l10n.t('Which run is to stop at once, without a checkpoint?'));
}

/** Changes the order of the launches that wait for a device. */
export function registerQueue({ host, index, launches }: Services): void {
  const move = (id: 'moveUp' | 'moveDown', by: number): void =>
    registerCommand(host, `scrkd.${id}`, async (clicked) => {
      if (!mayRun()) return;
      const none = vscode.l10n.t('No run waits for a device.');
      const [run] = await runsFor(index, clicked, undefined, { placeHolder: vscode.l10n.t('Which run?'), standings: ['queued'], none });
      const device = run?.state.queue?.device;
      if (run === undefined || device === undefined) return;
      const { pid, processStart } = run.state;
      const at = waitingLaunches(device, cacheDirectory()).findIndex(({ owner }) => owner.pid === pid && owner.processStart === processStart);
      if (at === -1 || !moveWaiting(device, cacheDirectory(), run.state, at + by)) void vscode.window.showInformationMessage(vscode.l10n.t('{0} waits on {1}: its order is changed there.', runName(run), run.state.host));
    });
  move('moveUp', -1);
  move('moveDown', 1);
  registerCommand(host, 'scrkd.cancelLaunch', async (node) => {
    const log = typeof node === 'object' && node !== null && 'launch' in node && typeof node.launch === 'object' && node.launch !== null && 'log' in node.launch ? node.launch.log : undefined;
    const launch = launches.pending.find((pending) => pending.log === log);
    if (launch !== undefined) endProcesses(await processTree(launch), 'SIGTERM');
  });
}

/** Sends a request, and shows that it is on its way until the run's state answers. */
async function ask(index: RunsIndex, run: ReadableRun, command: ControlCommand): Promise<void> {
  sendControl(new RunFolder(run.folder), command);
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('SCRKD: {0}: waiting for the step to end', runName(run)) }, async () => {
    for (let waited = 0; waited < 60_000; waited += pollMs) {
      await sleep(pollMs);
      await index.refresh();
      const now = index.at(run.folder);
      if (now === undefined || !isReadable(now) || now.standing !== run.standing) return;
    }
  });
}

/**
 * Stops a run's trainer and makes sure that it is gone with everything that it started. After the time of grace that the settings
 * give it to write its checkpoint, the user is asked about stopping at once.
 */
export async function stopRun({ host }: Services, run: ReadableRun, atOnce: boolean): Promise<void> {
  const name = runName(run);
  const here = livenessOf(run.state) === 'alive';
  const tree = here ? await processTree(run.state) : [];
  const folder = new RunFolder(run.folder);
  const title = atOnce ? vscode.l10n.t('Stopping {0} at once', name) : vscode.l10n.t('Stopping {0}: writing a checkpoint', name);
  sendControl(folder, { verb: atOnce ? 'stop-now' : 'stop', args: {} });
  if (!here) return; // its own machine sees to it; the state tells
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: false }, async () => {
    const grace = atOnce ? stopNowGraceMs : 1000 * vscode.workspace.getConfiguration('scrkd').get<number>('stopGraceSeconds', 60);
    if (await gone(run.state, grace)) return;
    if (!atOnce) {
      const now = vscode.l10n.t('Stop Now');
      const question = vscode.l10n.t('{0} has not stopped yet. Stopping now loses the steps since its last checkpoint.', name);
      const chosen = await Promise.race([vscode.window.showWarningMessage(question, now, vscode.l10n.t('Keep Waiting')), gone(run.state, Infinity).then(() => undefined)]);
      if (chosen !== now) {
        await gone(run.state, Infinity);
        return;
      }
      sendControl(folder, { verb: 'stop-now', args: {} });
      if (await gone(run.state, stopNowGraceMs)) return;
    }
    host.log.warn(`${name}: process ${run.state.pid} does not answer and is ended`);
    endProcesses(tree, 'SIGTERM');
    if (!(await gone(run.state, stopNowGraceMs))) endProcesses(tree, 'SIGKILL');
  });
  const left = survivors(tree);
  if (left.length === 0) return;
  host.log.warn(`${name}: ended what the trainer left behind: ${left.map(({ pid }) => pid).join(', ')}`);
  endProcesses(left, 'SIGKILL');
}

async function gone(process: ProcessIdentity, withinMs: number): Promise<boolean> {
  for (let waited = 0; waited < withinMs; waited += pollMs) {
    if (livenessOf(process) !== 'alive') return true;
    await sleep(pollMs);
  }
  return livenessOf(process) !== 'alive';
}
