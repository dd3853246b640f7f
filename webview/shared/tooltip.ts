import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { base } from './styles.ts';

const delayMs = 400;

/**
 * More words about the element before it: shown when the pointer rests on that or the keyboard reaches it, gone with Escape.
 * The content may have structure; for a plain label the `title` of a button is enough.
 */
@customElement('scrkd-tooltip')
export class Tooltip extends LitElement {
  static override readonly styles = [
    base,
    css`
      [popover] {
        position: fixed;
        inset: auto;
        margin: 0;
        max-width: 360px;
        padding: 4px 8px;
        border: 1px solid var(--vscode-editorHoverWidget-border, var(--scrkd-line));
        border-radius: 4px;
        background: var(--vscode-editorHoverWidget-background, var(--scrkd-background));
        color: var(--vscode-editorHoverWidget-foreground, var(--scrkd-foreground));
        font-size: 12px;
        line-height: 16px;
        pointer-events: none;
        white-space: pre-line;
      }
    `,
  ];

  @property() accessor text = '';
  @query('[popover]') private accessor popup!: HTMLElement;
  #owner: HTMLElement | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listening: AbortController | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    const owner = this.previousElementSibling;
    if (!(owner instanceof HTMLElement)) return;
    this.#owner = owner;
    const { signal } = (this.#listening = new AbortController());
    owner.addEventListener('pointerenter', () => this.#show(delayMs), { signal });
    owner.addEventListener('focusin', () => this.#show(0), { signal });
    for (const type of ['pointerleave', 'focusout', 'pointerdown']) owner.addEventListener(type, () => this.#hide(), { signal });
    owner.addEventListener('keydown', (event) => event.key === 'Escape' && this.#hide(), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
    clearTimeout(this.#timer);
  }

  protected override willUpdate(): void {
    this.#owner?.setAttribute('aria-description', this.text);
  }

  protected override render(): unknown {
    return html`<div popover="manual" role="tooltip">${this.text}<slot></slot></div>`;
  }

  #show(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const owner = this.#owner;
      if (owner === undefined || !this.isConnected) return;
      this.popup.showPopover();
      const at = owner.getBoundingClientRect();
      const { width, height } = this.popup.getBoundingClientRect();
      this.popup.style.left = `${Math.max(4, Math.min(at.left, window.innerWidth - width - 4))}px`;
      this.popup.style.top = `${at.bottom + 4 + height > window.innerHeight ? at.top - height - 4 : at.bottom + 4}px`;
    }, delay);
  }

  #hide(): void {
    clearTimeout(this.#timer);
    if (this.popup.matches(':popover-open')) this.popup.hidePopover();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-tooltip': Tooltip;
  }
}
