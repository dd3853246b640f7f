import '@vscode-elements/elements/dist/vscode-icon/index.js';
import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { sourceKey, type ConfigColumn, type Figures, type FigureSource, type RunSummary, type UnreadableRun } from '../../src/protocol/dashboard.ts';
import { standingLook, standingWord } from '../../src/protocol/standing.ts';
import { clock, fixed } from '../shared/format.ts';
import '../shared/icon-button.ts';
import { styleOf } from '../shared/style-of.ts';
import { base } from '../shared/styles.ts';
import type { WidthClass } from '../shared/width-class.ts';
import type { Appearance } from './appearance.ts';
import { columnTitle, measureOf, sourceName, tableMeasures, toneColours } from './words.ts';

/** The detail of the table's events: a run's folder. */
export type RunChoice = CustomEvent<string>;

/**
 * The runs as rows: legend, state, what tells their configurations apart, and their figures.
 * @fires toggle-run - draw its curves or not
 * @fires select-run
 * @fires remove-run
 */
@customElement('scrkd-run-table')
export class RunTable extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host {
        display: block;
        overflow: auto;
        border-top: 1px solid var(--scrkd-line);
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-variant-numeric: tabular-nums;
      }
      th {
        position: sticky;
        top: 0;
        z-index: 1;
        padding: 6px 12px 3px 0;
        background: var(--scrkd-background);
        color: var(--scrkd-muted);
        font-size: 11px;
        line-height: 14px;
        font-weight: 400;
        text-align: right;
        white-space: nowrap;
      }
      th.differs {
        color: var(--scrkd-foreground);
        box-shadow: inset 0 -1px var(--scrkd-accent);
      }
      td {
        padding: 1px 12px 1px 0;
        line-height: 20px;
        vertical-align: middle;
        text-align: right;
        white-space: nowrap;
      }
      .words {
        text-align: left;
      }
      tbody tr {
        cursor: pointer;
      }
      tbody tr:hover td {
        background: var(--vscode-list-hoverBackground);
      }
      tbody tr.selected td {
        background: color-mix(in srgb, var(--scrkd-accent) 14%, transparent);
      }
      .name {
        display: flex;
        align-items: center;
        gap: 8px;
        height: 20px;
        padding-left: 4px;
      }
      .name button {
        padding: 0;
        border: 0;
        background: none;
        cursor: pointer;
      }
      .name button:hover {
        text-decoration: underline;
      }
      input[type='checkbox'] {
        width: 14px;
        height: 14px;
        margin: 0;
        accent-color: var(--scrkd-accent);
      }
      svg {
        display: block;
      }
      .state {
        display: flex;
        align-items: center;
        gap: 4px;
        color: var(--scrkd-muted);
      }
      .best {
        font-weight: 600;
      }
      .error {
        color: var(--scrkd-error);
      }
      .remove {
        width: 24px;
        padding: 0;
      }
      .remove scrkd-icon-button {
        opacity: 0;
      }
      tr:hover .remove scrkd-icon-button,
      .remove scrkd-icon-button:focus-within {
        opacity: 1;
      }
    `,
  ];

  @property({ attribute: false }) accessor runs: readonly RunSummary[] = [];
  @property({ attribute: false }) accessor unreadable: readonly UnreadableRun[] = [];
  @property({ attribute: false }) accessor columns: readonly ConfigColumn[] = [];
  @property({ attribute: false }) accessor looks: ReadonlyMap<string, Appearance> = new Map<string, Appearance>();
  @property({ attribute: false }) accessor hiddenRuns: readonly string[] = [];
  @property() accessor selected = '';
  @property({ attribute: false }) accessor source: FigureSource | undefined;
  @property() accessor room: WidthClass = 'wide';

  protected override render(): unknown {
    const figures = this.runs.map((run) => this.#figuresOf(run));
    const measures = this.room === 'narrow' ? tableMeasures.filter((name) => name === 'maxF') : tableMeasures;
    const best = new Map(measures.map((name) => [name, bestOf(figures, name)]));
    const source = this.source === undefined ? '' : sourceName(this.source);
    const wide = this.room === 'wide';
    const columns = wide ? this.columns : [];
    return html`<table aria-label=${l10n.t('Runs, what differs, and figures')}>
      <thead>
        <tr>
          <th class="words" scope="col">${l10n.t('Run')}</th>
          <th class="words" scope="col">${l10n.t('State')}</th>
          ${columns.map((column) => html`<th scope="col" class=${classMap({ words: !column.numeric, differs: column.differs })} title=${columnTitle(column)}>${column.label}</th>`)}
          ${measures.map((name) => html`<th scope="col" title=${source}>${measureOf(name).title}</th>`)}
          ${wide ? html`<th scope="col" title=${source}>${l10n.t('at epoch')}</th><th scope="col">${l10n.t('Time')}</th>` : nothing}
          <th scope="col"><span class="unseen">${l10n.t('Remove')}</span></th>
        </tr>
      </thead>
      <tbody>
        ${this.runs.map((run, i) => this.#row(run, figures[i], columns, measures, best))}
        ${this.unreadable.map(
          ({ folder, label, problem }) => html`<tr>
            <td class="words"><span class="name">${label}</span></td>
            <td class="words error" colspan=${1 + columns.length + measures.length + (wide ? 2 : 0)} title=${folder}>${problem}</td>
            ${this.#remove(folder, label)}
          </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #row(run: RunSummary, figures: Figures | undefined, columns: readonly ConfigColumn[], measures: readonly string[], best: ReadonlyMap<string, number>): unknown {
    const { folder, label } = run;
    const { colour, dash } = this.looks.get(folder) ?? { colour: '--scrkd-faint', dash: [] };
    const wide = this.room === 'wide';
    return html`<tr class=${classMap({ selected: folder === this.selected && this.runs.length > 1 })} @click=${() => this.#send('select-run', folder)}>
      <td class="words">
        <span class="name">
          <input
            type="checkbox"
            aria-label=${l10n.t('Show the curves of {0}', label)}
            .checked=${!this.hiddenRuns.includes(folder)}
            @click=${(event: Event) => event.stopPropagation()}
            @change=${() => this.#send('toggle-run', folder)}
          />
          <svg width="14" height="4" aria-hidden="true">
            <line x1="0" y1="2" x2="14" y2="2" stroke-width="2" stroke-dasharray=${dash.map((part) => Math.min(part, 4)).join(' ')} ${styleOf({ stroke: `var(${colour})` })}></line>
          </svg>
          <button type="button" title=${folder} aria-pressed=${folder === this.selected}>${label}</button>
        </span>
      </td>
      <td class="words">${this.#state(run)}</td>
      ${columns.map(({ key, numeric }) => html`<td class=${classMap({ words: !numeric })}>${run.changed[key] ?? (run.config[key] === undefined || run.config[key] === '' ? '–' : run.config[key])}</td>`)}
      ${measures.map((name) => {
        const value = figures?.metrics[name];
        return html`<td class=${classMap({ best: value !== undefined && this.runs.length > 1 && value === best.get(name) })}>${fixed(value, 4)}</td>`;
      })}
      ${wide ? html`<td class="muted">${figures?.epoch ?? '–'}</td><td class="muted">${clock(run.seconds)}</td>` : nothing} ${this.#remove(folder, label)}
    </tr>`;
  }

  #state(run: RunSummary): unknown {
    const { icon, tone } = standingLook(run);
    const unfinished = run.standing !== 'finished' && run.epochs > 0;
    const word = standingWord(run);
    const progress = unfinished ? `${run.epoch} / ${run.epochs}` : word;
    return html`<span class="state" title=${run.error ?? word}>
      <vscode-icon name=${icon} size="14" ${styleOf({ color: `var(${toneColours[tone]})` })}></vscode-icon>
      <span class="unseen">${unfinished ? word : ''}</span>${run.standing === 'queued' ? word : progress}
    </span>`;
  }

  #remove(folder: string, label: string): unknown {
    return html`<td class="remove">
      <scrkd-icon-button
        icon="close"
        label=${l10n.t('Remove {0} from the dashboard', label)}
        @click=${(event: Event) => {
          event.stopPropagation();
          this.#send('remove-run', folder);
        }}
      ></scrkd-icon-button>
    </td>`;
  }

  #figuresOf(run: RunSummary): Figures | undefined {
    const { source } = this;
    return source === undefined ? undefined : run.figures.filter((each) => sourceKey(each) === sourceKey(source)).sort((a, b) => preference(a) - preference(b))[0];
  }

  #send(type: 'toggle-run' | 'select-run' | 'remove-run', folder: string): void {
    this.dispatchEvent(new CustomEvent(type, { detail: folder }));
  }
}

/** The best checkpoint is reported; the last one where there is no best. */
function preference({ checkpoint }: Figures): number {
  return checkpoint === 'best' ? 0 : checkpoint === 'last' ? 1 : 2;
}

function bestOf(figures: readonly (Figures | undefined)[], measure: string): number {
  const values = figures.flatMap((each) => each?.metrics[measure] ?? []).filter(Number.isFinite);
  return measureOf(measure).lowerIsBetter ? Math.min(...values) : Math.max(...values);
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-run-table': RunTable;
  }
}
