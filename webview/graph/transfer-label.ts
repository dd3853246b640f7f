import * as l10n from '@vscode/l10n';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { GraphTransfer } from '../../src/protocol/graph.ts';
import { base } from '../shared/styles.ts';
import { weight as weightText } from './numbers.ts';

/**
 * What is transferred from a teacher to a student: the method and the weights of its terms.
 * @fires click
 */
@customElement('scrkd-transfer-label')
export class TransferLabel extends LitElement {
  static override readonly shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override readonly styles = [
    base,
    css`
      :host {
        position: absolute;
        transform: translate(-50%, -50%);
      }
      button {
        display: grid;
        gap: 2px;
        justify-items: center;
        padding: 3px 8px 4px;
        border: 1px solid var(--scrkd-line);
        border-radius: 6px;
        background: var(--scrkd-background);
        white-space: nowrap;
        cursor: pointer;
      }
      button:hover {
        border-color: var(--scrkd-accent);
      }
      button[aria-pressed='true'] {
        border-color: var(--scrkd-accent);
        box-shadow: 0 0 0 1px var(--scrkd-accent);
      }
      button:focus-visible {
        outline-offset: 2px;
      }
      b {
        font-weight: 600;
      }
      .terms {
        display: flex;
        gap: 7px;
      }
      .off {
        text-decoration: line-through;
      }
    `,
  ];

  @property({ attribute: false }) accessor transfer!: GraphTransfer;
  @property({ type: Boolean }) accessor chosen = false;

  protected override render(): unknown {
    const { from, to, method, terms } = this.transfer;
    return html`<button type="button" aria-pressed=${this.chosen} tabindex="-1">
      <b>${method}</b><span class="unseen"> ${l10n.t('from {0} to {1}:', from, to)} </span>
      <span class="terms caption">${terms.map(({ name, weight }) => html`<span class=${weight === 0 ? 'off' : ''}>${name.toUpperCase()} ${weightText(weight)}</span>`)}</span>
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-transfer-label': TransferLabel;
  }
}
