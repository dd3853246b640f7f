/** Names of terms, measures, settings and events, as the panel says them. */
import * as l10n from '@vscode/l10n';
import type { ConfigColumn, FigureSource, Mark, Position, SettingChange } from '../../src/protocol/dashboard.ts';
import type { StandingTone } from '../../src/protocol/standing.ts';
import { duration, fixed, significant, withMinus } from '../shared/format.ts';

/** α, β, γ of SCRKD, Eq. 1. */
const symbols: Readonly<Record<string, string>> = { mvcd: 'α', msfd: 'β', dsd: 'γ' };

/** The factor of a loss term, as the paper writes it; its name where it has no letter. */
export function symbolOf(term: string): string {
  if (term === 'temperature') return 'τ';
  if (term === 'learningRate') return 'lr';
  return symbols[term] ?? term;
}

export function termTitle(term: string): string {
  return term.toUpperCase();
}

interface Measure {
  readonly title: string;
  readonly note: () => string;
  readonly lowerIsBetter: boolean;
}

const measures: Readonly<Record<string, Measure>> = {
  maxF: { title: 'max F', note: () => '', lowerIsBetter: false },
  mae: { title: 'MAE', note: () => l10n.t('lower is better'), lowerIsBetter: true },
  s: { title: 'S', note: () => '', lowerIsBetter: false },
  meanE: { title: 'E', note: () => l10n.t('mean'), lowerIsBetter: false },
};

/** In the order of the charts. */
export const chartMeasures = Object.keys(measures);
/** In the order of the table: MAE, F, S, E. */
export const tableMeasures = ['mae', 'maxF', 's', 'meanE'] as const;

export function measureOf(name: string): Measure {
  return measures[name] ?? { title: name, note: () => '', lowerIsBetter: false };
}

export function sourceName({ split, protocol }: FigureSource): string {
  const splits: Readonly<Record<string, string>> = { validation: l10n.t('validation'), test: l10n.t('test') };
  return `${splits[split] ?? split} · ${protocol}`;
}

export const toneColours: Readonly<Record<StandingTone, `--${string}`>> = {
  muted: '--scrkd-muted',
  running: '--scrkd-running',
  warning: '--scrkd-warning',
  error: '--scrkd-error',
  ok: '--scrkd-ok',
};

/** A setting's value: weights and rates range over magnitudes. */
export function settingText(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  return size > 0 && (size < 0.001 || size >= 1e6) ? significant(value) : withMinus(String(+value.toPrecision(4)));
}

/** `β 1 → 0.8` */
export function changeText({ name, from, to }: SettingChange): string {
  return from === undefined ? `${symbolOf(name)} ${settingText(to)}` : `${symbolOf(name)} ${settingText(from)} → ${settingText(to)}`;
}

/** Above the line of an event in a chart, and before it in the list. */
export function markGlyph(mark: Mark): string {
  switch (mark.kind) {
    case 'checkpoint':
      return '◇';
    case 'best':
      return '◆';
    case 'pause':
      return '‖';
    case 'resume':
      return '↻';
    case 'change':
      return mark.changes.map(({ name }) => symbolOf(name)).join('');
    case 'rejected':
      return '×';
    case 'message':
      return mark.level === 'error' ? '!' : '△';
  }
}

export function markText(mark: Mark): string {
  switch (mark.kind) {
    case 'checkpoint':
      return l10n.t('Checkpoint');
    case 'best':
      return l10n.t('Best: max F {0}', fixed(mark.metrics['maxF'], 4));
    case 'pause':
      return mark.seconds === undefined ? l10n.t('Paused') : l10n.t('Paused {0}', duration(mark.seconds));
    case 'resume':
      return mark.checkpoint === 'none' ? l10n.t('Began again') : l10n.t('Resumed from {0}', mark.checkpoint);
    case 'change':
      return mark.changes.map(changeText).join(', ');
    case 'rejected':
      return l10n.t('Refused "{0}": {1}', mark.verb, mark.reason);
    case 'message':
      return mark.message;
  }
}

/** A mark's place by epochs: 62, or 0.4 in the first ones. */
export function epochText({ epoch }: Position): string {
  return epoch >= 10 || Number.isInteger(epoch) ? fixed(Math.floor(epoch), 0) : fixed(epoch, 1);
}

/** The whole key, for a hover over a short heading. */
export function columnTitle({ key, differs }: ConfigColumn): string {
  return differs ? l10n.t('{0}: differs between these runs', key) : l10n.t('{0}: the same in these runs', key);
}
