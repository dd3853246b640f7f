/**
 * `<scrkd-sheet>`: one canvas for all pictures inside it, under them. With a canvas each, sixty matrices were sixty layers, and laying those
 * took the browser longer than their colours.
 */

/** In device pixels, from the sheet's upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One observer for all sheets. */
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) if (target instanceof SheetElement) target.arrange();
});

export class SheetElement extends HTMLElement {
  readonly #canvas = document.createElement('canvas');
  readonly #pictures = new Set<PictureElement>();
  /** Made when there is something to draw: a canvas without one costs the browser nothing. */
  #context: CanvasRenderingContext2D | null = null;
  #frame = 0;
  #hasChanged = false;

  connectedCallback(): void {
    if (this.#canvas.parentElement === null) {
      this.#canvas.ariaHidden = 'true';
      this.#canvas.addEventListener('contextrestored', () => this.#drawAll());
      this.prepend(this.#canvas);
    }
    resized.observe(this, { box: 'device-pixel-content-box' });
  }

  disconnectedCallback(): void {
    resized.unobserve(this);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** What is added is placed and drawn in the next frame. */
  add(picture: PictureElement): void {
    this.#pictures.add(picture);
    this.#hasChanged = true;
    this.arrangeSoon();
  }

  delete(picture: PictureElement): void {
    this.#pictures.delete(picture);
    this.#hasChanged = true;
    this.arrangeSoon();
  }

  /** A picture that has changed where it is. */
  redraw(picture: PictureElement): void {
    if (this.#context === null && picture.isBlank) return;
    const context = this.#drawable();
    if (context !== null) picture.draw(context);
  }

  /** The pixels of a place; undefined where nothing was drawn yet. */
  pixels({ x, y, width, height }: Box): ImageData | undefined {
    return this.#context?.getImageData(x, y, width, height);
  }

  /** In the next frame, once for all that ask: places are the page's layout, which is worked out anew after every change that is followed by a look at it. */
  arrangeSoon(): void {
    if (this.#frame !== 0 || !this.isConnected) return;
    this.#frame = requestAnimationFrame(() => this.arrange());
  }

  /** Finds all pictures' places, and draws them where one has another. Asks for the page's layout: not for steps of the scrubber. */
  arrange(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
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

  #drawable(): CanvasRenderingContext2D | null {
    this.#context ??= this.#canvas.getContext('2d', { colorSpace: 'srgb' });
    return this.#context;
  }

  #drawAll(): void {
    const drawn = [...this.#pictures].filter(({ isBlank }) => !isBlank);
    if (this.#context === null && drawn.length === 0) return;
    const context = this.#drawable();
    if (context === null) return;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    for (const picture of drawn) picture.draw(context);
  }
}

/** To the device's pixels, as the browser does with boxes. */
function snapped({ left, top, right, bottom }: DOMRect, ratio: number): Box {
  const [x, y] = [Math.round(left * ratio), Math.round(top * ratio)];
  return { x, y, width: Math.round(right * ratio) - x, height: Math.round(bottom * ratio) - y };
}

/** An element that draws its place on the sheet that it stands on. */
export abstract class PictureElement extends HTMLElement {
  #sheet: SheetElement | undefined;
  #box: Box | undefined;

  /** Whether there is nothing to draw. */
  abstract get isBlank(): boolean;

  /** Draws all of its place: what was drawn there before is still there. */
  abstract draw(context: CanvasRenderingContext2D): void;

  connectedCallback(): void {
    if (!this.hasAttribute('role')) this.setAttribute('role', 'img');
    const sheet = this.closest('scrkd-sheet');
    if (sheet === null) throw new Error('a picture stands on a sheet');
    this.#sheet = sheet;
    sheet.add(this);
  }

  disconnectedCallback(): void {
    this.#sheet?.delete(this);
    this.#sheet = undefined;
    this.#box = undefined;
  }

  /** Undefined before it has a place. */
  protected get box(): Box | undefined {
    return this.#box;
  }

  /** @returns whether it is another place than before */
  place(box: Box): boolean {
    const { x, y, width, height } = box;
    const old = this.#box;
    if (old !== undefined && old.x === x && old.y === y && old.width === width && old.height === height) return false;
    this.#box = box;
    return true;
  }

  /** Where it is, for it shows something else. */
  protected redraw(): void {
    this.#sheet?.redraw(this);
  }

  /** Its pixels as they are on the sheet; undefined where it has none. */
  get pixels(): ImageData | undefined {
    return this.#box && this.#sheet?.pixels(this.#box);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-sheet': SheetElement;
  }
}

customElements.define('scrkd-sheet', SheetElement);
