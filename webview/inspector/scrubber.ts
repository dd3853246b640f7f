/** `<scrkd-scrubber>`: the one epoch slider of all pictures. Marks gaps and events, greys epochs that are not reached. */
import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, svg } from 'lit';
import { guard } from 'lit/directives/guard.js';
import '../shared/icon-button.ts';
import type { ScrubberMark } from '../../src/protocol/inspector.ts';
import { select } from './controls.ts';
import { sparkline } from './sparkline.ts';

export interface ScrubberData {
  readonly epochs: number;
  readonly done: number;
  /** Epochs at which the arms were captured, ascending. */
  readonly captured: readonly number[];
  /** Epochs of which a checkpoint was kept, ascending: there single channels can be shown, and samples without captures. */
  readonly kept: readonly number[];
  readonly course: readonly { readonly epoch: number; readonly value: number }[];
  readonly marks: readonly ScrubberMark[];
}

/** Milliseconds between epochs at speed 1. */
const playMs = 120;

export class Scrubber extends LitElement {
  static override readonly properties = { data: { attribute: false }, epoch: { type: Number }, speed: {} };
  declare data: ScrubberData | undefined;
  declare epoch: number;
  declare speed: '1' | '2' | '4';
  #timer: number | undefined;
  #course: ReadonlyMap<number, number> = new Map();

  constructor() {
    super();
    this.data = undefined;
    this.epoch = 0;
    this.speed = '1';
  }

  /** Styled by the panel's own sheet. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  get playing(): boolean {
    return this.#timer !== undefined;
  }

  toggle(): void {
    if (this.playing) {
      this.#stop();
      return;
    }
    const { data } = this;
    if (data === undefined || data.captured.length < 2) return;
    if (this.epoch >= data.captured.at(-1)!) this.#choose(data.captured[0]!);
    const reduced = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    const period = reduced ? 500 : playMs / Number(this.speed);
    this.#timer = window.setInterval(() => {
      const next = this.data?.captured.find((epoch) => epoch > this.epoch);
      if (next === undefined) this.#stop();
      else this.#choose(next);
    }, period);
    this.requestUpdate();
  }

  /** To the next or the previous captured epoch; epochs without a capture are reached with the arrow keys. */
  step(by: 1 | -1): void {
    const captured = this.data?.captured ?? [];
    const next = by === 1 ? captured.find((epoch) => epoch > this.epoch) : captured.toReversed().find((epoch) => epoch < this.epoch);
    if (next !== undefined) this.#choose(next);
  }

  toEnd(which: 'first' | 'last'): void {
    if (this.data !== undefined) this.#choose(which === 'first' ? 0 : this.data.done);
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('data')) this.#course = new Map((this.data?.course ?? []).map(({ epoch, value }) => [epoch, value]));
  }

  protected override render(): unknown {
    const { data, epoch } = this;
    if (data === undefined) return nothing;
    const { epochs, done, captured, kept, marks } = data;
    const share = (at: number): number => (epochs === 0 ? 0 : (100 * at) / epochs);
    const text = l10n.t('epoch {0} of {1}', epoch, epochs) + (captured.includes(epoch) ? '' : `, ${l10n.t('not captured')}`) + (kept.includes(epoch) ? `, ${l10n.t('checkpoint kept')}` : '');
    return html`
      <scrkd-icon-button icon=${this.playing ? 'debug-pause' : 'play'} .label=${this.playing ? l10n.t('Pause (Space)') : l10n.t('Play through the epochs (Space)')} @click=${() => this.toggle()}></scrkd-icon-button>
      <scrkd-icon-button icon="chevron-left" .label=${l10n.t('Previous captured epoch (,)')} @click=${() => this.step(-1)}></scrkd-icon-button>
      <scrkd-icon-button icon="chevron-right" .label=${l10n.t('Next captured epoch (.)')} @click=${() => this.step(1)}></scrkd-icon-button>
      <div
        class="track"
        role="slider"
        tabindex="0"
        aria-label=${l10n.t('Epoch')}
        aria-valuemin="0"
        aria-valuemax=${done}
        aria-valuenow=${epoch}
        aria-valuetext=${text}
        @pointerdown=${this.#onDown}
        @pointermove=${this.#onMove}
        @keydown=${this.#onKey}
      >
        <div class="course">${sparkline({ lines: [{ values: this.#course, kind: 'course' }], epochs, label: l10n.t('Loss over epochs') })}</div>
        <svg class="ticks" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">${guard([data], () => captured.map((at) => svg`<line x1=${10 * share(at)} x2=${10 * share(at)} y1=${at % 10 === 0 ? 2 : 5} y2="10" />`))}</svg>
        ${done < epochs ? html`<i class="unreached" title=${l10n.t('not reached yet')} .style=${`left:${share(done)}%`}></i>` : nothing}
        ${guard([data], () => kept.map((at) => html`<i class="kept" title=${l10n.t('Epoch {0}: checkpoint kept, so that single channels can be shown', at)} .style=${`left:${share(at)}%`}></i>`))}
        ${marks.map(({ epoch: at, label }) => html`<i class="event" title=${label} .style=${`left:${share(at)}%`}></i>`)}
        <i class="thumb" .style=${`transform:translateX(${share(epoch)}%)`}></i>
      </div>
      <span class="label"><span>${l10n.t('epoch')} <b>${epoch}</b><span class="muted"> / ${epochs}</span></span></span>
      ${select(l10n.t('Playback speed'), [{ value: '1', label: '1×' }, { value: '2', label: '2×' }, { value: '4', label: '4×' }], this.speed, (speed) => this.dispatchEvent(new CustomEvent('speed', { detail: speed })))}
    `;
  }

  readonly #onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#stop();
    this.#toPointer(event);
  };

  readonly #onMove = (event: PointerEvent): void => {
    if ((event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) this.#toPointer(event);
  };

  #toPointer(event: PointerEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    this.#choose(Math.round(((event.clientX - box.left) / box.width) * (this.data?.epochs ?? 0)));
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const done = this.data?.done ?? 0;
    const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -done, End: done };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#choose(this.epoch + step);
  };

  #choose(epoch: number): void {
    const next = Math.min(this.data?.done ?? 0, Math.max(0, epoch));
    if (next !== this.epoch) this.dispatchEvent(new CustomEvent('epoch', { detail: next }));
  }

  #stop(): void {
    window.clearInterval(this.#timer);
    this.#timer = undefined;
    this.requestUpdate();
  }
}

customElements.define('scrkd-scrubber', Scrubber);
