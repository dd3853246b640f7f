import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import './icon-button.ts';
import type { IconButton } from './icon-button.ts';
import { neighbour } from './segmented.ts';
import { base } from './styles.ts';

/** A row of icon buttons that is one stop for Tab; arrows, Home and End go from button to button. */
@customElement('scrkd-toolbar')
export class Toolbar extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        flex: none;
      }
    `,
  ];

  @property() accessor label = '';
  #current = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute('role', 'toolbar');
    this.addEventListener('keydown', this.#onKey);
    this.addEventListener('focusin', this.#onFocus);
  }

  protected override willUpdate(): void {
    this.setAttribute('aria-label', this.label);
  }

  protected override render(): unknown {
    return html`<slot @slotchange=${this.#rove}></slot>`;
  }

  get #buttons(): IconButton[] {
    return [...this.querySelectorAll('scrkd-icon-button')].filter((button) => !button.disabled && !button.hidden);
  }

  readonly #rove = (): void => {
    const buttons = this.#buttons;
    this.#current = Math.min(this.#current, Math.max(0, buttons.length - 1));
    for (const [i, button] of buttons.entries()) button.reachable = i === this.#current;
  };

  readonly #onFocus = (event: Event): void => {
    const at = this.#buttons.findIndex((button) => event.composedPath().includes(button));
    if (at === -1) return;
    this.#current = at;
    this.#rove();
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const buttons = this.#buttons;
    const next = neighbour(event.key, this.#current, buttons.length);
    if (next === undefined || event.key === 'ArrowUp' || event.key === 'ArrowDown') return;
    event.preventDefault();
    event.stopPropagation();
    buttons[next]?.focus();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-toolbar': Toolbar;
  }
}
