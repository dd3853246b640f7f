/** `<scrkd-scene>`: a canvas that a function draws, again whenever its key or its size changes. */

export interface Scene {
  /** Equal keys, equal drawings. */
  readonly key: string;
  /** @param width, height in CSS pixels; the context is scaled to the device's */
  draw(context: CanvasRenderingContext2D, width: number, height: number): void;
}

const resized = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) if (target instanceof SceneElement) target.resize(contentRect.width, contentRect.height);
});

export class SceneElement extends HTMLElement {
  readonly #canvas = document.createElement('canvas');
  #scene: Scene | undefined;
  #drawn = '';
  /** As observed: to ask for them while a view is being changed would lay the page out for every scene. */
  #width = 0;
  #height = 0;

  connectedCallback(): void {
    if (this.#canvas.parentElement === null) {
      this.prepend(this.#canvas);
      this.#canvas.addEventListener('contextrestored', () => {
        this.#drawn = '';
        this.#redraw();
      });
    }
    if (!this.hasAttribute('role')) this.setAttribute('role', 'img');
    resized.observe(this);
  }

  disconnectedCallback(): void {
    resized.unobserve(this);
  }

  set scene(scene: Scene | undefined) {
    this.#scene = scene;
    this.#redraw();
  }

  /** In CSS pixels. */
  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
    this.#redraw();
  }

  #redraw(): void {
    const [scene, width, height] = [this.#scene, this.#width, this.#height];
    if (scene === undefined || width === 0 || height === 0) return;
    const ratio = window.devicePixelRatio;
    const key = `${scene.key}|${width}|${height}|${ratio}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== deviceWidth || this.#canvas.height !== deviceHeight) {
      this.#canvas.width = deviceWidth;
      this.#canvas.height = deviceHeight;
    }
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    scene.draw(context, width, height);
  }
}

customElements.define('scrkd-scene', SceneElement);
