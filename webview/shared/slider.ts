import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { base } from './styles.ts';

/**
 * A range of numbers, `min` to `max`. The filled part of its track is the accent.
 * @fires input - while the thumb moves
 * @fires change - when it was let go, or moved by a key
 */
@customElement('scrkd-slider')
export class Slider extends LitElement {
  static override readonly shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override readonly styles = [
    base,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        min-width: 40px;
      }
      input {
        appearance: none;
        width: 100%;
        height: 16px;
        margin: 0;
        min-width: 0;
        background: none;
        cursor: pointer;
      }
      input::-webkit-slider-runnable-track {
        height: 2px;
        border-radius: 1px;
        background: linear-gradient(90deg, var(--scrkd-accent) var(--filled, 50%), var(--scrkd-faint) var(--filled, 50%));
      }
      input::-webkit-slider-thumb {
        appearance: none;
        width: 10px;
        height: 10px;
        margin-top: -4px;
        border: 0;
        border-radius: 50%;
        background: var(--scrkd-foreground);
      }
      input:focus-visible {
        outline: none;
      }
      input:focus-visible::-webkit-slider-thumb {
        outline: 1px solid var(--scrkd-accent);
        outline-offset: 2px;
      }
      input:disabled {
        opacity: 0.5;
        cursor: default;
      }
    `,
  ];

  @property() accessor label = '';
  @property({ type: Number }) accessor min = 0;
  @property({ type: Number }) accessor max = 1;
  @property({ type: Number }) accessor step = 0.01;
  /** How far Page Up and Page Down go, in steps. */
  @property({ type: Number }) accessor page = 10;
  @property({ type: Number }) accessor value = 0;
  @property({ type: Boolean }) accessor disabled = false;
  /** The value as a person reads it, with its unit. */
  @property({ attribute: 'value-text' }) accessor valueText = '';

  @query('input') private accessor input!: HTMLInputElement;

  protected override render(): unknown {
    return html`<input
      type="range"
      aria-label=${this.label}
      aria-valuetext=${this.valueText === '' ? String(this.value) : this.valueText}
      min=${this.min}
      max=${this.max}
      step=${this.step}
      ?disabled=${this.disabled}
      .value=${live(String(this.value))}
      @input=${this.#onInput}
      @change=${this.#onChange}
      @keydown=${this.#onKey}
    />`;
  }

  protected override updated(): void {
    const share = this.max > this.min ? (this.value - this.min) / (this.max - this.min) : 0;
    // Through the object model: a style attribute would be refused by the content policy.
    this.style.setProperty('--filled', `${Math.min(100, Math.max(0, 100 * share))}%`);
  }

  #onInput(event: Event): void {
    event.stopPropagation();
    this.#set(this.input.valueAsNumber, 'input');
  }

  #onChange(event: Event): void {
    event.stopPropagation();
    this.#set(this.input.valueAsNumber, 'change');
  }

  #onKey(event: KeyboardEvent): void {
    const direction = event.key === 'PageUp' ? 1 : event.key === 'PageDown' ? -1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    const value = Math.min(this.max, Math.max(this.min, this.value + direction * this.page * this.step));
    this.#set(value, 'input');
    this.#set(value, 'change');
  }

  #set(value: number, type: 'input' | 'change'): void {
    this.value = value;
    this.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-slider': Slider;
  }
}
