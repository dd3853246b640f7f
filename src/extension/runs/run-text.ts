/** What the trees and the status bar say of a run. */
import * as l10n from '@vscode/l10n';
import { unreachable } from '../../base/errors.ts';
import { isCancelled, standingLook, standingWord, type StandingFacts, type StandingTone } from '../../protocol/standing.ts';
import type { ReadableRun } from './runs-index.ts';
import { stageFacts } from './stage-facts.ts';

/** A run's name: what people gave it, or the stage with the end of its id, which tells runs of one stage apart. */
export function runName({ manifest, notes }: ReadableRun): string {
  return notes.name === undefined || notes.name === '' ? `${manifest.stage}-${manifest.id.slice(-4).toLowerCase()}` : notes.name;
}

/** One line beside the name, e.g. `62/100 · maxF 0.8911 · 17 min left`. */
export function runDescription(run: ReadableRun): string {
  const { state, standing, manifest } = run;
  const best = bestText(run);
  const epochs = `${state.epoch}/${state.epochs}`;
  switch (standing) {
    case 'queued':
      return state.queue === undefined ? l10n.t('waiting') : l10n.t('waiting for {0}, {1} ahead', state.queue.device, state.queue.ahead);
    case 'running':
      return join(state.epochs === 0 ? l10n.t('starting') : epochs, best, leftText(run));
    case 'paused':
      return join(l10n.t('paused at {0}', epochs), best);
    case 'stopped':
      return isCancelled(factsOf(run)) ? l10n.t('cancelled before it began') : join(l10n.t('stopped at {0}', epochs), best);
    case 'interrupted':
      return join(state.epochs === 0 ? l10n.t('interrupted before it began') : l10n.t('interrupted at {0}', epochs), best, l10n.t('resume'));
    case 'failed':
      return join(state.epochs === 0 ? l10n.t('failed before it began') : l10n.t('failed at {0}', epochs), state.error?.reason);
    case 'finished': {
      const { resolution, method } = stageFacts(manifest);
      return join(resolution, method ?? (manifest.parents['teacher'] === undefined ? undefined : l10n.t('distilled')), best);
    }
    default:
      return unreachable(standing);
  }
}

/** `maxF 0.8911`; undefined before the first evaluation. */
export function bestText({ state }: ReadableRun): string | undefined {
  return state.best === undefined ? undefined : `${state.best.metric} ${figureText(state.best.value)}`;
}

/** Four decimals, as tables of the field have them. */
export function figureText(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : String(value);
}

function leftText({ state }: ReadableRun): string | undefined {
  return state.eta === undefined || !Number.isFinite(state.eta) ? undefined : l10n.t('{0} left', durationText(state.eta));
}

/** Share of the steps that are done, in [0, 1]; undefined before the trainer knows how many there are. */
export function progressOf({ state }: ReadableRun): number | undefined {
  const steps = state.epochs * state.stepsPerEpoch;
  return steps === 0 ? undefined : Math.min(1, state.step / steps);
}

/** To the minute: `45 s`, `17 min`, `2 h 05 min`, `3 d 4 h`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return l10n.t('{0} s', whole);
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return l10n.t('{0} min', minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return l10n.t('{0} h {1} min', hours, String(minutes % 60).padStart(2, '0'));
  return l10n.t('{0} d {1} h', Math.floor(hours / 24), hours % 24);
}

/** The facts of a run that its word and its icon depend on. */
export function factsOf({ standing, state: { epochs } }: ReadableRun): StandingFacts {
  return { standing, epochs };
}

/** Name of a codicon, and of a theme colour. */
export function runIcon(run: ReadableRun): { readonly icon: string; readonly colour: string } {
  const { icon, tone } = standingLook(factsOf(run));
  return { icon, colour: themeColours[tone] };
}

/** `muted` is said too: VS Code paints a bare `debug-stop` red. */
const themeColours: Readonly<Record<StandingTone, string>> = {
  muted: 'icon.foreground',
  running: 'charts.blue',
  warning: 'list.warningForeground',
  error: 'list.errorForeground',
  ok: 'charts.green',
};

/** The hover of a run, as Markdown lines; texts of files are escaped by the caller's `escape`. */
export function runTooltip(run: ReadableRun, escape: (text: string) => string): string {
  const { manifest, state, notes } = run;
  const facts = stageFacts(manifest);
  const rows: (readonly [string, string | undefined])[] = [
    [l10n.t('State'), standingWord(factsOf(run)) + (state.error === undefined ? '' : `: ${state.error.message}`)],
    [l10n.t('Stage'), join(manifest.stage, facts.model, facts.resolution)],
    [l10n.t('Method'), facts.method === undefined ? l10n.t('plain') : l10n.t('{0} from {1}', facts.method, facts.teacher ?? '–')],
    [l10n.t('Dataset'), facts.dataset],
    [l10n.t('Epoch'), state.epochs === 0 ? undefined : l10n.t('{0} of {1}, step {2}', state.epoch, state.epochs, state.step)],
    [l10n.t('Best'), state.best === undefined ? undefined : l10n.t('{0} {1} at epoch {2}', state.best.metric, figureText(state.best.value), state.best.epoch)],
    [l10n.t('Engine'), `${manifest.engine.name} · ${manifest.engine.device}`],
    [l10n.t('Process'), l10n.t('{0} on {1}', state.pid, state.host)],
    [l10n.t('Created'), new Date(manifest.createdAt).toLocaleString()],
    [l10n.t('Tags'), notes.tags?.join(', ')],
    [l10n.t('Note'), notes.note],
  ];
  const shown = rows.flatMap(([name, text]) => (text === undefined || text === '' ? [] : [`| ${name} | ${escape(text).replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')} |`]));
  return [`**${escape(runName(run))}**`, '', '| | |', '|---|---|', ...shown].join('\n');
}

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}
