import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { GraphStage, GraphTransfer } from '../../src/protocol/graph.ts';
import { significant } from '../shared/format.ts';
import { base } from '../shared/styles.ts';
import { count, featureName, size, weight as weightText } from './numbers.ts';

/** The chosen stage in full: its training, and feature by feature what it learns from its teacher. */
@customElement('scrkd-stage-details')
export class StageDetails extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host {
        display: block;
        overflow: auto;
        padding: 10px 16px 14px;
        border-top: 1px solid var(--scrkd-line);
      }
      .facts {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 20px;
        margin: 2px 0 10px;
      }
      table {
        border-collapse: collapse;
      }
      th,
      td {
        padding: 1px 22px 1px 0;
        text-align: left;
        font-weight: normal;
        white-space: nowrap;
      }
      thead th {
        font-size: 11px;
        color: var(--scrkd-muted);
        padding-bottom: 3px;
      }
      tbody tr:first-child > * {
        border-top: 1px solid var(--scrkd-line);
        padding-top: 4px;
      }
      tbody tr:last-child > * {
        padding-bottom: 5px;
      }
      tbody th {
        vertical-align: top;
      }
      .term {
        font-weight: 600;
      }
      .of {
        display: inline-block;
        min-width: 44px;
      }
      tbody.off {
        color: var(--scrkd-muted);
      }
    `,
  ];

  @property({ attribute: false }) accessor stage!: GraphStage;
  @property({ attribute: false }) accessor transfer: GraphTransfer | undefined;

  protected override render(): unknown {
    const { name, model, training, source, network } = this.stage;
    const facts = [
      model,
      ...(source === undefined ? [] : [l10n.t('from {0}', source)]),
      ...(training === undefined ? [] : [l10n.t('{0} epochs', training.epochs), l10n.t('batches of {0}', training.batchSize), l10n.t('learning rate {0}', significant(training.learningRate, 2))]),
      ...(network?.peakBytes === undefined ? [] : [l10n.t('about {0}B a training step', count(network.peakBytes))]),
    ];
    return html`<h2>${name}</h2>
      <div class="facts muted">${facts.map((fact) => html`<span>${fact}</span>`)}</div>
      ${this.transfer === undefined ? this.#features : this.#transfers(this.transfer)}`;
  }

  get #features(): unknown {
    const features = this.stage.network?.features;
    if (features === undefined) return html`<span class="muted">${l10n.t('Tracing the network …')}</span>`;
    return html`<table>
      <caption class="unseen">${l10n.t('Features of the decoder')}</caption>
      <thead><tr><th scope="col">${l10n.t('Feature')}</th><th scope="col">${l10n.t('Height × width × channels')}</th></tr></thead>
      <tbody>${features.map((feature, index) => html`<tr><td>${featureName(`F.${index + 1}`)}</td><td>${size(feature)}</td></tr>`)}</tbody>
    </table>`;
  }

  #transfers({ from, to, terms, temperature }: GraphTransfer): unknown {
    return html`<table>
      <caption class="unseen">${l10n.t('What {0} learns from {1}', to, from)}</caption>
      <thead><tr><th scope="col">${l10n.t('Term')}</th><th scope="col">${l10n.t('Teacher: {0}', from)}</th><th scope="col">${l10n.t('Student: {0}', to)}</th><th scope="col">${l10n.t('Compared on')}</th></tr></thead>
      ${terms.map(({ name, description, weight, pairs }) => {
        const head = html`<th scope="rowgroup" rowspan=${Math.max(1, pairs.length)} title=${description}>
          <span class="term">${name.toUpperCase()}</span> <span class="muted">${weight === 0 ? l10n.t('off') : `× ${weightText(weight)}`}${name === 'dsd' ? `, τ = ${weightText(temperature)}` : nothing}</span>
        </th>`;
        return html`<tbody class=${weight === 0 ? 'off' : ''}>
          ${pairs.length === 0
            ? html`<tr>${head}<td colspan="3" class="muted">${description}</td></tr>`
            : pairs.map(
                ({ teacher, student, comparedOn }, index) => html`<tr>
                  ${index === 0 ? head : nothing}
                  <td><span class="of">${featureName(teacher.name)}</span>${size(teacher)}</td>
                  <td><span class="of">${featureName(student.name)}</span>${size(student)}</td>
                  <td class="muted">${comparedOn.height} × ${comparedOn.width}</td>
                </tr>`,
              )}
        </tbody>`;
      })}
    </table>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-stage-details': StageDetails;
  }
}
