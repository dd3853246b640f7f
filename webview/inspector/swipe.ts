/** `<scrkd-swipe>`: two arms in one picture, divided where the pointer or the arrow keys put it; or one after the other, in the same place. */
import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing } from 'lit';
import './scene-element.ts';
import type { Scene } from './scene-element.ts';

/** Milliseconds for which an arm is shown while they blink: half a second lets one see, and is far from flickering. */
const blinkMs = 600;
const calmBlinkMs = 1_500;

export class Swipe extends LitElement {
  static override readonly properties = { at: { type: Number }, blinking: { type: Boolean }, shown: { state: true }, left: { attribute: false }, right: { attribute: false }, leftName: { attribute: false }, rightName: { attribute: false } };
  declare at: number;
  /** Shows the arms in turn. */
  declare blinking: boolean;
  declare shown: 'left' | 'right';
  declare left: Scene | undefined;
  declare right: Scene | undefined;
  declare leftName: string;
  declare rightName: string;
  #timer: number | undefined;

  constructor() {
    super();
    this.at = 0.5;
    this.blinking = false;
    this.shown = 'left';
    this.left = undefined;
    this.right = undefined;
    this.leftName = '';
    this.rightName = '';
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('blinking')) return;
    this.#stop();
    if (!this.blinking) return;
    this.shown = 'left';
    this.#timer = window.setInterval(() => (this.shown = this.shown === 'left' ? 'right' : 'left'), window.matchMedia('(prefers-reduced-motion: reduce)').matches ? calmBlinkMs : blinkMs);
  }

  #stop(): void {
    window.clearInterval(this.#timer);
    this.#timer = undefined;
  }

  protected override render(): unknown {
    const { left, right, at } = this;
    if (left === undefined || right === undefined) return nothing;
    if (this.blinking) {
      const name = this.shown === 'left' ? this.leftName : this.rightName;
      return html`<div class="swipe blinking cell"><scrkd-scene .scene=${this.shown === 'left' ? left : right} aria-label=${l10n.t('{0} and {1} in turn', this.leftName, this.rightName)}></scrkd-scene><span class="tag ${this.shown}">${name}</span></div>`;
    }
    const percent = Math.round(100 * at);
    const label = l10n.t('Swipe between {0} and {1}', this.leftName, this.rightName);
    return html`<div class="swipe cell" @pointerdown=${this.#onDown} @pointermove=${this.#onMove}>
      <scrkd-scene role="presentation" .scene=${{ key: `${left.key}|${right.key}|${at}`, draw: (context: CanvasRenderingContext2D, width: number, height: number) => this.#draw(context, width, height) }}></scrkd-scene>
      <i class="handle" role="slider" tabindex="0" aria-label=${label} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent} aria-valuetext=${l10n.t('{0} % {1}', percent, this.leftName)} .style=${`left:${100 * at}%`} @keydown=${this.#onKey}></i>
      <span class="tag left">${this.leftName}</span><span class="tag right">${this.rightName}</span>
    </div>`;
  }

  #draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    for (const [scene, from, to] of [[this.left, 0, this.at], [this.right, this.at, 1]] as const) {
      context.save();
      context.beginPath();
      context.rect(from * width, 0, (to - from) * width, height);
      context.clip();
      scene?.draw(context, width, height);
      context.restore();
    }
    context.fillStyle = 'white';
    context.fillRect(Math.round(this.at * width) - 0.5, 0, 1, height);
  }

  readonly #onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#toPointer(event);
  };

  readonly #onMove = (event: PointerEvent): void => {
    if ((event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) this.#toPointer(event);
  };

  #toPointer(event: PointerEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    this.#moved((event.clientX - box.left) / box.width);
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#moved(this.at + step);
  };

  #moved(at: number): void {
    this.dispatchEvent(new CustomEvent('moved', { detail: Math.min(1, Math.max(0, at)) }));
  }
}

customElements.define('scrkd-swipe', Swipe);
