/** `<scrkd-map>`: a plane of numbers as a picture, at the device's own pixels, on the sheet that it stands on. Never smoothed. */
import * as l10n from '@vscode/l10n';
import { unreachable } from '../../src/base/errors.ts';
import type { Gap } from './capture-store.ts';
import { paint, prepare, type Picture } from './painting.ts';
import { PictureElement, type Box } from './sheet.ts';

/** What a map shows at an epoch. */
export type PictureAt = (epoch: number) => Picture | Gap | undefined;

/** Of a picture that is no longer the one asked for; 0 to 255. */
const faint = 102;

export class MapElement extends PictureElement {
  /** Why there is no picture; made when that is to be said. */
  #gap: HTMLElement | undefined;
  #image: ImageData | undefined;
  #picture: Picture | Gap | undefined;
  /** The last that was no gap. */
  #shown: Picture | undefined;
  /** The same map at other epochs, where it has them. */
  pictureAt: PictureAt | undefined;

  /** Undefined: nothing to show yet; the old picture stays, faint. */
  set picture(picture: Picture | Gap | undefined) {
    if (samePicture(this.#picture, picture)) return;
    this.#picture = picture;
    if (picture !== undefined && !('problem' in picture)) this.#shown = picture;
    this.#tell();
    this.redraw();
  }

  get picture(): Picture | Gap | undefined {
    return this.#picture;
  }

  /** At a step of the scrubber. */
  show(epoch: number): void {
    if (this.pictureAt !== undefined) this.picture = this.pictureAt(epoch);
  }

  /** Does the work of showing an epoch beforehand. */
  prepare(epoch: number): void {
    if (this.#image === undefined) return;
    const picture = this.pictureAt?.(epoch);
    if (picture !== undefined && !('problem' in picture)) prepare(picture, this.#image.width, this.#image.height);
  }

  override place(box: Box): boolean {
    const { width, height } = box;
    if (width < 1 || height < 1) this.#image = undefined;
    else if (this.#image?.width !== width || this.#image.height !== height) this.#image = new ImageData(width, height);
    return super.place(box);
  }

  override draw(context: CanvasRenderingContext2D): void {
    const [box, image, picture] = [this.box, this.#image, this.#shown];
    if (box === undefined || image === undefined) return;
    if (this.isBlank || picture === undefined) {
      context.clearRect(box.x, box.y, box.width, box.height);
      return;
    }
    paint(image, picture);
    if (this.#isStale) for (let alpha = 3; alpha < image.data.length; alpha += 4) image.data[alpha] = Math.min(faint, image.data[alpha]!);
    context.putImageData(image, box.x, box.y);
  }

  override get isBlank(): boolean {
    return this.#shown === undefined || this.#hasGap;
  }

  get #isStale(): boolean {
    const picture = this.#picture;
    return picture === undefined || ('problem' in picture && picture.problem === 'loading');
  }

  get #hasGap(): boolean {
    return this.#picture !== undefined && 'problem' in this.#picture && !this.#isStale;
  }

  /** Why there is no picture. */
  #tell(): void {
    if (this.#isStale !== this.classList.contains('stale')) this.classList.toggle('stale');
    const gap = this.#picture !== undefined && 'problem' in this.#picture && this.#hasGap ? this.#picture : undefined;
    if (this.title === (gap?.message ?? '')) return;
    this.#gap?.remove();
    this.#gap = gap && gapText(gap);
    if (this.#gap !== undefined) this.prepend(this.#gap);
    this.classList.toggle('empty', gap !== undefined);
    if (gap === undefined) this.removeAttribute('title');
    else this.title = gap.message;
  }
}

/** In a word, and where there is room for it in full. */
function gapText({ problem, message }: Gap): HTMLElement {
  const [text, what, why] = [document.createElement('span'), document.createElement('b'), document.createElement('span')];
  text.className = 'gap';
  what.textContent = wordFor(problem);
  why.className = 'why';
  why.textContent = message;
  text.append(what, why);
  return text;
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

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-map': MapElement;
  }
}

customElements.define('scrkd-map', MapElement);
