import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { DashboardControl, Mark, RunCurves, RunSummary, SentRequest } from '../../src/protocol/dashboard.ts';
import { standingLook, standingWord } from '../../src/protocol/standing.ts';
import { duration, fixed, gibibyte, percent } from '../shared/format.ts';
import '../shared/icon-button.ts';
import '../shared/menu.ts';
import type { MenuChoice, MenuItem } from '../shared/menu.ts';
import '../shared/slider.ts';
import type { Slider } from '../shared/slider.ts';
import { styleOf } from '../shared/style-of.ts';
import { base, button, field } from '../shared/styles.ts';
import '../shared/toolbar.ts';
import type { WidthClass } from '../shared/width-class.ts';
import { shareOfLoss, shownSettings, sliderPosition, sliderValue, type Setting } from './settings.ts';
import { changeText, epochText, markGlyph, markText, settingText, symbolOf, toneColours } from './words.ts';

/** The detail of `control`. */
export type ControlChoice = CustomEvent<DashboardControl>;
/** The detail of `open`. */
export type OpenChoice = CustomEvent<'config' | 'log' | 'folder'>;

/** Events listed; a run may have thousands. */
const mostEvents = 100;

/**
 * One run: how far it is, what may be turned while it trains, and what happened.
 * What is turned stays pending until Apply; the trainer's answer is told here.
 * @fires control
 * @fires open
 */
@customElement('scrkd-run-panel')
export class RunPanel extends LitElement {
  static override readonly styles = [
    base,
    button,
    field,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 12px;
        padding: 12px 16px;
        overflow: auto;
      }
      .about {
        display: flex;
        flex-direction: column;
        gap: 12px;
      }
      /* As a band below the charts. */
      :host([room='medium']) {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: minmax(0, 1fr);
        gap: 24px;
        align-items: start;
      }
      :host([room='medium']) section {
        margin: 0;
        padding: 0;
        border: 0;
      }
      .title {
        display: flex;
        align-items: center;
        gap: 4px;
        min-height: 22px;
      }
      .title h2 {
        flex: 1;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .track {
        height: 2px;
        background: var(--scrkd-line);
        flex: none;
      }
      .track i {
        display: block;
        height: 2px;
        background: var(--vscode-progressBar-background);
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 4px 12px;
        margin: 0;
      }
      dt {
        color: var(--scrkd-muted);
      }
      dd {
        margin: 0;
        text-align: right;
        overflow-wrap: anywhere;
      }
      section {
        display: flex;
        flex-direction: column;
        gap: 8px;
        margin: 0 -16px;
        padding: 12px 16px 0;
        border-top: 1px solid var(--scrkd-line);
      }
      .settings {
        display: grid;
        grid-template-columns: 68px 1fr 64px;
        gap: 0 8px;
        align-items: center;
      }
      .settings .name {
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .settings .field {
        width: 64px;
        text-align: right;
        font-variant-numeric: tabular-nums;
      }
      .settings small {
        grid-column: 2 / 4;
        margin: 2px 0 8px;
        font-size: 11px;
        line-height: 14px;
        color: var(--scrkd-muted);
      }
      .pending {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .pending span {
        flex: 1;
        font-variant-numeric: tabular-nums;
      }
      .error {
        color: var(--scrkd-error);
      }
      ol {
        display: grid;
        grid-template-columns: 16px 32px 1fr;
        gap: 4px 8px;
        margin: 0;
        padding: 0;
        list-style: none;
        font-size: 12px;
        line-height: 16px;
      }
      li {
        display: grid;
        grid-column: 1 / -1;
        grid-template-columns: subgrid;
      }
      li > :nth-child(1) {
        text-align: center;
        color: var(--scrkd-muted);
        overflow: hidden;
      }
      li > :nth-child(2) {
        text-align: right;
        color: var(--scrkd-muted);
        font-variant-numeric: tabular-nums;
      }
      li.change > :nth-child(1) {
        color: var(--vscode-charts-orange);
      }
      li.error > :nth-child(1) {
        color: var(--scrkd-error);
      }
      p {
        margin: 0;
      }
    `,
  ];

  @property({ attribute: false }) accessor run!: RunSummary;
  @property({ attribute: false }) accessor curves: RunCurves | undefined;
  @property({ type: Boolean, attribute: false }) accessor mayControl = true;
  @property({ reflect: true }) accessor room: WidthClass = 'wide';
  /** Milliseconds by which the host's clock is ahead of this one. */
  @property({ type: Number, attribute: false }) accessor clockAhead = 0;
  /** By setting: what the person turned it to, not sent yet or not answered yet. */
  @state() private accessor pending: Readonly<Record<string, number>> = {};
  /** Settings whose text is no number that makes sense. */
  @state() private accessor invalid: readonly string[] = [];
  #ticking: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#ticking = setInterval(() => this.requestUpdate(), 1000); // ages go on without messages
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#ticking);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('run');
    if (before !== undefined && before.folder !== this.run.folder) {
      this.pending = {};
      this.invalid = [];
      return;
    }
    // What the trainer has taken over is pending no more.
    const settings = shownSettings(this.run);
    const left = Object.entries(this.pending).filter(([name, value]) => settings.find((each) => each.name === name)?.value !== value);
    if (left.length < Object.keys(this.pending).length) this.pending = Object.fromEntries(left);
  }

  protected override render(): unknown {
    const { run } = this;
    const live = run.standing === 'running' || run.standing === 'paused';
    return html`<div class="about">${this.#title(live)} ${this.#progress()} ${this.#facts(live)}</div>
      ${live ? this.#control() : nothing} ${this.#events()}`;
  }

  #title(live: boolean): unknown {
    const { run } = this;
    const items: MenuItem[] = [
      { kind: 'action', id: 'config', label: l10n.t('Open Configuration of This Run') },
      { kind: 'action', id: 'log', label: l10n.t('Open Event Log') },
      { kind: 'action', id: 'folder', label: l10n.t('Reveal Run Folder') },
    ];
    const paused = run.standing === 'paused';
    const disabled = !this.mayControl;
    return html`<div class="title">
      <h2 title=${run.folder}>${run.label}</h2>
      <scrkd-toolbar label=${l10n.t('Control of {0}', run.label)}>
        ${live
          ? html`<scrkd-icon-button
                icon=${paused ? 'debug-continue' : 'debug-pause'}
                label=${paused ? l10n.t('Resume') : l10n.t('Pause')}
                .disabled=${disabled}
                @click=${() => this.#ask({ verb: paused ? 'resume' : 'pause' })}
              ></scrkd-icon-button>
              <scrkd-icon-button icon="device-camera" label=${l10n.t('Capture now')} .disabled=${disabled} @click=${() => this.#ask({ verb: 'capture' })}></scrkd-icon-button>
              <scrkd-icon-button icon="debug-stop" label=${l10n.t('Stop: checkpoint, then end')} .disabled=${disabled} @click=${() => this.#ask({ verb: 'stop' })}></scrkd-icon-button>`
          : nothing}
      </scrkd-toolbar>
      <scrkd-menu label=${l10n.t('More about this run')} .items=${items} @choose=${({ detail }: MenuChoice) => this.dispatchEvent(new CustomEvent('open', { detail }))}></scrkd-menu>
    </div>`;
  }

  #progress(): unknown {
    const { step, epochs, stepsPerEpoch, standing } = this.run;
    const whole = epochs * stepsPerEpoch;
    const share = standing === 'finished' ? 1 : whole > 0 ? step / whole : 0;
    return html`<div class="track" role="progressbar" aria-label=${l10n.t('Progress')} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(100 * share)}>
      <i ${styleOf({ width: `${100 * share}%` })}></i>
    </div>`;
  }

  #facts(live: boolean): unknown {
    const { run } = this;
    const { epoch, epochs, step, stepsPerEpoch, standing, error, queue } = run;
    const inEpoch = step - epoch * stepsPerEpoch;
    const where = epochs === 0 ? '–' : standing === 'finished' || inEpoch <= 0 ? l10n.t('{0} of {1}', epoch, epochs) : l10n.t('{0} of {1}, step {2} of {3}', epoch, epochs, inEpoch, stepsPerEpoch);
    const memory = run.memoryBytes === undefined ? '' : `, ${fixed(run.memoryBytes / gibibyte, 1)} GiB`;
    const age = run.lastEvent === undefined ? undefined : Math.max(0, (Date.now() + this.clockAhead - run.lastEvent) / 1000);
    const fact = (name: string, value: unknown): unknown => html`<dt>${name}</dt><dd>${value}</dd>`;
    const { icon, tone } = standingLook(run);
    return html`<dl>
        ${standing === 'running' ? nothing : fact(l10n.t('State'), html`<vscode-icon name=${icon} size="12" ${styleOf({ color: `var(${toneColours[tone]})` })}></vscode-icon> ${standingWord(run)}`)}
        ${queue === undefined ? nothing : fact(l10n.t('Waits for'), l10n.t('{0}, {1} before it', queue.device, queue.ahead))}
        ${fact(l10n.t('Epoch'), where)} ${live ? fact(l10n.t('Remaining'), duration(run.etaSeconds)) : nothing} ${fact(l10n.t('Trained'), duration(run.seconds))}
        ${fact(l10n.t('Device'), `${run.device}${memory}`)} ${fact(l10n.t('Dataset'), `${run.dataset.name} ${run.dataset.train} / ${run.dataset.test}`)}
        ${live && age !== undefined ? fact(l10n.t('Last event'), l10n.t('{0} ago', duration(age))) : nothing}
      </dl>
      ${error === undefined ? nothing : html`<p class="error" role="alert">${error}</p>`}
      ${standing === 'interrupted' ? html`<p class="caption">${l10n.t('Its process is gone. What was trained is kept; resuming repeats the steps since the last checkpoint.')}</p>` : nothing}
      ${run.unread.newer + run.unread.damaged > 0 ? html`<p class="caption">${l10n.t('{0} lines of its log cannot be read ({1} of a newer SCRKD): curves may lack points.', run.unread.newer + run.unread.damaged, run.unread.newer)}</p>` : nothing}`;
  }

  #control(): unknown {
    const settings = shownSettings(this.run);
    const title = settings.length > 1 ? l10n.t('Loss weights and learning rate') : l10n.t('Learning rate');
    return html`<section aria-label=${title}>
      <h3>${title}</h3>
      <div class="settings">${settings.map((setting) => this.#setting(setting))}</div>
      ${this.#pendingRow()} ${this.#answer()}
      <p class="caption">
        ${this.mayControl
          ? l10n.t('Takes effect at the next step; written to events.jsonl and marked in the curves. The configuration file is not changed.')
          : l10n.t('The folder is not trusted: its runs can be read, not controlled.')}
      </p>
    </section>`;
  }

  #setting(setting: Setting): unknown {
    const { name, value, detail } = setting;
    const shown = this.pending[name] ?? value;
    const symbol = symbolOf(name);
    const label = detail === '' ? symbol : `${symbol}, ${detail}`;
    return html`<span class="name">${symbol} <span class="caption">${detail}</span></span>
      <scrkd-slider
        label=${label}
        min="0"
        max="1"
        step="0.005"
        .page=${20}
        .value=${sliderPosition(setting, shown)}
        .valueText=${settingText(shown)}
        .disabled=${!this.mayControl}
        @input=${(event: Event) => this.#turn(setting, sliderValue(setting, (event.target as Slider).value))}
      ></scrkd-slider>
      <input
        class="field"
        inputmode="decimal"
        aria-label=${l10n.t('{0}: value', label)}
        aria-invalid=${this.invalid.includes(name)}
        ?disabled=${!this.mayControl}
        .value=${inputText(shown)}
        @change=${(event: Event) => this.#type(setting, (event.target as HTMLInputElement).value)}
        @keydown=${(event: KeyboardEvent) => this.#onFieldKey(event, setting)}
      />
      <small>${this.#hint(setting)}</small>`;
  }

  #hint({ name, value }: Setting): string {
    if (this.invalid.includes(name)) return name === 'temperature' ? l10n.t('A number above 0 is expected.') : l10n.t('A number from 0 on is expected.');
    const { schedule } = this.run.settings;
    if (name === 'learningRate') {
      if (schedule.kind === 'constant') return l10n.t('constant; now {0}', settingText(value));
      return l10n.t('times {0} every {1} epochs; now {2}', schedule.factor, schedule.every, settingText(value));
    }
    if (name === 'temperature') return l10n.t('now {0}', settingText(value));
    const share = this.curves === undefined ? undefined : shareOfLoss(this.curves, name, value);
    return share === undefined ? l10n.t('now {0}', settingText(value)) : l10n.t('share of loss {0}', percent(share));
  }

  #pendingRow(): unknown {
    const changes = Object.entries(this.pending);
    if (changes.length === 0) return nothing;
    const { settings } = this.run;
    const before = (name: string): number | undefined => (name === 'learningRate' ? settings.learningRate : name === 'temperature' ? settings.temperature : settings.weights[name]);
    const text = changes.map(([name, to]) => changeText({ name, ...(before(name) === undefined ? {} : { from: before(name)! }), to }));
    const waiting = this.#lastSet?.answer.kind === 'waiting';
    return html`<div class="pending">
      <span>${text.map((each) => html`<div>${each}</div>`)}</span>
      <button type="button" class="button secondary" @click=${this.#reset}>${l10n.t('Reset')}</button>
      <button type="button" class="button" ?disabled=${waiting || this.invalid.length > 0 || !this.mayControl} @click=${this.#apply}>${l10n.t('Apply')}</button>
    </div>`;
  }

  /** What came of the last request. */
  #answer(): unknown {
    const last = this.run.requests.at(-1);
    return html`<p class="caption" role="status">${last === undefined ? '' : answerText(last)}</p>`;
  }

  get #lastSet(): SentRequest | undefined {
    return this.run.requests.findLast(({ verb }) => verb === 'set');
  }

  #events(): unknown {
    const marks = [...this.run.marks].reverse();
    return html`<section aria-label=${l10n.t('Events')}>
      <h3>${l10n.t('Events')}</h3>
      ${marks.length === 0 ? html`<p class="caption">${this.run.standing === 'finished' ? l10n.t('No changes and no evaluations.') : l10n.t('Nothing happened yet.')}</p>` : html`<ol>${marks.slice(0, mostEvents).map((mark) => eventRow(mark))}</ol>`}
    </section>`;
  }

  #turn(setting: Setting, value: number): void {
    this.invalid = this.invalid.filter((name) => name !== setting.name);
    if (value === setting.value) {
      this.pending = Object.fromEntries(Object.entries(this.pending).filter(([name]) => name !== setting.name));
    } else this.pending = { ...this.pending, [setting.name]: value };
  }

  /** Enter applies what was typed, as in a form. */
  #onFieldKey(event: KeyboardEvent, setting: Setting): void {
    if (event.key !== 'Enter') return;
    this.#type(setting, (event.target as HTMLInputElement).value);
    this.#apply();
  }

  #type(setting: Setting, text: string): void {
    const value = Number(text.trim().replace('\u2212', '-').replace(',', '.'));
    const valid = text.trim() !== '' && Number.isFinite(value) && (setting.name === 'temperature' ? value > 0 : value >= 0);
    if (valid) this.#turn(setting, value);
    else this.invalid = [...new Set([...this.invalid, setting.name])];
  }

  readonly #reset = (): void => {
    this.pending = {};
    this.invalid = [];
  };

  readonly #apply = (): void => {
    if (Object.keys(this.pending).length === 0 || this.invalid.length > 0 || !this.mayControl) return;
    this.#ask({ verb: 'set', changes: this.pending });
  };

  #ask(control: DashboardControl): void {
    this.dispatchEvent(new CustomEvent('control', { detail: control }));
  }
}

function eventRow(mark: Mark): unknown {
  const kind = mark.kind === 'change' ? 'change' : mark.kind === 'rejected' || (mark.kind === 'message' && mark.level === 'error') ? 'error' : '';
  return html`<li class=${kind}><span aria-hidden="true">${markGlyph(mark)}</span><span>${epochText(mark.at)}</span><span>${markText(mark)}</span></li>`;
}

function answerText({ verb, changes, answer }: SentRequest): unknown {
  const what = changes === undefined ? verb : Object.entries(changes).map(([name, to]) => `${symbolOf(name)} ${settingText(to)}`).join(', ');
  switch (answer.kind) {
    case 'waiting':
      return l10n.t('Asked for {0}; waiting for the trainer…', what);
    case 'accepted':
      return l10n.t('Accepted after step {0}: {1}', answer.step, what);
    case 'rejected':
      return html`<span class="error">${l10n.t('Refused ({0}): {1}', what, answer.reason)}</span>`;
  }
}

/** As one types it: powers of ten with an e. */
function inputText(value: number): string {
  if (!Number.isFinite(value)) return '';
  const short = +value.toPrecision(4);
  return short > 0 && short < 0.001 ? short.toExponential() : String(short);
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-run-panel': RunPanel;
  }
}
