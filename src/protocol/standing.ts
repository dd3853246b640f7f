/** How runs stand, in a word, an icon and a tone: the same in trees, pickers and panels. */
import * as l10n from '@vscode/l10n';
import { unreachable } from '../base/errors.ts';
import type { Standing } from './dashboard.ts';

/** What the words and icons depend on. */
export interface StandingFacts {
  readonly standing: Standing;
  /** Epochs that the run is to have; 0 before its trainer knows them, which is as soon as it begins. */
  readonly epochs: number;
}

/** Whether the run gave up its place in the queue and never trained. */
export function isCancelled({ standing, epochs }: StandingFacts): boolean {
  return standing === 'stopped' && epochs === 0;
}

export function standingWord(facts: StandingFacts): string {
  return isCancelled(facts) ? l10n.t('cancelled') : standingName(facts.standing);
}

/** The name of a standing itself, as filters list it. */
export function standingName(standing: Standing): string {
  switch (standing) {
    case 'queued':
      return l10n.t('queued');
    case 'running':
      return l10n.t('running');
    case 'paused':
      return l10n.t('paused');
    case 'stopped':
      return l10n.t('stopped');
    case 'failed':
      return l10n.t('failed');
    case 'finished':
      return l10n.t('finished');
    case 'interrupted':
      return l10n.t('interrupted');
    default:
      return unreachable(standing);
  }
}

/** What a colour says; only a failure is an error. */
export type StandingTone = 'muted' | 'running' | 'warning' | 'error' | 'ok';

export interface StandingLook {
  /** A codicon's name: state is never shown by colour alone. */
  readonly icon: string;
  readonly tone: StandingTone;
}

export function standingLook(facts: StandingFacts): StandingLook {
  if (isCancelled(facts)) return { icon: 'circle-slash', tone: 'muted' };
  switch (facts.standing) {
    case 'queued':
      return { icon: 'clock', tone: 'muted' };
    case 'running':
      return { icon: 'play', tone: 'running' };
    case 'paused':
      return { icon: 'debug-pause', tone: 'running' };
    case 'stopped':
      return { icon: 'debug-stop', tone: 'muted' };
    case 'failed':
      return { icon: 'error', tone: 'error' };
    case 'finished':
      return { icon: 'check', tone: 'ok' };
    case 'interrupted':
      return { icon: 'warning', tone: 'warning' };
    default:
      return unreachable(facts.standing);
  }
}
