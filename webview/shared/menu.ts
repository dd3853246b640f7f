import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import './icon-button.ts';
import { neighbour } from './segmented.ts';
import { base } from './styles.ts';

export type MenuItem =
  | { readonly kind: 'action'; readonly id: string; readonly label: string; readonly disabled?: boolean }
  | { readonly kind: 'check'; readonly id: string; readonly label: string; readonly checked: boolean }
  | { readonly kind: 'choice'; readonly id: string; readonly label: string; readonly checked: boolean }
  | { readonly kind: 'heading'; readonly label: string };

/** The detail of `choose`: the chosen item's id. */
export type MenuChoice = CustomEvent<string>;

/**
 * An icon button with a menu of what is used rarely. Arrows move, Enter and Space choose, Escape closes and gives the focus back.
 * @fires choose - detail: the item's id
 */
@customElement('scrkd-menu')
export class Menu extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host {
        display: inline-flex;
      }
      [popover] {
        position: fixed;
        inset: auto;
        margin: 0;
        min-width: 200px;
        max-height: 80vh;
        overflow: auto;
        padding: 4px 0;
        border: 1px solid var(--vscode-menu-border, var(--scrkd-line));
        border-radius: 4px;
        background: var(--vscode-menu-background, var(--scrkd-background));
        color: var(--vscode-menu-foreground, var(--scrkd-foreground));
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
      }
      button {
        display: grid;
        grid-template-columns: 16px 1fr;
        gap: 4px;
        align-items: center;
        width: 100%;
        padding: 3px 12px 3px 8px;
        border: 0;
        background: none;
        text-align: left;
        cursor: pointer;
        white-space: nowrap;
      }
      button:focus-visible,
      button:hover {
        background: var(--vscode-menu-selectionBackground, var(--scrkd-hover));
        color: var(--vscode-menu-selectionForeground, inherit);
        outline: 1px solid var(--vscode-menu-selectionBorder, transparent);
      }
      button:disabled {
        color: var(--vscode-disabledForeground);
        background: none;
      }
      .heading {
        padding: 6px 12px 2px 28px;
      }
    `,
  ];

  @property() accessor label = '';
  @property() accessor icon = 'ellipsis';
  @property({ attribute: false }) accessor items: readonly MenuItem[] = [];
  @state() private accessor open = false;
  @query('[popover]') private accessor popup!: HTMLElement;
  @query('scrkd-icon-button') private accessor opener!: HTMLElement;

  protected override render(): unknown {
    return html`<scrkd-icon-button icon=${this.icon} label=${this.label} .expanded=${this.open} @click=${this.#toggle} @keydown=${this.#onOpenerKey}></scrkd-icon-button>
      <div popover="auto" role="menu" aria-label=${this.label} @toggle=${this.#onToggle} @keydown=${this.#onKey}>${this.items.map((item) => this.#item(item))}</div>`;
  }

  #item(item: MenuItem): unknown {
    switch (item.kind) {
      case 'heading':
        return html`<div class="caption heading" role="presentation">${item.label}</div>`;
      case 'action':
        return html`<button type="button" role="menuitem" tabindex="-1" ?disabled=${item.disabled ?? false} @click=${() => this.#choose(item.id)}><span></span>${item.label}</button>`;
      case 'check':
      case 'choice':
        return html`<button
          type="button"
          role=${item.kind === 'check' ? 'menuitemcheckbox' : 'menuitemradio'}
          aria-checked=${item.checked}
          tabindex="-1"
          @click=${() => this.#choose(item.id)}
        >
          <span>${item.checked ? html`<vscode-icon name="check"></vscode-icon>` : nothing}</span>${item.label}
        </button>`;
    }
  }

  get #entries(): HTMLButtonElement[] {
    return [...this.popup.querySelectorAll('button')].filter(({ disabled }) => !disabled);
  }

  readonly #toggle = (): void => {
    this.popup.togglePopover();
    if (this.popup.matches(':popover-open')) this.#entries[0]?.focus();
  };

  readonly #onOpenerKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' || this.open) return;
    event.preventDefault();
    event.stopPropagation();
    this.#toggle();
  };

  readonly #onToggle = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    if (!this.open) return;
    const { right, bottom } = this.opener.getBoundingClientRect();
    const { width, height } = this.popup.getBoundingClientRect();
    this.popup.style.left = `${Math.max(4, right - width)}px`;
    this.popup.style.top = `${Math.max(4, Math.min(bottom + 4, window.innerHeight - height - 4))}px`;
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Tab') {
      this.popup.hidePopover();
      return;
    }
    const entries = this.#entries;
    const at = entries.indexOf(this.shadowRoot?.activeElement as HTMLButtonElement);
    const next = neighbour(event.key, at, entries.length);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    entries[next]?.focus();
  };

  #choose(id: string): void {
    this.popup.hidePopover();
    this.opener.focus();
    this.dispatchEvent(new CustomEvent('choose', { detail: id }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-menu': Menu;
  }
}
