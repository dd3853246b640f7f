/** `<scrkd-inspector>`: tabs, pictures, samples and the scrubber; what the host says, and what people press. */
import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { unreachable } from '../../src/base/errors.ts';
import { inspectorTabs, type ArmRole, type InspectorAnswer, type InspectorQuestion, type InspectorSnapshot, type InspectorTab, type InspectorToHost, type InspectorToPanel } from '../../src/protocol/inspector.ts';
import { colour, ThemeController } from '../shared/colours.ts';
import type { HostChannel } from '../shared/host.ts';
import '../shared/menu.ts';
import type { MenuChoice, MenuItem } from '../shared/menu.ts';
import '../shared/notice.ts';
import { WidthController } from '../shared/width-class.ts';
import { CaptureStore } from './capture-store.ts';
import { colourBar, levelBar } from './colour-bar.ts';
import { magnitudeMaps, type Colours } from './colour.ts';
import { iconButton, segmented, select } from './controls.ts';
import { axisNames, correlationView, differenceLimit, viewNames } from './correlation-view.ts';
import { exportView } from './export.ts';
import { featuresView } from './features-view.ts';
import { ImageStore } from './images.ts';
import { logitsView } from './logits-view.ts';
import { captureBytes, Model, type Actions, type Asked } from './model.ts';
import { forgetPainted } from './painting.ts';
import { WorkAhead } from './work-ahead.ts';
import { prepareScores, saliencyView } from './saliency-view.ts';
import './scrubber.ts';
import type { Scrubber, ScrubberData } from './scrubber.ts';
import './strip.ts';
import type { Strip } from './strip.ts';
import { now } from './ticks.ts';
import { armName, fixed } from './text.ts';
import { exportDpis, initialState, type ExportDpi, type ViewIndex, type ViewState } from './view-state.ts';

type Channel = HostChannel<InspectorToHost, InspectorToPanel, ViewState>;

/** Milliseconds after which a figure is exported without its image or mask. */
const longestWaitForPictures = 5_000;

/** Milliseconds that a run is not shown for want of its captures. */
const longestWaitForCaptures = 200;

/** The answers of the process that are kept. */
const maxAnswers = 24;

export class Inspector extends LitElement {
  readonly #channel: Channel;
  readonly #width = new WidthController(this);
  readonly #captures = new CaptureStore(captureBytes);
  readonly #images: ImageStore;
  readonly #answers = new Map<string, { id: number; asked: Asked<InspectorAnswer> }>();
  #model: Model | undefined;
  #state: ViewState;
  #problem: Extract<InspectorToPanel, { type: 'no-run' }> | undefined;
  #ticket = 0;
  #nextId = 0;
  #streaming = false;
  /** Grows with every choice but that of the epoch. */
  #choices = 0;
  #scrubberData: ScrubberData | undefined;
  #wishedFor = '';
  #help = false;
  #exporting = false;
  #status = '';
  #frame = 0;
  /** Whether there was a first picture: the samples' thumbnails wait for it. */
  #hasShown = false;
  /** Ends when the captures of a run that was just opened have come, or have taken too long. */
  #opening: PromiseWithResolvers<undefined> | undefined;
  readonly #ahead = new WorkAhead((epoch) => preparations(this, this.#model, epoch));
  readonly #actions: Actions = {
    update: (patch) => this.#update(patch),
    hover: (hover) => {
      if (this.#model === undefined || (hover === undefined && this.#model.hover === undefined)) return;
      this.#model.hover = hover;
      this.requestUpdate();
    },
    ask: (key, question) => this.#ask(key, question),
    exportNow: () => void this.#export(),
  };

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
    new ThemeController(this, () => this.#themeChanged());
    this.#images = new ImageStore((sample, kind) => channel.post({ type: 'file', sample, kind }));
    // What a state of an earlier day lacks is as at first.
    this.#state = { ...initialState(undefined), ...channel.restore(), blinking: false };
    channel.onMessage((message) => this.#receive(message));
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#onKey);
    document.addEventListener('dragover', this.#onDrag);
    document.addEventListener('drop', this.#onDrop);
    this.#channel.post({ type: 'ready', folder: this.#state.folder });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#ahead.stop();
    document.removeEventListener('keydown', this.#onKey);
    document.removeEventListener('dragover', this.#onDrag);
    document.removeEventListener('drop', this.#onDrop);
  }

  // ---- the host ----

  #receive(message: InspectorToPanel): void {
    switch (message.type) {
      case 'run':
        this.#show(message.snapshot);
        return;
      case 'no-run':
        this.#problem = message;
        this.#model = undefined;
        this.requestUpdate();
        return;
      case 'show':
        this.#update({ tab: message.tab, ...(message.epoch === undefined ? {} : { epoch: message.epoch }) });
        return;
      case 'capture':
        if (message.ticket !== this.#ticket) return;
        this.#captures.add(message.role, message.epoch, message.views, message.bytes, this.#model?.epoch ?? 0);
        if (this.#model?.isComplete() === true) this.#opening?.resolve(undefined);
        this.#soon(message.epoch === this.#model?.epoch || message.epoch === 0);
        return;
      case 'no-capture':
        if (message.ticket !== this.#ticket) return;
        this.#captures.addGap(message.role, message.epoch, { problem: message.problem, message: message.message });
        this.#soon(true);
        return;
      case 'captures-end':
        if (message.ticket !== this.#ticket) return;
        this.#streaming = false;
        this.#opening?.resolve(undefined);
        this.requestUpdate();
        return;
      case 'file':
        void this.#images.add(message.sample, message.kind, message.bytes).then(() => this.#soon(true));
        return;
      case 'no-file':
        this.#images.fail(message.sample, message.kind, message.message);
        this.#soon(true);
        return;
      case 'answer':
        this.#answered(message.id, { state: 'done', value: message.answer });
        return;
      case 'failed':
        this.#answered(message.id, { state: 'failed', message: message.message });
        return;
      default:
        unreachable(message);
    }
  }

  /** Draws in the next frame, or, while captures stream in that are not shown, a few times a second. */
  #soon(now: boolean): void {
    if (now) {
      this.requestUpdate();
      return;
    }
    if (this.#frame !== 0) return;
    this.#frame = window.setTimeout(() => {
      this.#frame = 0;
      this.requestUpdate();
    }, 250);
  }

  #show(snapshot: InspectorSnapshot): void {
    const another = this.#model?.snapshot.folder !== snapshot.folder;
    this.#problem = undefined;
    if (another) {
      if (this.#state.folder !== snapshot.folder) this.#state = { ...this.#state, folder: snapshot.folder, sample: undefined, epoch: undefined, row: undefined, column: undefined };
      this.#captures.clear();
      this.#model = new Model(snapshot, this.#state, this.#captures, this.#images, this.#actions);
      this.#themeChanged();
      this.#channel.keep(this.#state);
      const opening = Promise.withResolvers<undefined>();
      setTimeout(() => opening.resolve(undefined), longestWaitForCaptures);
      this.#opening = opening;
    } else this.#model!.snapshot = snapshot;
    const epochsOf = (which: 'captured' | 'checkpoints'): number[] => [...new Set(snapshot.arms.flatMap((arm) => (arm.frozen ? [] : arm[which])))].sort((a, b) => a - b);
    this.#scrubberData = { epochs: snapshot.epochs, done: snapshot.done, captured: epochsOf('captured'), kept: epochsOf('checkpoints'), course: snapshot.course, marks: snapshot.marks };
    // What failed may succeed by now: the trainer that kept the device busy may have ended.
    for (const [key, { asked }] of this.#answers) if (asked.state === 'failed') this.#answers.delete(key);
    this.#wish(another);
    this.requestUpdate();
  }

  /** Asks for the captures that are not there: of a new sample all, of a run that goes on the new ones. */
  #wish(fresh: boolean): void {
    const model = this.#model;
    const { sample } = model ?? {};
    if (model === undefined || sample === undefined) return;
    const wish = `${sample} ${this.#state.operand}`;
    if (fresh || wish !== this.#wishedFor) {
      this.#captures.clear();
      forgetPainted();
      model.forget();
    }
    this.#wishedFor = wish;
    this.#ticket++;
    this.#streaming = true;
    const have = this.#captures.keys.filter((key) => !this.#isGap(key));
    this.#channel.post({ type: 'captures', ticket: this.#ticket, sample, epoch: model.epoch, operand: this.#state.operand, have, limit: Math.max(0, captureBytes - this.#captures.bytes) });
  }

  /** A picture that was missing may be there by now. */
  #isGap(key: string): boolean {
    const [role, epoch] = key.split('/') as [ArmRole, string];
    return this.#captures.names(role, Number(epoch)).length === 0;
  }

  #ask(key: string, question: InspectorQuestion): Asked<InspectorAnswer> {
    const known = this.#answers.get(key);
    if (known !== undefined) return known.asked;
    // A question of the same kind for the same arm is stale now.
    const family = key.slice(0, key.indexOf(' '));
    for (const [other, { id, asked }] of this.#answers) {
      if (asked.state !== 'waiting' || !other.startsWith(`${family} `)) continue;
      this.#channel.post({ type: 'cancel', id });
      this.#answers.delete(other);
    }
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size < maxAnswers) break;
      this.#answers.delete(oldest);
    }
    const entry = { id: ++this.#nextId, asked: { state: 'waiting' } as Asked<InspectorAnswer> };
    this.#answers.set(key, entry);
    this.#channel.post({ type: 'ask', id: entry.id, question });
    return entry.asked;
  }

  #answered(id: number, asked: Asked<InspectorAnswer>): void {
    for (const entry of this.#answers.values()) if (entry.id === id) entry.asked = asked;
    this.requestUpdate();
  }

  // ---- choices ----

  #update(patch: Partial<ViewState>): void {
    const before = this.#state;
    this.#state = { ...before, ...patch };
    if (Object.keys(patch).some((choice) => choice !== 'epoch')) this.#choices++;
    this.#channel.keep(this.#state);
    const model = this.#model;
    if (model === undefined) return;
    const wasComplete = model.isComplete();
    model.state = this.#state;
    if (Object.keys(patch).join() === 'epoch' && wasComplete && model.isComplete()) {
      this.#step(model);
      return;
    }
    if (patch.sample !== undefined) model.dropped = undefined;
    if (patch.sample !== undefined || (patch.operand !== undefined && patch.operand !== before.operand)) this.#wish(false);
    else if (patch.epoch !== undefined && !this.#streaming && this.#lacks(model)) this.#wish(false);
    this.requestUpdate();
  }

  /** Goes to an epoch of which everything is there: nothing moves, pictures and numbers change. */
  #step(model: Model): void {
    for (const map of this.querySelectorAll('scrkd-map')) map.show(model.epoch);
    model.ticks.step();
    this.#workAhead(model);
  }

  /** Whether an epoch that is shown was captured but let go of, or not yet sent. */
  #lacks(model: Model): boolean {
    return model.snapshot.arms.some((arm) => !arm.frozen && arm.captured.includes(model.epoch) && !this.#captures.has(arm.role, model.epoch));
  }

  #themeChanged(): void {
    if (this.#model === undefined) return;
    this.#model.dark = isDark();
    this.#model.dotColour = colour('--scrkd-distilled');
  }

  // ---- drawing ----

  /** Pictures that come within a moment are drawn at once with what is around them: an empty view before them would take longer than they do. */
  protected override async scheduleUpdate(): Promise<void> {
    await this.#opening?.promise;
    await super.scheduleUpdate();
  }

  protected override updated(): void {
    for (const sheet of this.querySelectorAll('scrkd-sheet')) sheet.arrangeSoon();
    const model = this.#model;
    if (model === undefined || (model.isCaptured && this.#lacks(model))) return;
    if (model.isCaptured) this.#workAhead(model);
    if (this.#hasShown) return;
    this.#hasShown = true;
    requestIdleCallback(() => this.requestUpdate(), { timeout: longestWaitForCaptures });
  }

  #workAhead(model: Model): void {
    const look = { ...this.#state, epoch: undefined, row: undefined, column: undefined, swipe: undefined };
    const key = JSON.stringify([look, this.#captures.version, this.#images.version, innerWidth, innerHeight, devicePixelRatio]);
    this.#ahead.around(model.epoch, this.#scrubberData?.captured ?? [], key);
  }

  protected override render(): unknown {
    const model = this.#model;
    if (this.#problem !== undefined) return this.#nothing(this.#problem);
    if (model === undefined) return html`<scrkd-notice kind="loading" headline=${l10n.t('Reading the run')}></scrkd-notice>`;
    if (model.snapshot.samples.every(({ captured }) => !captured)) return this.#noCaptures(model);
    const width = this.#width.current;
    return html`
      ${guard([this.#choices, model.snapshot, this.#captures.version, width, this.#exporting, model.dark], () => this.#header(model))}
      <main>
      <h1 class="unseen">${l10n.t('Inspector of {0}', model.snapshot.run)}</h1>
      <div class="panel" role="tabpanel" id="panel" aria-labelledby=${`tab-${this.#state.tab}`}>${this.#view(model, width)}</div>
      <div class="strip">
        <scrkd-strip .samples=${model.snapshot.samples} .chosen=${model.sample} .images=${this.#hasShown ? this.#images : undefined} .version=${this.#images.version} @sample=${(event: CustomEvent<string>) => this.#update({ sample: event.detail, row: undefined, column: undefined })}></scrkd-strip>
      </div>
      </main>
      <footer class=${this.#streaming ? 'streaming' : ''}>
        <scrkd-scrubber .data=${this.#scrubberData} .epoch=${now(model, () => model.epoch)} .speed=${this.#state.speed} @epoch=${(event: CustomEvent<number>) => this.#update({ epoch: event.detail >= model.snapshot.done && model.snapshot.live ? undefined : event.detail })} @speed=${(event: CustomEvent<ViewState['speed']>) => this.#update({ speed: event.detail })}></scrkd-scrubber>
      </footer>
      <div class="status" role="status">${this.#status}</div>
      ${this.#help ? this.#shortcuts() : nothing}
    `;
  }

  #view(model: Model, width: 'wide' | 'medium' | 'narrow'): TemplateResult {
    switch (this.#state.tab) {
      case 'correlation':
        return correlationView(model, width);
      case 'features':
        return featuresView(model, width);
      case 'logits':
        return logitsView(model, width);
      case 'saliency':
        return saliencyView(model, width);
      default:
        return unreachable(this.#state.tab);
    }
  }

  #nothing({ reason, message }: Extract<InspectorToPanel, { type: 'no-run' }>): TemplateResult {
    const choose = html`<button slot="actions" class="button" @click=${() => this.#channel.post({ type: 'choose-run' })}>${l10n.t('Choose a Run')}</button>`;
    if (reason === 'unreadable') return html`<scrkd-notice kind="error" headline=${l10n.t('This run cannot be read')}>${message}${choose}</scrkd-notice>`;
    return html`<scrkd-notice headline=${l10n.t('No run is being inspected')}>${l10n.t('Choose a run to see what its teacher knows, what the plain student lacks, and what the distilled student has learned.')}${choose}</scrkd-notice>`;
  }

  #noCaptures({ snapshot }: Model): TemplateResult {
    const choose = html`<button slot="actions" class="button" @click=${() => this.#channel.post({ type: 'choose-run' })}>${l10n.t('Choose Another Run')}</button>`;
    if (snapshot.live) return html`<scrkd-notice kind="loading" headline=${l10n.t('{0} has not captured anything yet', snapshot.run)}>${l10n.t('The first pictures come before its first step.')}${choose}</scrkd-notice>`;
    return html`<scrkd-notice headline=${l10n.t('{0} has no captures', snapshot.run)}>${l10n.t('Pictures are made of a few samples while a run trains: set "captures" in its config and train again.')}${choose}</scrkd-notice>`;
  }

  #header(model: Model): TemplateResult {
    const names: Readonly<Record<InspectorTab, string>> = { correlation: l10n.t('Correlation'), features: l10n.t('Features'), logits: l10n.t('Logits'), saliency: l10n.t('Saliency') };
    const sample = model.snapshot.samples.find(({ id }) => id === model.sample);
    return html`<header>
      <div class="tabs" role="tablist" aria-label=${l10n.t('Inspector views')} @keydown=${this.#onTabKey}>
        ${inspectorTabs.map((tab) => html`<button role="tab" id=${`tab-${tab}`} aria-controls="panel" aria-selected=${tab === this.#state.tab} tabindex=${tab === this.#state.tab ? 0 : -1} @click=${() => this.#update({ tab })}>${names[tab]}</button>`)}
      </div>
      <button class="run muted wide-only" title=${l10n.t('Choose another run')} @click=${() => this.#channel.post({ type: 'choose-run' })}>${model.snapshot.experiment} / <b>${shortRun(model.snapshot.run)}</b></button>
      <span class="space"></span>
      <div class="options">${this.#options(model)}</div>
      ${iconButton(sample?.pinned === true ? 'pinned' : 'pin', l10n.t('Pin this sample: capture it every time (P)'), () => this.#pin(), sample?.pinned === true)}
      ${iconButton('export', l10n.t('Export figure ({0} dpi) and numbers (X)', this.#state.dpi), () => void this.#export(), undefined, this.#exporting)}
      <scrkd-menu .label=${l10n.t('More')} .items=${this.#menu()} @choose=${(event: MenuChoice) => this.#chosen(event.detail)}></scrkd-menu>
      <div class="bars below">${this.#bars(model)}</div>
    </header>`;
  }

  /** What the colours mean, with window and level: beside the other controls, or, where there is no room, below them. */
  #bars(model: Model): TemplateResult {
    const { state } = model;
    const level = (name: string, colours: Colours, low: string, high: string): TemplateResult => levelBar(name, colours, low, high, state.level, (level) => this.#update({ level }));
    switch (state.tab) {
      case 'correlation': {
        const { low, high } = model.sharedLimits(state.stage, state.view);
        const isOwn = state.scale === 'own';
        return html`${level(state.map, model.colours, isOwn ? 'p1' : fixed(low, 2), isOwn ? 'p99.5' : fixed(high, 2))}${model.snapshot.reference === undefined ? nothing : colourBar(l10n.t('difference'), model.diverging, `−${String(differenceLimit).slice(1)}`, `+${String(differenceLimit).slice(1)}`)}`;
      }
      case 'features':
        return html`${level(state.map, model.colours, '0', '1')}${model.snapshot.reference === undefined ? nothing : colourBar(l10n.t('difference'), model.diverging, '−.5', '+.5')}`;
      case 'logits':
        return html`${colourBar(l10n.t('logits'), model.diverging, '−7', '7')}${level(state.map, model.colours, 'q 0', '1')}`;
      case 'saliency':
        return level('grey', model.saliencyColours, '0', '1');
      default:
        return unreachable(state.tab);
    }
  }

  #options(model: Model): unknown {
    const { state } = model;
    const colourSelect = select(l10n.t('Colour map'), magnitudeMaps.map((map) => ({ value: map, label: mapName(map) })), state.map, (map) => this.#update({ map }));
    const wide = this.#width.current === 'wide';
    const bars = html`<div class="bars">${this.#bars(model)}</div>`;
    switch (state.tab) {
      case 'correlation': {
        const view = segmented(l10n.t('View'), viewNames().map((name, i) => ({ value: String(i), label: capitalised(axisNames()[i]!), title: name })), String(state.view), (chosen) => this.#update({ view: Number(chosen) as ViewIndex, row: undefined, column: undefined }));
        if (!wide) return view;
        return html`
          <span class="muted">${l10n.t('Scale')}</span>${segmented(l10n.t('Scale'), [{ value: 'shared', label: l10n.t('Shared'), title: l10n.t('One scale for each stage and view, in all arms') }, { value: 'own', label: l10n.t('Own'), title: l10n.t('Every matrix on its own scale') }], state.scale, (scale) => this.#update({ scale }))}
          <span class="muted">${l10n.t('Channels')}</span>${segmented(l10n.t('Channel order'), [{ value: 'index', label: l10n.t('Index') }, { value: 'clustered', label: l10n.t('Clustered'), title: l10n.t('Clustered on the teacher; the same order in every arm') }], state.order, (order) => this.#update({ order }))}
          ${model.snapshot.reference === undefined ? nothing : select(l10n.t('Difference shown'), [{ value: 'distilled', label: `${armName('distilled')} − ${armName(model.snapshot.reference).toLowerCase()}` }, { value: 'plain', label: `${armName('plain')} − ${armName(model.snapshot.reference).toLowerCase()}` }], state.difference, (difference) => this.#update({ difference }))}
          ${colourSelect}${bars}`;
      }
      case 'features':
        return html`${wide ? html`<span class="muted">${l10n.t('Normalise')}</span>` : nothing}${segmented(l10n.t('Normalise'), [{ value: 'map', label: l10n.t('Each map') }, { value: 'arms', label: l10n.t('Across arms') }], state.normalise, (normalise) => this.#update({ normalise }))}${wide ? html`${colourSelect}${bars}` : nothing}`;
      case 'logits':
        return wide ? html`${colourSelect}${bars}` : nothing;
      case 'saliency': {
        const arms = model.roles.map((role) => ({ value: role, label: armName(role) }));
        // A choice made of another run may name an arm that this one lacks.
        const shown = (role: ArmRole, otherwise: ArmRole): ArmRole => (model.roles.includes(role) ? role : otherwise);
        return html`${wide
            ? html`<span class="muted">${l10n.t('Swipe')}</span>${select(l10n.t('Swipe: left'), arms, shown(state.swipe.left, model.roles[0]!), (left) => this.#update({ swipe: { ...state.swipe, left } }))}${select(l10n.t('Swipe: right'), arms, shown(state.swipe.right, model.roles.at(-1)!), (right) => this.#update({ swipe: { ...state.swipe, right } }))}<span class="muted">${l10n.t('Errors')}</span>`
            : nothing}${segmented(l10n.t('Colours of errors'), [{ value: 'orange-blue', label: wide ? l10n.t('Orange / blue') : l10n.t('O / B'), title: l10n.t('False positives orange, missing parts blue') }, { value: 'red-green', label: wide ? l10n.t('Red / green') : l10n.t('R / G'), title: l10n.t('False positives red, missing parts green, as in the paper') }], state.errors, (errors) => this.#update({ errors }))}${wide ? bars : nothing}`;
      }
      default:
        return unreachable(state.tab);
    }
  }

  #menu(): MenuItem[] {
    const { state } = this.#model!;
    return [
      { kind: 'heading', label: l10n.t('Colours') },
      ...magnitudeMaps.map((map): MenuItem => ({ kind: 'choice', id: `map ${map}`, label: mapName(map), checked: state.map === map })),
      { kind: 'heading', label: l10n.t('Correlation') },
      { kind: 'check', id: 'scale', label: l10n.t('Each matrix on its own scale (S)'), checked: state.scale === 'own' },
      { kind: 'check', id: 'order', label: l10n.t('Cluster channels (O)'), checked: state.order === 'clustered' },
      { kind: 'check', id: 'difference', label: l10n.t('Difference of the plain student (D)'), checked: state.difference === 'plain' },
      { kind: 'heading', label: l10n.t('Features of the distilled student') },
      { kind: 'choice', id: 'operand loss', label: l10n.t('As the losses see them (D2, D3)'), checked: state.operand === 'loss' },
      { kind: 'choice', id: 'operand decoder', label: l10n.t('The decoder’s own (F)'), checked: state.operand === 'decoder' },
      { kind: 'heading', label: l10n.t('Exported PNG') },
      ...exportDpis.map((dpi): MenuItem => ({ kind: 'choice', id: `dpi ${dpi}`, label: l10n.t('{0} dpi', dpi), checked: state.dpi === dpi })),
      { kind: 'heading', label: l10n.t('View') },
      { kind: 'action', id: 'reset', label: l10n.t('Reset zoom and colours') },
      { kind: 'action', id: 'run', label: l10n.t('Choose another run…') },
      { kind: 'action', id: 'help', label: l10n.t('Keyboard shortcuts (?)') },
    ];
  }

  #chosen(id: string): void {
    const [what = '', value] = id.split(' ');
    switch (what) {
      case 'map':
        this.#update({ map: value as ViewState['map'] });
        return;
      case 'operand':
        this.#update({ operand: value as ViewState['operand'] });
        return;
      case 'dpi':
        this.#update({ dpi: value as ExportDpi });
        return;
      case 'scale':
      case 'order':
      case 'difference':
        this.#toggle(what);
        return;
      case 'reset':
        this.#update({ window: { x: 0, y: 0, size: 1 }, level: undefined });
        return;
      case 'run':
        this.#channel.post({ type: 'choose-run' });
        return;
      default:
        this.#help = true;
        this.requestUpdate();
    }
  }

  #toggle(what: 'scale' | 'order' | 'difference'): void {
    const { scale, order, difference } = this.#state;
    if (what === 'scale') this.#update({ scale: scale === 'own' ? 'shared' : 'own' });
    else if (what === 'order') this.#update({ order: order === 'index' ? 'clustered' : 'index' });
    else this.#update({ difference: difference === 'plain' ? 'distilled' : 'plain' });
  }

  #shortcuts(): TemplateResult {
    const rows: readonly (readonly [string, string])[] = [
      [l10n.t('Space'), l10n.t('play or pause')],
      [', .', l10n.t('previous, next captured epoch')],
      ['Home End', l10n.t('first, last epoch')],
      ['← →', l10n.t('in the strip: previous, next sample')],
      ['P', l10n.t('pin the sample')],
      [l10n.t('arrows'), l10n.t('in a matrix: row and column, with Shift by 8')],
      ['[ ]', l10n.t('stage')],
      ['1 2 3', l10n.t('channel-, height-, width-wise')],
      ['Enter, Esc', l10n.t('zoom, back')],
      ['C S O D', l10n.t('colour map, scale, channel order, difference')],
      ['B, Shift+B', l10n.t('exchange the arms of the swipe, show them in turn')],
      ['{ }', l10n.t('previous, next channel')],
      ['X', l10n.t('export')],
    ];
    const close = (): void => {
      this.#help = false;
      this.requestUpdate();
    };
    return html`<div class="help" role="dialog" aria-label=${l10n.t('Keyboard shortcuts')} @click=${close}>
      <table>${rows.map(([key, does]) => html`<tr><th scope="row"><kbd>${key}</kbd></th><td>${does}</td></tr>`)}</table>
      <button class="button" @click=${close}>${l10n.t('Close')}</button>
    </div>`;
  }

  // ---- actions ----

  #pin(): void {
    const sample = this.#model?.snapshot.samples.find(({ id }) => id === this.#model?.sample);
    if (sample !== undefined) this.#channel.post({ type: 'pin', sample: sample.id, pinned: !sample.pinned });
  }

  async #export(): Promise<void> {
    const model = this.#model;
    if (model === undefined || this.#exporting) return;
    this.#exporting = true;
    this.#say(l10n.t('Exporting…'));
    try {
      // The figure has the image and the ground truth, which a view may not have shown yet.
      const { shownSample } = model;
      if (shownSample !== undefined) await Promise.race([this.#images.loaded(shownSample), new Promise((resolve) => setTimeout(resolve, longestWaitForPictures))]);
      const { name, files } = await exportView(model);
      this.#channel.post({ type: 'save', name, files });
      this.#say('');
    } catch (error) {
      this.#say(l10n.t('Cannot export: {0}', error instanceof Error ? error.message : String(error)));
    } finally {
      this.#exporting = false;
      this.requestUpdate();
    }
  }

  #say(status: string): void {
    this.#status = status;
    this.requestUpdate();
  }

  readonly #onTabKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : undefined;
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = inspectorTabs[(inspectorTabs.indexOf(this.#state.tab) + step + inspectorTabs.length) % inspectorTabs.length]!;
    this.#update({ tab: next });
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`#tab-${next}`)?.focus());
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const model = this.#model;
    const target = event.composedPath()[0] as HTMLElement;
    if (model === undefined || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    const scrubber = this.querySelector<Scrubber>('scrkd-scrubber');
    const { stage, view, map, swipe, channel } = this.#state;
    const handled = ((): boolean => {
      switch (event.key) {
        case ' ':
          if (target.tagName === 'BUTTON') return false;
          scrubber?.toggle();
          return true;
        case ',':
          scrubber?.step(-1);
          return true;
        case '.':
          scrubber?.step(1);
          return true;
        case 'Home':
          scrubber?.toEnd('first');
          return true;
        case 'End':
          scrubber?.toEnd('last');
          return true;
        case '[':
          this.#update({ stage: Math.max(0, stage - 1), row: undefined, column: undefined, channel: undefined });
          return true;
        case ']':
          this.#update({ stage: Math.min(model.stages - 1, stage + 1), row: undefined, column: undefined, channel: undefined });
          return true;
        case '1':
        case '2':
        case '3':
          this.#update({ view: (Number(event.key) - 1) as ViewIndex, ...(view === Number(event.key) - 1 ? {} : { row: undefined, column: undefined }) });
          return true;
        case 'Escape':
          if (this.#help) this.#help = false;
          this.#update({ zoomed: false, window: { x: 0, y: 0, size: 1 } });
          return true;
        case 'c':
          this.#update({ map: magnitudeMaps[(magnitudeMaps.indexOf(map) + 1) % magnitudeMaps.length]! });
          return true;
        case 's':
          this.#toggle('scale');
          return true;
        case 'o':
          this.#toggle('order');
          return true;
        case 'd':
          this.#toggle('difference');
          return true;
        case 'b':
          this.#update({ swipe: { ...swipe, left: swipe.right, right: swipe.left } });
          return true;
        case 'B':
          this.#update({ blinking: !this.#state.blinking });
          return true;
        case '{':
          this.#update({ channel: Math.max(0, (channel ?? 0) - 1) });
          return true;
        case '}':
          this.#update({ channel: (channel ?? -1) + 1 });
          return true;
        case 'p':
          this.#pin();
          return true;
        case 'x':
          void this.#export();
          return true;
        case '?':
          this.#help = !this.#help;
          this.requestUpdate();
          return true;
        default:
          return false;
      }
    })();
    if (handled) event.preventDefault();
  };

  readonly #onDrag = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
  };

  /** An image dropped on the panel is shown to all arms, at the epochs nearest to the shown one that have a checkpoint. */
  readonly #onDrop = (event: DragEvent): void => {
    const file = event.dataTransfer?.files[0];
    if (file === undefined || this.#model === undefined) return;
    event.preventDefault();
    void this.#inspectFile(file);
  };

  async #inspectFile(file: File): Promise<void> {
    const model = this.#model;
    if (model === undefined) return;
    const bytes = await file.arrayBuffer();
    this.#images.fail(file.name, 'mask', l10n.t('an image of your own has no mask'));
    await this.#images.add(file.name, 'image', bytes.slice(0));
    model.dropped = { name: file.name, bytes };
    this.#update({ tab: 'saliency' });
  }

  /** For tests: the strip. */
  get strip(): Strip | null {
    return this.querySelector('scrkd-strip');
  }
}

/** The work that showing an epoch takes, in small pieces. */
function* preparations(inspector: Inspector, model: Model | undefined, epoch: number): Generator<void> {
  for (const map of inspector.querySelectorAll('scrkd-map')) {
    map.prepare(epoch);
    yield;
  }
  if (model?.state.tab === 'saliency') prepareScores(model, epoch);
}

function isDark(): boolean {
  const { classList } = document.body;
  return classList.contains('vscode-dark') || (classList.contains('vscode-high-contrast') && !classList.contains('vscode-high-contrast-light'));
}

function mapName(map: string): string {
  return capitalised(map);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `student-7f3a` of `student-01M8…7F3A`. */
function shortRun(run: string): string {
  return run.replace(/-[0-9A-Z]{22}([0-9A-Z]{4})$/, (_, end: string) => `-${end.toLowerCase()}`);
}

customElements.define('scrkd-inspector', Inspector);
