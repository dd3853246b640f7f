/** `<scrkd-map>`: a plane of numbers as a picture, at the device's own pixels. Never smoothed. */
import * as l10n from '@vscode/l10n';
import { unreachable } from '../../src/base/errors.ts';
import type { Gap } from './capture-store.ts';
import { paint, prepare, type Picture } from './painting.ts';

/** What a map shows at an epoch. */
export type PictureAt = (epoch: number) => Picture | Gap | undefined;

/** One observer for all pictures. */
const resized = new ResizeObserver((entries) => {
  for (const { target, devicePixelContentBoxSize, contentRect } of entries) {
    const box = devicePixelContentBoxSize[0];
    const ratio = window.devicePixelRatio;
    if (target instanceof MapElement) target.resize(box?.inlineSize ?? Math.round(contentRect.width * ratio), box?.blockSize ?? Math.round(contentRect.height * ratio));
  }
});

export class MapElement extends HTMLElement {
  readonly #canvas = document.createElement('canvas');
  readonly #gap = document.createElement('span');
  /** In a word, and where there is room for it in full. */
  readonly #what = document.createElement('b');
  readonly #why = document.createElement('span');
  #context: CanvasRenderingContext2D | null = null;
  #image: ImageData | undefined;
  #picture: Picture | Gap | undefined;
  #stale = false;
  /** The same map at other epochs, where it has them. */
  pictureAt: PictureAt | undefined;

  connectedCallback(): void {
    if (this.#context === null) {
      this.#context = this.#canvas.getContext('2d', { colorSpace: 'srgb' });
      this.#canvas.addEventListener('contextrestored', () => this.#draw());
      this.#gap.className = 'gap';
      this.#why.className = 'why';
      this.#gap.append(this.#what, this.#why);
      this.prepend(this.#canvas, this.#gap);
      if (!this.hasAttribute('role')) this.setAttribute('role', 'img');
    }
    resized.observe(this, { box: 'device-pixel-content-box' });
  }

  disconnectedCallback(): void {
    resized.unobserve(this);
  }

  /** Undefined: nothing to show yet; the old picture stays, faint. */
  set picture(picture: Picture | Gap | undefined) {
    if (samePicture(this.#picture, picture)) return;
    this.#picture = picture;
    this.#draw();
  }

  get picture(): Picture | Gap | undefined {
    return this.#picture;
  }

  /** Does the work of showing an epoch beforehand. */
  prepare(epoch: number): void {
    if (this.#image === undefined) return;
    const picture = this.pictureAt?.(epoch);
    if (picture !== undefined && !('problem' in picture)) prepare(picture, this.#image.width, this.#image.height);
  }

  /** In device pixels. */
  resize(width: number, height: number): void {
    if (width < 1 || height < 1 || (this.#canvas.width === width && this.#canvas.height === height && this.#image !== undefined)) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#image = new ImageData(width, height);
    this.#draw();
  }

  #draw(): void {
    const picture = this.#picture;
    const hasGap = picture !== undefined && 'problem' in picture;
    const stale = picture === undefined || (hasGap && picture.problem === 'loading');
    if (stale !== this.#stale) {
      this.#stale = stale;
      this.classList.toggle('stale', stale);
    }
    if (picture === undefined) return;
    this.classList.toggle('empty', hasGap && !stale);
    if (hasGap) {
      if (!stale) {
        this.#what.textContent = wordFor(picture.problem);
        this.#why.textContent = picture.message;
        this.title = picture.message;
        this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
      }
      return;
    }
    if (this.#why.textContent !== '') {
      this.#what.textContent = this.#why.textContent = '';
      this.removeAttribute('title');
    }
    if (this.#image === undefined || this.#context === null) return;
    paint(this.#image, picture);
    this.#context.putImageData(this.#image, 0, 0);
  }
}

function wordFor(problem: Gap['problem']): string {
  switch (problem) {
    case 'missing':
      return l10n.t('none');
    case 'corrupt':
      return l10n.t('damaged');
    case 'unreadable':
      return l10n.t('not shown');
    case 'loading':
      return '';
    default:
      return unreachable(problem);
  }
}

function samePicture(a: Picture | Gap | undefined, b: Picture | Gap | undefined): boolean {
  if (a === undefined || b === undefined || 'problem' in a || 'problem' in b) return a === b;
  return a.plane === b.plane && a.low === b.low && a.high === b.high && a.colours === b.colours && a.order === b.order && a.window.x === b.window.x && a.window.y === b.window.y && a.window.size === b.window.size;
}

customElements.define('scrkd-map', MapElement);
