/** `<scrkd-map>`: a plane of numbers as a picture, at the device's own pixels. Nearest neighbour enlarged, area average shrunk; never smoothed. */
import type { Gap } from './capture-store.ts';
import { colourIndex, type Colours } from './colour.ts';
import { reduce, tapsOf, type Plane, type Span, type Taps } from './plane.ts';

/** The part of a plane that is shown, as shares of its sides. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export const wholeWindow: Window = { x: 0, y: 0, size: 1 };

export interface Picture {
  readonly plane: Plane;
  readonly low: number;
  readonly high: number;
  readonly colours: Colours;
  /** The row and column at each place, of matrices that are reordered. */
  readonly order: ArrayLike<number> | undefined;
  readonly window: Window;
}

/** Draws a picture into `image`, whatever its size. NaN is left transparent. */
export function paint(image: ImageData, { plane, low, high, colours, order, window }: Picture): void {
  const { width, height } = image;
  const rows = taps({ start: window.y * plane.rows, length: window.size * plane.rows }, height, order);
  const columns = taps({ start: window.x * plane.columns, length: window.size * plane.columns }, width, order);
  const { data } = reduce(plane, rows, columns);
  const words = new Uint32Array(image.data.buffer, image.data.byteOffset, data.length);
  const scale = high > low ? 256 / (high - low) : 0;
  if (scale === 0) {
    for (let i = 0; i < data.length; i++) {
      const index = colourIndex(data[i]!, low, high);
      words[i] = index < 0 ? 0 : colours[index]!;
    }
    return;
  }
  for (let i = 0; i < data.length; i++) {
    const step = Math.floor(((data[i]! - low) * 256) / (high - low));
    words[i] = Number.isNaN(step) ? 0 : colours[step < 0 ? 0 : step > 255 ? 255 : step]!;
  }
}

/** Sampling plans are shared by all pictures of a size; a few are in use at a time. */
const plans = new Map<string, { order: ArrayLike<number> | undefined; taps: Taps }>();
const maxPlans = 128;

function taps(span: Span, outputs: number, order: ArrayLike<number> | undefined): Taps {
  const key = `${span.start} ${span.length} ${outputs} ${order === undefined ? '' : idOf(order)}`;
  const known = plans.get(key);
  if (known !== undefined && known.order === order) return known.taps;
  const made = tapsOf(span, outputs, order);
  plans.set(key, { order, taps: made });
  if (plans.size > maxPlans) plans.delete(plans.keys().next().value!);
  return made;
}

const orderIds = new WeakMap<ArrayLike<number>, number>();
let nextOrderId = 0;

function idOf(order: ArrayLike<number>): number {
  const known = orderIds.get(order);
  if (known !== undefined) return known;
  orderIds.set(order, ++nextOrderId);
  return nextOrderId;
}

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
  #context: CanvasRenderingContext2D | null = null;
  #image: ImageData | undefined;
  #picture: Picture | Gap | undefined;
  #stale = false;

  connectedCallback(): void {
    if (this.#context === null) {
      this.#context = this.#canvas.getContext('2d', { colorSpace: 'srgb' });
      this.#gap.className = 'gap';
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
        this.#gap.textContent = picture.message;
        this.title = picture.message;
        this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
      }
      return;
    }
    if (this.#gap.textContent !== '') {
      this.#gap.textContent = '';
      this.removeAttribute('title');
    }
    if (this.#image === undefined || this.#context === null) return;
    paint(this.#image, picture);
    this.#context.putImageData(this.#image, 0, 0);
  }
}

function samePicture(a: Picture | Gap | undefined, b: Picture | Gap | undefined): boolean {
  if (a === undefined || b === undefined || 'problem' in a || 'problem' in b) return a === b;
  return a.plane === b.plane && a.low === b.low && a.high === b.high && a.colours === b.colours && a.order === b.order && a.window.x === b.window.x && a.window.y === b.window.y && a.window.size === b.window.size;
}

customElements.define('scrkd-map', MapElement);
