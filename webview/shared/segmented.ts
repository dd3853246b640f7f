import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from './styles.ts';

export interface Segment {
  readonly value: string;
  readonly label: string;
  /** Longer words for a hover, where the label is short. */
  readonly title?: string;
}

/**
 * One of a few, all in sight: a radio group with one stop for Tab, and arrows inside.
 * @fires change - the person chose another `value`
 */
@customElement('scrkd-segmented')
export class Segmented extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host {
        display: inline-flex;
        height: 24px;
        border: 1px solid var(--scrkd-control-border);
        border-radius: 4px;
        overflow: hidden;
        flex: none;
      }
      button {
        border: 0;
        background: none;
        padding: 0 8px;
        line-height: 22px;
        color: var(--scrkd-muted);
        cursor: pointer;
        white-space: nowrap;
      }
      button + button {
        border-left: 1px solid var(--scrkd-control-border);
      }
      button:hover {
        color: var(--scrkd-foreground);
      }
      button[aria-checked='true'] {
        background: var(--scrkd-selected);
        color: var(--scrkd-selected-foreground);
      }
      button:focus-visible {
        outline-offset: -2px;
      }
    `,
  ];

  /** What is chosen, for screen readers. */
  @property() accessor label = '';
  @property() accessor value = '';
  @property({ attribute: false }) accessor segments: readonly Segment[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute('role', 'radiogroup');
  }

  protected override willUpdate(): void {
    this.setAttribute('aria-label', this.label);
  }

  protected override render(): unknown {
    const chosen = this.segments.findIndex(({ value }) => value === this.value);
    return this.segments.map(
      ({ value, label, title }, i) => html`<button
        type="button"
        role="radio"
        title=${title ?? ''}
        aria-checked=${i === chosen}
        tabindex=${i === Math.max(0, chosen) ? 0 : -1}
        @click=${() => this.#choose(value)}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event, i)}
      >
        ${label}
      </button>`,
    );
  }

  #onKey(event: KeyboardEvent, at: number): void {
    const next = neighbour(event.key, at, this.segments.length);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.renderRoot.querySelectorAll('button')[next]?.focus();
    this.#choose(this.segments[next]!.value);
  }

  #choose(value: string): void {
    if (value === this.value) return;
    this.value = value;
    this.dispatchEvent(new Event('change', { bubbles: true, composed: true }));
  }
}

/** Where a key leads in a row of `length`: arrows go round, Home and End to the ends; undefined for other keys. */
export function neighbour(key: string, at: number, length: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return (at + 1) % length;
    case 'ArrowLeft':
    case 'ArrowUp':
      return (at - 1 + length) % length;
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return undefined;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-segmented': Segmented;
  }
}
