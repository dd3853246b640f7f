import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from './styles.ts';

/**
 * A button that is a codicon. It says in a hover what it does; with `pressed` it is a switch.
 * @fires click
 */
@customElement('scrkd-icon-button')
export class IconButton extends LitElement {
  static override readonly shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override readonly styles = [
    base,
    css`
      :host {
        display: inline-flex;
        flex: none;
      }
      button {
        display: inline-grid;
        place-items: center;
        width: 22px;
        height: 22px;
        padding: 0;
        border: 1px solid transparent;
        border-radius: 4px;
        background: none;
        color: var(--vscode-icon-foreground);
        cursor: pointer;
      }
      button:hover {
        background: var(--scrkd-hover);
        border-color: var(--scrkd-contrast-border);
      }
      button[aria-pressed='true'] {
        background: color-mix(in srgb, var(--scrkd-accent) 28%, transparent);
        border-color: var(--scrkd-contrast-border);
      }
      button:disabled {
        opacity: 0.4;
        cursor: default;
        background: none;
      }
    `,
  ];

  /** A codicon's name. */
  @property() accessor icon = '';
  /** What it does, with its key in brackets where it has one. */
  @property() accessor label = '';
  @property({ type: Boolean }) accessor disabled = false;
  /** Set for a switch only. */
  @property({ attribute: false }) accessor pressed: boolean | undefined;
  /** Whether Tab stops here; a group with arrow keys sets it. */
  @property({ type: Boolean, attribute: false }) accessor reachable = true;
  /** Whether it opens a menu, and whether that is open. */
  @property({ attribute: false }) accessor expanded: boolean | undefined;

  override click(): void {
    this.renderRoot.querySelector('button')?.click();
  }

  protected override render(): unknown {
    return html`<button
      type="button"
      aria-label=${this.label}
      title=${this.label}
      aria-pressed=${this.pressed ?? nothing}
      aria-haspopup=${this.expanded === undefined ? nothing : 'menu'}
      aria-expanded=${this.expanded ?? nothing}
      tabindex=${this.reachable ? 0 : -1}
      ?disabled=${this.disabled}
    >
      <vscode-icon name=${this.icon}></vscode-icon>
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-icon-button': IconButton;
  }
}
