import '@vscode-elements/elements/dist/vscode-icon/index.js';
import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { unreachable } from '../../src/base/errors.ts';
import type { GraphStage, GridSize } from '../../src/protocol/graph.ts';
import { base } from '../shared/styles.ts';
import { card } from './layout.ts';
import { count } from './numbers.ts';

/**
 * A stage: what it is, how its features shrink, what it costs. A button; its teacher is told in its name for screen readers.
 * @fires click
 */
@customElement('scrkd-stage-card')
export class StageCard extends LitElement {
  static override readonly shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override readonly styles = [
    base,
    css`
      :host {
        position: absolute;
        display: block;
      }
      button {
        position: relative;
        display: grid;
        grid-template-rows: auto auto 1fr auto;
        width: 100%;
        height: 100%;
        padding: 9px 12px 9px 15px;
        overflow: hidden;
        border: 1px solid var(--scrkd-line);
        border-radius: 6px;
        background: var(--vscode-editorWidget-background, var(--scrkd-side));
        text-align: left;
        cursor: pointer;
        transition: border-color 120ms;
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
      /* The arm's coding: solid, dashed, blue. */
      button::before {
        content: '';
        position: absolute;
        inset: 8px auto 8px 5px;
        border-left: 3px solid var(--scrkd-teacher);
        border-radius: 1px;
      }
      .plain::before {
        border-left: 3px dashed var(--scrkd-muted);
      }
      .distilled::before {
        border-left-color: var(--scrkd-distilled);
      }
      .given::before {
        border-left: 3px double var(--scrkd-teacher);
      }
      .line {
        display: flex;
        align-items: baseline;
        gap: 8px;
        min-width: 0;
        white-space: nowrap;
      }
      .name {
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .grow {
        flex: 1;
      }
      .model {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      svg {
        align-self: end;
        width: 100%;
        height: 48px;
        overflow: visible;
      }
      rect {
        fill: color-mix(in srgb, var(--scrkd-foreground) 9%, transparent);
        stroke: var(--scrkd-muted);
        stroke-width: 1;
      }
      .distilled rect {
        fill: color-mix(in srgb, var(--scrkd-distilled) 16%, transparent);
        stroke: var(--scrkd-distilled);
      }
      text {
        font-size: 10px;
        fill: var(--scrkd-muted);
        text-anchor: middle;
      }
      .costs {
        margin-top: 5px;
      }
    `,
  ];

  @property({ attribute: false }) accessor stage!: GraphStage;
  @property() accessor teacher = '';
  @property({ type: Boolean }) accessor chosen = false;
  /** Whether Tab stops here; arrows go from card to card. */
  @property({ type: Boolean, attribute: false }) accessor reachable = false;

  protected override render(): unknown {
    const { name, role, model, resolution, network } = this.stage;
    return html`<button type="button" class=${role} aria-pressed=${this.chosen} tabindex=${this.reachable ? 0 : -1}>
      <span class="line"><span class="name" title=${name}>${name}</span><span class="grow"></span><span class="caption">${roleText(this.stage)}</span></span>
      ${this.teacher === '' ? nothing : html`<span class="unseen">${l10n.t('learns from {0}', this.teacher)}</span>`}
      <span class="line muted"
        ><span class="model" title=${this.stage.source ?? model}>${this.stage.source ?? model}</span><span class="grow"></span><span>${resolution.height} × ${resolution.width}</span></span
      >
      ${network === undefined ? html`<span></span>` : pyramid(network.features)}
      <span class="line caption costs">${this.#costs}</span>
    </button>`;
  }

  get #costs(): unknown {
    const { network } = this.stage;
    if (network === undefined) return l10n.t('Tracing the network …');
    const { parameters, multiplyAccumulates } = network;
    return html`<span>${l10n.t('{0} parameters', count(parameters))}</span><span class="grow"></span><span>${l10n.t('{0} MACs', count(multiplyAccumulates))}</span>`;
  }
}

export function roleText({ role, teaches }: GraphStage): string {
  switch (role) {
    case 'given':
      return l10n.t('given');
    case 'distilled':
      return teaches ? l10n.t('distilled, teaches') : l10n.t('distilled');
    case 'plain':
      return teaches ? l10n.t('teacher') : l10n.t('plain');
    default:
      return unreachable(role);
  }
}

/** The decoder's features as squares, their sides by the logarithm of the grid's, each with its grid beneath. */
function pyramid(features: readonly GridSize[]): unknown {
  const room = card.width - 29;
  const step = room / Math.max(1, features.length);
  const largest = Math.max(2, ...features.map(({ height }) => height));
  return html`<svg viewBox="0 0 ${room} 48" aria-hidden="true">
    ${features.map(({ height, width }, index) => {
      const side = 7 + 25 * (Math.log2(height + 1) / Math.log2(largest + 1)) ** 2;
      const middle = (index + 0.5) * step;
      return svg`<rect x=${middle - side / 2} y=${34 - side} width=${side} height=${side} rx="2"></rect><text x=${middle} y="46">${height === width ? String(height) : `${height}×${width}`}</text>`;
    })}
  </svg>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-stage-card': StageCard;
  }
}
