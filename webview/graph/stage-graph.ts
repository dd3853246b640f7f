import '@vscode-elements/elements/dist/vscode-icon/index.js';
import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, svg } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { GraphPanelState, GraphStage, GraphToHost, GraphToPanel, StageGraph } from '../../src/protocol/graph.ts';
import { unreachable } from '../../src/base/errors.ts';
import type { HostChannel } from '../shared/host.ts';
import '../shared/notice.ts';
import { styleOf } from '../shared/style-of.ts';
import { base, button } from '../shared/styles.ts';
import { card, layoutOf, type Layout } from './layout.ts';
import './stage-card.ts';
import './stage-details.ts';
import './transfer-label.ts';

type Shown = GraphToPanel & { type: 'graph' | 'empty' };

/**
 * The stages of a config, teachers before students, with what is transferred between them. It follows the cursor in the text; a click
 * or Enter goes to the stage there, arrows go from stage to stage.
 */
@customElement('scrkd-stage-graph')
export class StageGraphPanel extends LitElement {
  static override readonly styles = [
    base,
    button,
    css`
      main {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr) auto;
        height: 100vh;
      }
      main.empty {
        grid-template-rows: minmax(0, 1fr);
      }
      header {
        display: flex;
        align-items: baseline;
        gap: 10px;
        padding: 10px 16px 0;
      }
      /* The icon alone: not every theme's red can be read as text. */
      .problem {
        vertical-align: -2px;
        color: var(--scrkd-error);
      }
      .room {
        display: flex;
        overflow: auto;
      }
      .graph {
        position: relative;
        flex: none;
        margin: auto;
      }
      svg {
        position: absolute;
        inset: 0;
        overflow: visible;
        pointer-events: none;
      }
      path {
        fill: none;
        stroke: var(--scrkd-muted);
        stroke-width: 1.5;
      }
      path.chosen {
        stroke: var(--scrkd-accent);
        stroke-width: 2;
      }
      marker path {
        fill: var(--scrkd-muted);
        stroke: none;
      }
      marker.chosen path {
        fill: var(--scrkd-accent);
      }
      scrkd-stage-details {
        max-height: 46vh;
      }
    `,
  ];

  readonly #host: HostChannel<GraphToHost, GraphToPanel, GraphPanelState>;
  readonly #observer = new ResizeObserver(([entry]) => {
    if (entry !== undefined) this._room = entry.contentRect.width;
  });

  @state() private accessor _shown: Shown | undefined;
  /** Chosen here, or by the cursor in the text. */
  @state() private accessor _chosen: string | undefined;
  @state() private accessor _room = 0;

  constructor(host: HostChannel<GraphToHost, GraphToPanel, GraphPanelState>) {
    super();
    this.#host = host;
    host.onMessage((message) => this.#receive(message));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this._room = this.getBoundingClientRect().width;
    this.#observer.observe(this);
    this.#host.post({ type: 'ready' });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  #receive(message: GraphToPanel): void {
    switch (message.type) {
      case 'graph':
        this._shown = message;
        this.#host.keep({ version: 1, uri: message.uri });
        if (!message.graph.stages.some(({ name }) => name === this._chosen)) this._chosen = undefined;
        return;
      case 'cursor':
        if (message.stage !== undefined) void this.#choose(message.stage);
        return;
      case 'empty':
        this._shown = message;
        return;
      default:
        unreachable(message);
    }
  }

  async #choose(name: string): Promise<void> {
    this._chosen = name;
    await this.updateComplete;
    this.#card(name)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #card(name: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`scrkd-stage-card[data-name="${CSS.escape(name)}"]`);
  }

  #reveal(name: string): void {
    void this.#choose(name);
    this.#host.post({ type: 'reveal', stage: name });
  }

  protected override render(): unknown {
    const shown = this._shown;
    if (shown?.type === 'graph') return html`<main>${this.#drawing(shown.graph)}</main>`;
    const notice = shown === undefined ? html`<scrkd-notice kind="loading" headline=${l10n.t('Reading the config …')}></scrkd-notice>` : this.#notice(shown);
    return html`<main class="empty"><h1 class="unseen">${l10n.t('Stage Graph')}</h1>${notice}</main>`;
  }

  #notice({ reason, detail }: Shown & { type: 'empty' }): unknown {
    const open = html`<button slot="actions" class="button" @click=${() => this.#host.post({ type: 'open-config' })}>${l10n.t('Open a Config')}</button>`;
    switch (reason) {
      case 'no-config':
        return html`<scrkd-notice headline=${l10n.t('No config')}>${l10n.t('The stages of the config that you edit are drawn here.')}${open}</scrkd-notice>`;
      case 'no-stages':
        return html`<scrkd-notice headline=${l10n.t('No stages yet')}>${l10n.t('Name at least one network under "stages" in {0}: it is drawn as soon as it can be read.', detail ?? '')}</scrkd-notice>`;
      case 'no-server':
        return html`<scrkd-notice kind="error" headline=${l10n.t('The config cannot be read')}>${detail ?? ''}</scrkd-notice>`;
      default:
        return unreachable(reason);
    }
  }

  #drawing(graph: StageGraph): unknown {
    const layout = layoutOf(graph.stages, graph.transfers, this._room);
    const chosen = graph.stages.find(({ name }) => name === this._chosen);
    const reachable = chosen?.name ?? graph.stages[0]?.name;
    return html`<header>
        <h1 class="unseen">${l10n.t('Stages of {0}', graph.experiment)}</h1>
        <h2>${graph.experiment}</h2>
        <span class="muted">${graph.stages.length === 1 ? l10n.t('1 stage') : l10n.t('{0} stages', graph.stages.length)}</span>
        ${graph.errors === 0 ? nothing : html`<span role="status"><vscode-icon class="problem" name="error" size="14"></vscode-icon> ${graph.errors === 1 ? l10n.t('1 error: what it concerns may be missing here') : l10n.t('{0} errors: what they concern may be missing here', graph.errors)}</span>`}
      </header>
      <div class="room">
        <div class="graph" role="group" aria-label=${l10n.t('Stages of {0}', graph.experiment)} ${styleOf({ width: `${layout.width}px`, height: `${layout.height}px` })} @keydown=${(event: KeyboardEvent) => this.#onKey(event, graph, layout)}>
          ${this.#lines(graph, layout)}
          ${graph.transfers.map((transfer, index) => {
            const { x, y } = layout.routes[index]!;
            return html`<scrkd-transfer-label .transfer=${transfer} ?chosen=${transfer.to === this._chosen} ${styleOf({ left: `${x}px`, top: `${y}px` })} @click=${() => this.#reveal(transfer.to)}></scrkd-transfer-label>`;
          })}
          ${graph.stages.map((stage) => this.#stage(stage, graph, layout, reachable))}
        </div>
      </div>
      ${chosen === undefined ? nothing : html`<scrkd-stage-details .stage=${chosen} .transfer=${graph.transfers.find(({ to }) => to === chosen.name)} role="region" aria-label=${l10n.t('Details of {0}', chosen.name)} tabindex="0"></scrkd-stage-details>`}`;
  }

  #stage(stage: GraphStage, graph: StageGraph, layout: Layout, reachable: string | undefined): unknown {
    const { x, y } = layout.places.get(stage.name)!;
    const place = { left: `${x}px`, top: `${y}px`, width: `${card.width}px`, height: `${card.height}px` };
    return html`<scrkd-stage-card
      data-name=${stage.name}
      .stage=${stage}
      .teacher=${graph.transfers.find(({ to }) => to === stage.name)?.from ?? ''}
      ?chosen=${stage.name === this._chosen}
      .reachable=${stage.name === reachable}
      ${styleOf(place)}
      @click=${() => this.#reveal(stage.name)}
    ></scrkd-stage-card>`;
  }

  #lines({ transfers }: StageGraph, { width, height, routes }: Layout): unknown {
    const arrow = (id: string, kind: string): unknown =>
      svg`<marker id=${id} class=${kind} viewBox="0 0 8 8" refX="2" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L8 4 L0 8 z"></path></marker>`;
    return html`<svg width=${width} height=${height} aria-hidden="true">
      <defs>${arrow('arrow', '')}${arrow('arrow-chosen', 'chosen')}</defs>
      ${transfers.map(({ to }, index) => {
        const isChosen = to === this._chosen;
        return svg`<path d=${routes[index]!.path} class=${isChosen ? 'chosen' : ''} marker-end=${isChosen ? 'url(#arrow-chosen)' : 'url(#arrow)'}></path>`;
      })}
    </svg>`;
  }

  /** Along the transfers to teacher and student, within a layer to its neighbours. */
  #onKey(event: KeyboardEvent, graph: StageGraph, layout: Layout): void {
    const current = event.composedPath().find((target): target is HTMLElement => target instanceof HTMLElement && target.dataset.name !== undefined)?.dataset.name;
    if (current === undefined) return;
    const isAcross = layout.direction === 'across';
    const along = { [isAcross ? 'ArrowLeft' : 'ArrowUp']: -1, [isAcross ? 'ArrowRight' : 'ArrowDown']: 1 }[event.key];
    const beside = { [isAcross ? 'ArrowUp' : 'ArrowLeft']: -1, [isAcross ? 'ArrowDown' : 'ArrowRight']: 1 }[event.key];
    const next = along !== undefined ? relative(graph, layout, current, along) : beside !== undefined ? neighbour(layout, current, beside) : undefined;
    if (next === undefined) return;
    event.preventDefault();
    void this.#choose(next).then(() => this.#card(next)?.focus());
  }
}

/** The teacher (-1) or the first student (1) of a stage. */
function relative({ transfers }: StageGraph, { places }: Layout, name: string, step: number): string | undefined {
  if (step < 0) return transfers.find(({ to }) => to === name)?.from;
  const students = transfers.filter(({ from }) => from === name).map(({ to }) => to);
  return students.toSorted((a, b) => (places.get(a)?.rank ?? 0) - (places.get(b)?.rank ?? 0))[0];
}

function neighbour({ places }: Layout, name: string, step: number): string | undefined {
  const place = places.get(name);
  return [...places].find(([, { layer, rank }]) => layer === place?.layer && rank === place.rank + step)?.[0];
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-stage-graph': StageGraphPanel;
  }
}
