import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** How much room a panel has: beside the editor and in the side bar it is laid out otherwise. */
export type WidthClass = 'wide' | 'medium' | 'narrow';

/** @param width in CSS pixels */
export function widthClassOf(width: number): WidthClass {
  return width >= 860 ? 'wide' : width >= 520 ? 'medium' : 'narrow';
}

/**
 * Writes an element's own width, not the window's, as `data-width` on it, for its styles; and asks it to draw again when the class
 * changes.
 */
export class WidthController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #observer: ResizeObserver;
  #current: WidthClass = 'wide';

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    this.#observer = new ResizeObserver(([entry]) => entry !== undefined && this.#set(widthClassOf(entry.contentRect.width)));
    host.addController(this);
  }

  get current(): WidthClass {
    return this.#current;
  }

  hostConnected(): void {
    this.#set(widthClassOf(this.#host.getBoundingClientRect().width));
    this.#observer.observe(this.#host);
  }

  hostDisconnected(): void {
    this.#observer.disconnect();
  }

  #set(width: WidthClass): void {
    this.#host.dataset.width = width;
    if (width === this.#current) return;
    this.#current = width;
    this.#host.requestUpdate();
  }
}
