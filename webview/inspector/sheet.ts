/**
 * `<scrkd-sheet>`: one canvas for all maps inside it, under them. With a canvas each, sixty matrices were sixty layers, and laying those
 * took the browser longer than their colours.
 */

/** In device pixels, from the sheet's upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What has a place on a sheet. */
export interface OnSheet {
  getBoundingClientRect(): DOMRect;
  /** @returns whether it is another place than before */
  place(box: Box): boolean;
  draw(context: CanvasRenderingContext2D): void;
}

/** One observer for all sheets. */
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) if (target instanceof SheetElement) target.arrange();
});

export class SheetElement extends HTMLElement {
  readonly #canvas = document.createElement('canvas');
  readonly #pictures = new Set<OnSheet>();
  #context: CanvasRenderingContext2D | null = null;
  #isAwaited = false;
  #hasChanged = false;

  connectedCallback(): void {
    resized.observe(this, { box: 'device-pixel-content-box' });
  }

  disconnectedCallback(): void {
    resized.unobserve(this);
  }

  /** What is added is placed and drawn once the view around it stands. */
  add(picture: OnSheet): void {
    if (this.#context === null) {
      this.#context = this.#canvas.getContext('2d', { colorSpace: 'srgb' });
      this.#canvas.ariaHidden = 'true';
      this.#canvas.addEventListener('contextrestored', () => this.#drawAll());
      this.prepend(this.#canvas);
    }
    this.#pictures.add(picture);
    this.#soon();
  }

  delete(picture: OnSheet): void {
    this.#pictures.delete(picture);
    this.#soon();
  }

  /** For a picture that has changed where it is; null before there is one. */
  get context(): CanvasRenderingContext2D | null {
    return this.#context;
  }

  /** Finds all pictures' places, and draws them where one has another. Asks for the page's layout: not for steps of the scrubber. */
  arrange(): void {
    this.#isAwaited = false;
    if (this.#context === null) return;
    const ratio = window.devicePixelRatio;
    const own = snapped(this.#canvas.getBoundingClientRect(), ratio);
    if (own.width < 1 || own.height < 1) return;
    let isSame = !this.#hasChanged;
    for (const picture of this.#pictures) {
      const { x, y, ...size } = snapped(picture.getBoundingClientRect(), ratio);
      if (picture.place({ x: x - own.x, y: y - own.y, ...size })) isSame = false;
    }
    if (this.#canvas.width !== own.width || this.#canvas.height !== own.height) {
      this.#canvas.width = own.width;
      this.#canvas.height = own.height;
      isSame = false;
    }
    if (isSame) return;
    this.#hasChanged = false;
    this.#drawAll();
  }

  #soon(): void {
    this.#hasChanged = true;
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    queueMicrotask(() => this.arrange());
  }

  #drawAll(): void {
    const context = this.#context;
    if (context === null) return;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    for (const picture of this.#pictures) picture.draw(context);
  }
}

/** To the device's pixels, as the browser does with boxes. */
function snapped({ left, top, right, bottom }: DOMRect, ratio: number): Box {
  const [x, y] = [Math.round(left * ratio), Math.round(top * ratio)];
  return { x, y, width: Math.round(right * ratio) - x, height: Math.round(bottom * ratio) - y };
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-sheet': SheetElement;
  }
}

customElements.define('scrkd-sheet', SheetElement);
