/** `<scrkd-strip>`: the samples, by thumbnail and by name. */
import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { InspectorSample } from '../../src/protocol/inspector.ts';
import type { ImageStore } from './images.ts';
import './scene-element.ts';
import type { Scene } from './scene-element.ts';
import './sheet.ts';

/** More are found by their names. */
const maxShown = 60;

export class Strip extends LitElement {
  static override readonly properties = { samples: { attribute: false }, chosen: {}, images: { attribute: false }, version: { type: Number }, find: { state: true } };
  declare samples: readonly InspectorSample[];
  declare chosen: string | undefined;
  declare images: ImageStore | undefined;
  /** Of the images: thumbnails come in later. */
  declare version: number;
  declare find: string;

  constructor() {
    super();
    this.samples = [];
    this.chosen = undefined;
    this.images = undefined;
    this.version = 0;
    this.find = '';
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Goes to a neighbour; round at the ends. */
  step(by: 1 | -1): void {
    const shown = this.#shown();
    const at = shown.findIndex(({ id }) => id === this.chosen);
    const next = shown[(at + by + shown.length) % shown.length];
    if (next !== undefined) this.#choose(next.id);
  }

  protected override render(): unknown {
    const shown = this.#shown();
    const pinned = this.samples.filter(({ pinned: isPinned }) => isPinned).length;
    const captured = this.samples.filter(({ captured: isCaptured }) => isCaptured).length;
    return html`
      <div class="find">
        <input type="search" placeholder=${l10n.t('Find sample')} aria-label=${l10n.t('Find sample')} .value=${this.find} @input=${(event: Event) => (this.find = (event.target as HTMLInputElement).value)} @keydown=${(event: KeyboardEvent) => event.stopPropagation()} />
        <span class="caption">${l10n.t('{0} captured · {1} pinned · {2}', captured, pinned, this.samples.length)}</span>
      </div>
      <div class="list" role="listbox" aria-label=${l10n.t('Samples')} @keydown=${this.#onKey}>
        <scrkd-sheet>${repeat(shown, ({ id }) => id, (sample) => this.#item(sample))}</scrkd-sheet>
        ${shown.length === 0 ? html`<span class="caption" role="presentation">${l10n.t('No sample of that name.')}</span>` : nothing}
      </div>
    `;
  }

  #item({ id, captured, pinned }: InspectorSample): unknown {
    const selected = id === this.chosen;
    const notes = [id, captured ? '' : l10n.t('not captured'), pinned ? l10n.t('pinned: captured every epoch') : ''].filter((text) => text !== '').join(' · ');
    const thumbnail = this.images?.thumbnail(id);
    return html`<button role="option" class=${captured ? '' : 'uncaptured'} aria-selected=${selected} aria-label=${notes} title=${notes} tabindex=${selected ? 0 : -1} @click=${() => this.#choose(id)}>
      ${thumbnail === undefined ? html`<span class="placeholder">${id.slice(-8)}</span>` : html`<scrkd-scene role="presentation" .scene=${thumbnailScene(id, thumbnail)}></scrkd-scene>`}
      ${pinned ? html`<i class="pin"></i>` : nothing}
    </button>`;
  }

  #shown(): readonly InspectorSample[] {
    const wanted = this.find.trim().toLowerCase();
    const matching = wanted === '' ? this.samples : this.samples.filter(({ id }) => id.toLowerCase().includes(wanted));
    return matching.slice(0, maxShown);
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : undefined;
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.step(step);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };

  #choose(id: string): void {
    this.dispatchEvent(new CustomEvent('sample', { detail: id }));
  }
}

function thumbnailScene(id: string, bitmap: ImageBitmap): Scene {
  return { key: id, draw: (context, width, height) => context.drawImage(bitmap, 0, 0, width, height) };
}

customElements.define('scrkd-strip', Strip);
