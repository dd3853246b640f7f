import * as l10n from '@vscode/l10n';
import type { RunEvent, StepEvent } from '../protocol/events.ts';
import type { LaunchNotice, Observer } from '../training/observer.ts';

export interface Terminal {
  readonly columns?: number;
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Every notice as one JSON object a line, for scripts. */
export function jsonReporter(terminal: Terminal): Observer {
  return (notice) => terminal.write(`${JSON.stringify(notice)}\n`);
}

/**
 * What a person reads: one line that is rewritten while a stage trains (where the output is a terminal; elsewhere a line an
 * epoch), and lines that stay for whatever ends or changes.
 */
export class TextReporter {
  #stage = '';
  #epochs = 0;
  #stepsPerEpoch = 0;
  #secondsPerStep = 0;
  #liveLine = false;

  constructor(private readonly terminal: Terminal) {}

  readonly notify = (notice: LaunchNotice): void => {
    switch (notice.type) {
      case 'progress':
        this.#live(notice.message);
        break;
      case 'warning':
        this.#line(l10n.t('warning: {0}', notice.message));
        break;
      case 'engine':
        this.#line(l10n.t('engine: {0}', notice.message));
        break;
      case 'queued':
        this.#line(l10n.t('waiting for {0}: {1} ahead', notice.device, notice.ahead));
        break;
      case 'stage-reused':
        this.#line(l10n.t('[{0}/{1}] {2}: reusing the finished run {3} (--retrain trains it again)', notice.index, notice.count, notice.stage, notice.run));
        break;
      case 'stage-given':
        this.#line(l10n.t('[{0}/{1}] {2}: given by {3}', notice.index, notice.count, notice.stage, notice.file));
        break;
      case 'stage-started':
        this.#stage = notice.stage;
        this.#epochs = notice.epochs;
        this.#stepsPerEpoch = notice.stepsPerEpoch;
        this.#secondsPerStep = 0;
        this.#line(
          notice.resumedAtStep === undefined
            ? l10n.t('[{0}/{1}] {2}: training in {3}', notice.index, notice.count, notice.stage, notice.run)
            : l10n.t('[{0}/{1}] {2}: resuming at step {3} in {4}', notice.index, notice.count, notice.stage, notice.resumedAtStep, notice.run),
        );
        break;
      case 'event':
        this.#event(notice.event);
    }
  };

  #event(event: RunEvent): void {
    switch (event.type) {
      case 'step':
        if (this.terminal.isTTY) this.#live(this.#stepLine(event));
        break;
      case 'epoch':
        if (!this.terminal.isTTY) {
          this.#line(l10n.t('{0}  epoch {1}/{2}  {3}  {4} images/s', this.#stage, event.epoch, this.#epochs, termsText(event.terms, event.total), event.imagesPerSecond.toFixed(1)));
        }
        break;
      case 'evaluation':
        this.#line(
          l10n.t('{0}  epoch {1}  {2} {3}  {4}', this.#stage, event.epoch, event.split, event.protocol, figuresText(event.metrics)) + (event.best ? l10n.t('  best so far') : ''),
        );
        break;
      case 'control':
        this.#line(
          event.outcome === 'accepted'
            ? l10n.t('{0}  step {1}  {2} {3}', this.#stage, event.step, event.verb, argumentsText(event.args))
            : l10n.t('{0}  step {1}  {2} refused: {3}', this.#stage, event.step, event.verb, event.reason ?? ''),
        );
        break;
      case 'log':
        if (event.level === 'warning' || event.level === 'error') this.#line(`${event.level}: ${event.message}`);
        break;
      case 'state':
        this.#line(l10n.t('{0}  {1}', this.#stage, event.state));
        break;
      case 'capture':
      case 'checkpoint':
      case 'resume':
        break;
    }
  }

  #stepLine(event: StepEvent): string {
    // An average that follows slow changes without jumping about.
    this.#secondsPerStep = this.#secondsPerStep === 0 ? event.seconds : 0.9 * this.#secondsPerStep + 0.1 * event.seconds;
    const left = (this.#epochs * this.#stepsPerEpoch - event.step) * this.#secondsPerStep;
    const inEpoch = ((event.step - 1) % this.#stepsPerEpoch) + 1;
    return l10n.t(
      '{0}  epoch {1}/{2}  step {3}/{4}  {5}  {6} images/s  {7} left',
      this.#stage,
      event.epoch,
      this.#epochs,
      inEpoch,
      this.#stepsPerEpoch,
      termsText(event.terms, event.total),
      event.imagesPerSecond.toFixed(1),
      durationText(left),
    );
  }

  /** Replaces the live line; nothing where the output is no terminal. */
  #live(text: string): void {
    if (!this.terminal.isTTY) return;
    const width = this.terminal.columns ?? 80;
    this.terminal.write(`\r\x1b[K${text.length < width ? text : text.slice(0, width - 1)}`);
    this.#liveLine = true;
  }

  #line(text: string): void {
    this.terminal.write(`${this.#liveLine ? '\r\x1b[K' : ''}${text}\n`);
    this.#liveLine = false;
  }
}

function termsText(terms: Readonly<Record<string, number>>, total: number): string {
  const parts = Object.entries(terms).map(([name, value]) => `${name} ${shortNumber(value)}`);
  return parts.length > 1 ? `${parts.join('  ')}  total ${shortNumber(total)}` : parts.join('');
}

function figuresText(metrics: Readonly<Record<string, number>>): string {
  return (['mae', 'maxF', 's'] as const).map((name) => `${name} ${metrics[name]?.toFixed(4) ?? '–'}`).join('  ');
}

function argumentsText(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

function shortNumber(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(3);
}

/** `45 s`, `3 min 12 s`, `2 h 05 min`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return l10n.t('{0} s', whole);
  if (whole < 3600) return l10n.t('{0} min {1} s', Math.floor(whole / 60), String(whole % 60).padStart(2, '0'));
  return l10n.t('{0} h {1} min', Math.floor(whole / 3600), String(Math.floor((whole % 3600) / 60)).padStart(2, '0'));
}
