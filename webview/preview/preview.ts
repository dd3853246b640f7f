/** A dataset's sample: image, mask, the mask over the image, and boxes. */
import * as l10n from '@vscode/l10n';
import { css, html, LitElement, svg, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { FromPreview, ShownSample, ToPreview } from '../../src/protocol/preview.ts';
import { connectToHost, type PanelState } from '../shared/host.ts';
import '../shared/icon-button.ts';
import '../shared/notice.ts';
import { base, bar } from '../shared/styles.ts';
import '../shared/toolbar.ts';

interface ViewState extends PanelState {
  readonly version: 1;
  readonly boxes: boolean;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Opacity of the mask over the image. */
const overlayAlpha = 0.5;

@customElement('scrkd-preview')
export class Preview extends LitElement {
  static override styles = [
    base,
    bar,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100vh;
      }
      main {
        flex: 1;
        overflow: auto;
        padding: 12px 16px;
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(220px, 1fr));
        gap: 8px;
        align-content: start;
      }
      figure {
        margin: 0;
        min-width: 0;
      }
      figcaption {
        padding-bottom: 4px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .picture {
        position: relative;
        border-radius: 2px;
        overflow: hidden;
        background: var(--scrkd-line);
      }
      canvas,
      img {
        display: block;
        width: 100%;
        image-rendering: pixelated;
      }
      svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
      rect {
        fill: none;
        stroke: var(--vscode-charts-orange);
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }
      .missing {
        border: 1px dashed var(--scrkd-line);
        padding: 24px 12px;
        text-align: center;
      }
      ul {
        grid-column: 1 / -1;
        margin: 8px 0 0;
        padding-left: 20px;
      }
      .grow {
        flex: 1;
      }
    `,
  ];

  readonly #host = connectToHost<FromPreview, ToPreview, ViewState>(1);
  @state() private accessor sample: ShownSample | undefined;
  @state() private accessor boxes = this.#host.restore()?.boxes ?? true;
  @state() private accessor sizes: Readonly<Record<'image' | 'mask', Size | 'failed' | undefined>> = { image: undefined, mask: undefined };

  override connectedCallback(): void {
    super.connectedCallback();
    this.#host.onMessage((message) => {
      this.sample = message;
      this.sizes = { image: undefined, mask: undefined };
    });
    window.addEventListener('keydown', this.#onKey);
    this.#host.post({ type: 'ready' });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.#onKey);
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === ',' || event.key === 'ArrowLeft') this.#host.post({ type: 'step', by: -1 });
    else if (event.key === '.' || event.key === 'ArrowRight') this.#host.post({ type: 'step', by: 1 });
    else if (event.key === 'b' || event.key === 'B') this.#toggleBoxes();
    else return;
    event.preventDefault();
  };

  #toggleBoxes(): void {
    this.boxes = !this.boxes;
    this.#host.keep({ version: 1, boxes: this.boxes });
  }

  override render(): TemplateResult {
    const { sample } = this;
    if (sample === undefined) return html`<scrkd-notice kind="loading" headline=${l10n.t('Loading the sample')}></scrkd-notice>`;
    const { image, mask } = this.sizes;
    return html`
      <div class="bar">
        <strong>${sample.id}</strong>
        <span class="muted">${sample.dataset} · ${sample.split} · ${l10n.t('{0} of {1}', sample.position + 1, sample.count)}${typeof image === 'object' ? ` · ${image.width} × ${image.height}` : ''}</span>
        <span class="grow"></span>
        <scrkd-toolbar label=${l10n.t('Sample')}>
          <scrkd-icon-button icon="symbol-namespace" label=${l10n.t('Boxes (B)')} .pressed=${this.boxes} ?disabled=${sample.boxes.length === 0} @click=${() => this.#toggleBoxes()}></scrkd-icon-button>
          <scrkd-icon-button icon="chevron-left" label=${l10n.t('Previous sample (,)')} ?disabled=${sample.position === 0} @click=${() => this.#host.post({ type: 'step', by: -1 })}></scrkd-icon-button>
          <scrkd-icon-button icon="chevron-right" label=${l10n.t('Next sample (.)')} ?disabled=${sample.position + 1 >= sample.count} @click=${() => this.#host.post({ type: 'step', by: 1 })}></scrkd-icon-button>
        </scrkd-toolbar>
      </div>
      <main>
        ${this.#figure(l10n.t('Image'), sample.imageName, this.#picture('image', sample.image, l10n.t('Image of {0}', sample.id)), sample.boxes.length === 0 ? '' : l10n.t('{0} boxes', sample.boxes.length))}
        ${this.#figure(l10n.t('Mask'), sample.maskName, this.#picture('mask', sample.mask, l10n.t('Mask of {0}', sample.id)))}
        ${typeof image === 'object' && typeof mask === 'object' ? this.#figure(l10n.t('Overlay'), '', html`<div class="picture"><canvas role="img" aria-label=${l10n.t('Mask of {0} over its image', sample.id)}></canvas>${this.#boxes(image)}</div>`, this.#share()) : ''}
        ${sample.problems.length === 0 ? '' : html`<ul aria-label=${l10n.t('Problems')}>${sample.problems.map((problem) => html`<li>${problem}</li>`)}</ul>`}
      </main>
    `;
  }

  override updated(): void {
    this.#drawOverlay();
  }

  #figure(title: string, name: string, picture: TemplateResult, note = ''): TemplateResult {
    return html`<figure><figcaption class="caption" title=${name}>${title}${note === '' ? '' : ` · ${note}`}${name === '' ? '' : ` · ${name}`}</figcaption>${picture}</figure>`;
  }

  #picture(which: 'image' | 'mask', address: string, label: string): TemplateResult {
    const size = this.sizes[which];
    if (size === 'failed') return html`<div class="missing muted">${l10n.t('This picture cannot be shown: it is damaged, or of a format that browsers do not read, such as TIFF.')}</div>`;
    return html`<div class="picture">
      <img crossorigin="anonymous" data-which=${which} src=${address} alt=${label} @load=${(event: Event) => this.#loaded(which, event)} @error=${() => (this.sizes = { ...this.sizes, [which]: 'failed' })} />
      ${which === 'image' && typeof size === 'object' ? this.#boxes(size) : ''}
    </div>`;
  }

  #loaded(which: 'image' | 'mask', event: Event): void {
    const { naturalWidth: width, naturalHeight: height } = event.target as HTMLImageElement;
    this.sizes = { ...this.sizes, [which]: { width, height } };
  }

  #boxes({ width, height }: Size): TemplateResult | '' {
    const { sample } = this;
    if (!this.boxes || sample === undefined || sample.boxes.length === 0) return '';
    return html`<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
      ${sample.boxes.map((box) => svg`<rect x=${box.x} y=${box.y} width=${box.width} height=${box.height}><title>${box.name}</title></rect>`)}
    </svg>`;
  }

  /** Share of salient pixels; empty before it is known. */
  #share(): string {
    return this.salient === undefined ? '' : l10n.t('{0} % salient', (100 * this.salient).toFixed(1));
  }

  @state() private accessor salient: number | undefined;

  #drawOverlay(): void {
    const canvas = this.renderRoot.querySelector('canvas');
    const [image, mask] = ['image', 'mask'].map((which) => this.renderRoot.querySelector<HTMLImageElement>(`img[data-which="${which}"]`));
    if (canvas === null || image === null || image === undefined || mask === null || mask === undefined) return;
    const { naturalWidth: width, naturalHeight: height } = image;
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d')!;
    context.drawImage(mask, 0, 0, width, height);
    try {
      const pixels = context.getImageData(0, 0, width, height);
      let count = 0;
      for (let at = 0; at < pixels.data.length; at += 4) {
        const salient = pixels.data[at]! >= 128;
        if (salient) count++;
        // Salient pixels in orange, which is told from green and from grey by everyone.
        pixels.data.set([255, 140, 0, salient ? 255 * overlayAlpha : 0], at);
      }
      context.putImageData(pixels, 0, 0);
      this.salient = count / (width * height);
    } catch {
      this.salient = undefined; // the picture is of another origin: drawn, but not read
    }
    context.globalCompositeOperation = 'destination-over';
    context.drawImage(image, 0, 0, width, height);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-preview': Preview;
  }
}
