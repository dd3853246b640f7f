/** `<scrkd-scene>`: what a function draws on the sheet that it stands on, again whenever its key or its place changes. */
import { PictureElement } from './sheet.ts';

export interface Scene {
  /** Equal keys, equal drawings. */
  readonly key: string;
  /** @param width, height in CSS pixels; the context is scaled to the device's */
  draw(context: CanvasRenderingContext2D, width: number, height: number): void;
}

export class SceneElement extends PictureElement {
  #scene: Scene | undefined;

  set scene(scene: Scene | undefined) {
    const isSame = scene?.key === this.#scene?.key;
    this.#scene = scene;
    if (!isSame) this.redraw();
  }

  override get isBlank(): boolean {
    return this.#scene === undefined;
  }

  override draw(context: CanvasRenderingContext2D): void {
    const { box } = this;
    if (box === undefined || box.width < 1 || box.height < 1) return;
    const ratio = window.devicePixelRatio;
    context.save();
    context.setTransform(1, 0, 0, 1, box.x, box.y);
    context.clearRect(0, 0, box.width, box.height);
    context.beginPath();
    context.rect(0, 0, box.width, box.height);
    context.clip();
    context.scale(ratio, ratio);
    this.#scene?.draw(context, box.width / ratio, box.height / ratio);
    context.restore();
  }
}

customElements.define('scrkd-scene', SceneElement);
