/** What a click on the status bar's item offers: for each run that goes on or waits to, what can be done now; then what is always there. */
import * as l10n from '@vscode/l10n';
import { runDescription, runName } from '../runs/run-text.ts';
import type { ReadableRun } from '../runs/runs-index.ts';

export interface StatusAction {
  readonly icon: string;
  readonly label: string;
  readonly command: string;
  /** The run that the command is called with; absent: it is of no run. */
  readonly run?: ReadableRun;
}

export interface StatusGroup {
  readonly title: string;
  readonly actions: readonly StatusAction[];
}

/** More runs than these are looked for in the view. */
const mostRuns = 6;

/** @param trusted whether processes may be started and told to stop here */
export function statusActions(runs: readonly ReadableRun[], trusted: boolean): StatusGroup[] {
  const general: StatusAction[] = [
    { icon: 'list-tree', label: l10n.t('Show Runs'), command: 'scrkd.runs.focus' },
    { icon: 'play', label: l10n.t('Start Distillation'), command: 'scrkd.start' },
    { icon: 'vm', label: l10n.t('Show Engine Status'), command: 'scrkd.showEngineStatus' },
  ];
  const shown = runs.slice(0, mostRuns).map((run) => ({ title: `${runName(run)}  ${runDescription(run)}`, actions: actionsOf(run, trusted) }));
  return [...shown, { title: l10n.t('SCRKD'), actions: trusted ? general : general.filter(({ command }) => command === 'scrkd.runs.focus') }];
}

function actionsOf(run: ReadableRun, trusted: boolean): StatusAction[] {
  const { standing } = run;
  const action = (icon: string, label: string, command: string): StatusAction => ({ icon, label, command, run });
  const look = [action('output', l10n.t('Open Log'), 'scrkd.openLog'), action('folder-opened', l10n.t('Reveal Run Folder'), 'scrkd.revealRun')];
  const dashboard = standing === 'queued' ? [] : [action('graph-line', l10n.t('Open Dashboard'), 'scrkd.openDashboard')];
  if (!trusted) return [...dashboard, ...look];
  const control: StatusAction[] = [];
  if (standing === 'running') control.push(action('debug-pause', l10n.t('Pause'), 'scrkd.pause'));
  if (standing === 'paused') control.push(action('debug-continue', l10n.t('Resume'), 'scrkd.resume'));
  if (standing === 'running' || standing === 'paused') control.push(action('debug-stop', l10n.t('Stop'), 'scrkd.stop'));
  if (standing === 'queued') control.push(action('circle-slash', l10n.t('Cancel'), 'scrkd.stop'));
  if (standing === 'interrupted') control.push(action('debug-restart', l10n.t('Resume from Checkpoint'), 'scrkd.resumeFromCheckpoint'));
  return [...dashboard, ...control, ...look];
}
