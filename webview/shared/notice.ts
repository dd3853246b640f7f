import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from './styles.ts';

export type NoticeKind = 'empty' | 'error' | 'loading';

/**
 * What stands where there is nothing to show: one sentence what is missing (`headline`), one why or how (the content), and in slot
 * `actions` one primary button and at most one secondary. Errors are announced.
 */
@customElement('scrkd-notice')
export class Notice extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host {
        display: grid;
        place-content: center;
        justify-items: center;
        gap: 8px;
        height: 100%;
        padding: 16px;
        text-align: center;
      }
      p {
        max-width: 420px;
        margin: 0;
        color: var(--scrkd-muted);
      }
      .actions {
        display: flex;
        gap: 8px;
        margin-top: 4px;
      }
      .error {
        color: var(--scrkd-error);
      }
      .track {
        width: 120px;
        height: 2px;
        overflow: hidden;
        background: var(--scrkd-line);
      }
      .track::after {
        content: '';
        display: block;
        width: 40px;
        height: 2px;
        background: var(--vscode-progressBar-background);
        animation: slide 1.2s infinite ease-in-out;
      }
      @keyframes slide {
        from {
          transform: translateX(-40px);
        }
        to {
          transform: translateX(120px);
        }
      }
    `,
  ];

  @property() accessor kind: NoticeKind = 'empty';
  @property() accessor headline = '';

  protected override render(): unknown {
    return html`${this.kind === 'error' ? html`<vscode-icon class="error" name="error"></vscode-icon>` : nothing}
      <h2 role=${this.kind === 'error' ? 'alert' : nothing}>${this.headline}</h2>
      ${this.kind === 'loading' ? html`<div class="track" role="progressbar" aria-label=${this.headline}></div>` : nothing}
      <p><slot></slot></p>
      <div class="actions"><slot name="actions"></slot></div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-notice': Notice;
  }
}
