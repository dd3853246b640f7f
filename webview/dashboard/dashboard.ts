import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { unreachable } from '../../src/base/errors.ts';
import { sourceKey, type DashboardView, type FigureSource, type FromDashboard, type RunCurves, type RunsSnapshot, type RunSummary, type ToDashboard } from '../../src/protocol/dashboard.ts';
import '../shared/chart.ts';
import type { Chart, Range } from '../shared/chart.ts';
import { connectToHost } from '../shared/host.ts';
import '../shared/icon-button.ts';
import '../shared/menu.ts';
import type { MenuChoice, MenuItem } from '../shared/menu.ts';
import '../shared/notice.ts';
import '../shared/segmented.ts';
import type { Segmented } from '../shared/segmented.ts';
import '../shared/slider.ts';
import type { Slider } from '../shared/slider.ts';
import { percent } from '../shared/format.ts';
import { bar, base, button } from '../shared/styles.ts';
import '../shared/toolbar.ts';
import { WidthController } from '../shared/width-class.ts';
import { appearances } from './appearance.ts';
import { axisText, axisWords, chartRows, type ChartContent, type ChartRows } from './charts.ts';
import { layout } from './layout.ts';
import './run-panel.ts';
import type { ControlChoice, OpenChoice } from './run-panel.ts';
import './run-table.ts';
import type { RunChoice } from './run-table.ts';
import { sourceName } from './words.ts';

const initialView: DashboardView = { version: 1, folders: [], hidden: [], align: 'epoch', smoothing: 0.6, detail: 'step', scale: 'linear', wholeRange: false };

/** Before the key of a source, in the menu's ids. */
const sourceItem = 'source ';

/** The panel of runs: their curves over each other, a table that says what tells them apart, and the control of the one that trains. */
@customElement('scrkd-dashboard')
export class Dashboard extends LitElement {
  static override readonly styles = [base, bar, button, layout];

  readonly #host = connectToHost<FromDashboard, ToDashboard, DashboardView>(1);
  readonly #width = new WidthController(this);
  readonly #curves = new Map<string, RunCurves>();
  @state() private accessor view: DashboardView = this.#host.restore() ?? initialView;
  @state() private accessor snapshot: RunsSnapshot | undefined;
  /** Grows with every message of curves, whose map is not replaced. */
  @state() private accessor version = 0;
  /** Where all charts look. */
  @state() private accessor pointAt: number | undefined;
  @state() private accessor zoom: Range | undefined;
  /** The chart that Tab stops at. */
  @state() private accessor currentChart = 0;
  #clockAhead = 0;
  #drawn: { of: readonly unknown[]; rows: ChartRows } | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#host.onMessage((message) => this.#onMessage(message));
    this.#host.post({ type: 'ready' });
  }

  protected override render(): unknown {
    const { snapshot } = this;
    if (snapshot === undefined) return html`<main><scrkd-notice class="late" kind="loading" headline=${l10n.t('Reading runs')}></scrkd-notice></main>`;
    if (snapshot.runs.length === 0 && snapshot.unreadable.length === 0) return this.#empty();
    return html`${this.#bar(snapshot)}${this.#content(snapshot)}`;
  }

  #empty(): unknown {
    return html`<main>
      <scrkd-notice kind="empty" headline=${l10n.t('No run is shown.')}>
        ${l10n.t('Choose runs of this workspace to lay their curves over each other, or start a training.')}
        <button slot="actions" type="button" class="button" @click=${() => this.#host.post({ type: 'add-runs' })}>${l10n.t('Add Runs…')}</button>
        <button slot="actions" type="button" class="button secondary" @click=${() => this.#host.post({ type: 'start' })}>${l10n.t('Start Distillation')}</button>
      </scrkd-notice>
    </main>`;
  }

  #bar({ runs, reading }: RunsSnapshot): unknown {
    const { view } = this;
    const narrow = this.#width.current === 'narrow';
    const experiments = new Set(runs.map(({ experiment }) => experiment));
    const datasets = new Set(runs.map(({ dataset }) => `${dataset.name} ${dataset.train} / ${dataset.test}`));
    const live = runs.some(({ standing }) => standing === 'running');
    const facts = [l10n.t('{0} runs', runs.length), ...(datasets.size === 1 ? datasets : [])].join(' · ');
    return html`<header class="bar">
        <h1>${experiments.size === 1 ? [...experiments][0] : l10n.t('Dashboard')}</h1>
        ${narrow ? nothing : html`<span class="muted facts">${runs.length === 1 ? [...datasets][0] : facts}</span>`}
        ${live ? html`<span class="live"><i></i>${l10n.t('live')}</span>` : nothing}
        <span class="space"></span>
        ${narrow
          ? nothing
          : html`<span class="group">
              <span class="muted" aria-hidden="true">${l10n.t('Smoothing')}</span>
              <scrkd-slider
                class="smoothing"
                label=${l10n.t('Smoothing of the loss curves')}
                max="0.99"
                .value=${view.smoothing}
                .valueText=${percent(view.smoothing)}
                title=${percent(view.smoothing)}
                @input=${(event: Event) => this.#look({ smoothing: (event.target as Slider).value })}
              ></scrkd-slider>
            </span>`}
        <span class="group">
          ${this.#width.current === 'wide' ? html`<span class="muted" aria-hidden="true">${l10n.t('Align by')}</span>` : nothing}
          <scrkd-segmented
            label=${l10n.t('Align by')}
            .value=${view.align}
            .segments=${[
              { value: 'epoch', label: l10n.t('Epoch') },
              { value: 'step', label: l10n.t('Step') },
              { value: 'time', label: l10n.t('Time') },
            ]}
            @change=${(event: Event) => this.#align((event.target as Segmented).value as DashboardView['align'])}
          ></scrkd-segmented>
        </span>
        <scrkd-toolbar label=${l10n.t('Dashboard')}>
          <scrkd-icon-button icon="add" label=${l10n.t('Add runs to compare')} @click=${() => this.#host.post({ type: 'add-runs' })}></scrkd-icon-button>
        </scrkd-toolbar>
        <scrkd-menu label=${l10n.t('More')} .items=${this.#menu()} @choose=${({ detail }: MenuChoice) => this.#choose(detail)}></scrkd-menu>
      </header>
      <div class="reading" role=${reading > 0 ? 'progressbar' : nothing} aria-label=${reading > 0 ? l10n.t('Reading the logs of {0} runs', reading) : nothing} ?data-on=${reading > 0}></div>`;
  }

  #menu(): MenuItem[] {
    const { view } = this;
    const sources = this.#sources();
    const chosen = this.#source();
    return [
      { kind: 'heading', label: l10n.t('Loss curves') },
      { kind: 'choice', id: 'detail step', label: l10n.t('Every step'), checked: view.detail === 'step' },
      { kind: 'choice', id: 'detail epoch', label: l10n.t('Means of epochs'), checked: view.detail === 'epoch' },
      { kind: 'check', id: 'log', label: l10n.t('Logarithmic axis'), checked: view.scale === 'log' },
      { kind: 'check', id: 'whole', label: l10n.t('First steps in the picture'), checked: view.wholeRange },
      ...(this.#width.current === 'narrow' ? [{ kind: 'check' as const, id: 'smooth', label: l10n.t('Smoothing'), checked: view.smoothing > 0 }] : []),
      ...(sources.length > 1
        ? [
            { kind: 'heading' as const, label: l10n.t('Metrics from') },
            ...sources.map((source) => ({ kind: 'choice' as const, id: `${sourceItem}${sourceKey(source)}`, label: sourceName(source), checked: chosen !== undefined && sourceKey(source) === sourceKey(chosen) })),
          ]
        : []),
      { kind: 'heading', label: l10n.t('Export') },
      { kind: 'action', id: 'export table', label: l10n.t('Table as CSV…') },
      { kind: 'action', id: 'export curves', label: l10n.t('Curves as CSV…') },
    ];
  }

  #choose(id: string): void {
    const { view } = this;
    const source = this.#source();
    const exported = (what: 'table' | 'curves'): void => this.#host.post({ type: 'export', what, source: source === undefined ? undefined : sourceKey(source) });
    if (id.startsWith(sourceItem)) this.#look({ source: id.slice(sourceItem.length) });
    else if (id === 'detail step') this.#look({ detail: 'step' });
    else if (id === 'detail epoch') this.#look({ detail: 'epoch' });
    else if (id === 'log') this.#look({ scale: view.scale === 'log' ? 'linear' : 'log' });
    else if (id === 'whole') this.#look({ wholeRange: !view.wholeRange });
    else if (id === 'smooth') this.#look({ smoothing: view.smoothing > 0 ? 0 : initialView.smoothing });
    else if (id === 'export table') exported('table');
    else if (id === 'export curves') exported('curves');
  }

  #content(snapshot: RunsSnapshot): unknown {
    const { view } = this;
    const selected = this.#selected(snapshot.runs);
    const looks = appearances(snapshot.runs);
    const source = this.#source();
    const { rows, xRange, marks } = this.#rows({ runs: snapshot.runs, looks, source, selected });
    let index = 0;
    // Charts that will stay empty are a line of text: those of runs that held no images out, once they have ended.
    const isOver = snapshot.reading === 0 && snapshot.runs.every(({ standing }) => standing === 'finished');
    const hasMetrics = snapshot.runs.some(({ folder }) => (this.#curves.get(folder)?.evaluations.length ?? 0) > 0);
    const isEmpty = ({ kind }: ChartRows['rows'][number]): boolean => kind === 'metrics' && isOver && !hasMetrics;
    const table = html`<scrkd-run-table
      .runs=${snapshot.runs}
      .unreadable=${snapshot.unreadable}
      .columns=${snapshot.columns}
      .looks=${looks}
      .hiddenRuns=${view.hidden}
      .selected=${selected?.folder ?? ''}
      .source=${source}
      .room=${this.#width.current}
      @toggle-run=${({ detail }: RunChoice) => this.#look({ hidden: view.hidden.includes(detail) ? view.hidden.filter((folder) => folder !== detail) : [...view.hidden, detail] })}
      @select-run=${({ detail }: RunChoice) => this.#look({ selected: detail })}
      @remove-run=${({ detail }: RunChoice) => this.#host.post({ type: 'remove-run', folder: detail })}
    ></scrkd-run-table>`;
    return html`<main>
      <div class="left">
        <div class="charts" data-without=${rows.some(isEmpty) ? 'metrics' : nothing} @keydown=${this.#onKey} @pointerleave=${() => (this.pointAt = undefined)}>
          ${rows.map((row) =>
            isEmpty(row)
              ? html`<p class="muted">${row.charts.map(({ heading }) => heading).join(', ')}: ${l10n.t('not evaluated while training; the final figures are in the table.')}</p>`
              : html`<div class="row ${row.kind}" data-count=${row.charts.length} role="group" aria-label=${rowName(row.kind)}>
                  ${row.charts.map((chart) => this.#chart(chart, xRange, marks, index++))}
                </div>`,
          )}
        </div>
        ${table}
      </div>
      ${selected === undefined
        ? nothing
        : html`<aside aria-label=${l10n.t('Run {0}', selected.label)}>
            <scrkd-run-panel
              .run=${selected}
              .curves=${this.#curves.get(selected.folder)}
              .room=${this.#width.current}
              .mayControl=${snapshot.mayControl}
              .clockAhead=${this.#clockAhead}
              @control=${({ detail }: ControlChoice) => this.#host.post({ type: 'control', folder: selected.folder, control: detail })}
              @open=${({ detail }: OpenChoice) => this.#host.post({ type: 'open', folder: selected.folder, what: detail })}
            ></scrkd-run-panel>
          </aside>`}
    </main>`;
  }

  #chart({ id, heading, note, nothing: none, lines, yRange, scale, format }: ChartContent, xRange: Range, marks: ChartRows['marks'], index: number): unknown {
    const { align } = this.view;
    return html`<scrkd-chart
      data-chart=${id}
      .heading=${heading}
      .note=${note}
      .nothing=${none}
      .lines=${lines}
      .marks=${marks}
      .xRange=${xRange}
      .yRange=${yRange}
      .scale=${scale}
      .pointAt=${this.pointAt}
      .format=${format}
      .formatX=${(value: number) => axisText(align, value)}
      .describeX=${(value: number) => axisWords(align, value)}
      .reachable=${index === this.currentChart}
      @point=${({ detail }: CustomEvent<number | undefined>) => (this.pointAt = detail)}
      @zoom=${({ detail }: CustomEvent<Range | undefined>) => (this.zoom = detail)}
      @focusin=${() => (this.currentChart = index)}
    ></scrkd-chart>`;
  }

  /** Lines are made anew only when something of them changed, so that a moving pointer draws nothing again. */
  #rows({ runs, looks, source, selected }: Pick<Parameters<typeof chartRows>[0], 'runs' | 'looks' | 'source' | 'selected'>): ChartRows {
    const of = [this.snapshot, this.version, this.view, this.zoom];
    if (this.#drawn?.of.every((each, i) => each === of[i]) === true) return this.#drawn.rows;
    const rows = chartRows({ runs, curves: this.#curves, looks, view: this.view, source, zoom: this.zoom, selected });
    this.#drawn = { of, rows };
    return rows;
  }

  /** The run of the side column: the one chosen, else the one that trains, else the first. */
  #selected(runs: readonly RunSummary[]): RunSummary | undefined {
    return runs.find(({ folder }) => folder === this.view.selected) ?? runs.find(({ standing }) => standing === 'running' || standing === 'paused') ?? runs[0];
  }

  /** Where metrics can come from, those that most runs have first. */
  #sources(): FigureSource[] {
    const counted = new Map<string, { source: FigureSource; count: number }>();
    for (const run of this.snapshot?.runs ?? []) {
      const evaluated = this.#curves.get(run.folder)?.evaluations ?? [];
      const own = new Map<string, FigureSource>([...run.figures, ...evaluated].map(({ split, protocol }) => [sourceKey({ split, protocol }), { split, protocol }]));
      for (const [key, source] of own) {
        const curves = evaluated.some((each) => sourceKey(each) === key) ? 1 : 0;
        const known = counted.get(key) ?? { source, count: 0 };
        counted.set(key, { source, count: known.count + 1 + curves });
      }
    }
    return [...counted.values()].sort((a, b) => b.count - a.count || sourceKey(a.source).localeCompare(sourceKey(b.source), 'en')).map(({ source }) => source);
  }

  #source(): FigureSource | undefined {
    const sources = this.#sources();
    return sources.find((source) => sourceKey(source) === this.view.source) ?? sources[0];
  }

  #onMessage(message: ToDashboard): void {
    switch (message.type) {
      case 'runs': {
        this.snapshot = message.snapshot;
        this.#clockAhead = message.snapshot.now - Date.now();
        const folders = [...message.snapshot.runs, ...message.snapshot.unreadable].map(({ folder }) => folder);
        const hidden = this.view.hidden.filter((folder) => folders.includes(folder));
        for (const folder of this.#curves.keys()) if (!folders.includes(folder)) this.#curves.delete(folder);
        if (folders.join('\n') !== this.view.folders.join('\n') || hidden.length !== this.view.hidden.length) this.#look({ folders, hidden });
        return;
      }
      case 'curves':
        this.#curves.set(message.curves.folder, message.curves);
        this.version++;
        return;
      default:
        unreachable(message);
    }
  }

  #look(change: Partial<DashboardView>): void {
    this.view = { ...this.view, ...change };
    this.#host.keep(this.view);
  }

  #align(align: DashboardView['align']): void {
    this.zoom = undefined; // a stretch of epochs is none of seconds
    this.pointAt = undefined;
    this.#look({ align });
  }

  /** In the charts: arrows move through the axis and from chart to chart. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const charts = [...this.renderRoot.querySelectorAll<Chart>('scrkd-chart')];
    const chart = charts[this.currentChart];
    if (chart === undefined) return;
    const [from, to] = chart.xRange;
    const unit = this.view.align === 'epoch' ? 1 : (to - from) / 100;
    const at = this.pointAt ?? to;
    const clamp = (value: number): number => Math.min(to, Math.max(from, value));
    const moveTo = (index: number): void => {
      this.currentChart = (index + charts.length) % charts.length;
      charts[this.currentChart]?.focusPlot();
    };
    const far = event.shiftKey ? 10 : 1;
    switch (event.key) {
      case 'ArrowRight':
        this.pointAt = clamp(at + far * unit);
        break;
      case 'ArrowLeft':
        this.pointAt = clamp(at - far * unit);
        break;
      case 'Home':
        this.pointAt = from;
        break;
      case 'End':
        this.pointAt = to;
        break;
      case 'ArrowDown':
        moveTo(this.currentChart + 1);
        break;
      case 'ArrowUp':
        moveTo(this.currentChart - 1);
        break;
      case 'Escape':
        if (this.pointAt === undefined) this.zoom = undefined;
        this.pointAt = undefined;
        break;
      default:
        return;
    }
    event.preventDefault();
  };
}

function rowName(kind: 'losses' | 'metrics' | 'resources'): string {
  switch (kind) {
    case 'losses':
      return l10n.t('Losses');
    case 'metrics':
      return l10n.t('Metrics');
    case 'resources':
      return l10n.t('Resources');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-dashboard': Dashboard;
  }
}
