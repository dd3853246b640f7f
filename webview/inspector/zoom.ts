/** Zoom and pan of several pictures at once: the wheel zooms at the pointer, dragging pans. All share one window. */
import { nothing } from 'lit';
import { AsyncDirective, directive } from 'lit/async-directive.js';
import type { ElementPart } from 'lit';
import type { Model } from './model.ts';
import type { Window } from './painting.ts';

const smallest = 1 / 64;

/** The window with its size changed so that the point under the pointer stays where it is. */
export function zoomedAt({ x, y, size }: Window, atX: number, atY: number, factor: number): Window {
  const next = Math.min(1, Math.max(smallest, size * factor));
  return clamped({ x: x + atX * (size - next), y: y + atY * (size - next), size: next });
}

export function clamped({ x, y, size }: Window): Window {
  const inside = (start: number): number => Math.min(1 - size, Math.max(0, start));
  return { x: inside(x), y: inside(y), size };
}

class PanAndZoom extends AsyncDirective {
  #element: HTMLElement | undefined;
  #model: Model | undefined;
  #dragged: { id: number; clientX: number; clientY: number; start: Window; box: DOMRect; moved: boolean } | undefined;

  override render(_model: Model): typeof nothing {
    return nothing;
  }

  override update(part: ElementPart, [model]: [Model]): typeof nothing {
    this.#model = model;
    if (this.#element === undefined) {
      this.#element = part.element as HTMLElement;
      this.#listen('addEventListener');
    }
    return nothing;
  }

  override disconnected(): void {
    this.#listen('removeEventListener');
    this.#element = undefined;
  }

  #listen(how: 'addEventListener' | 'removeEventListener'): void {
    const element = this.#element;
    if (element === undefined) return;
    element[how]('wheel', this.#onWheel as EventListener, { passive: false });
    element[how]('pointerdown', this.#onDown as EventListener);
    element[how]('pointermove', this.#onMove as EventListener);
    element[how]('pointerup', this.#onUp);
    element[how]('click', this.#onClick, { capture: true });
  }

  readonly #onWheel = (event: WheelEvent): void => {
    const box = pictureUnder(event);
    if (box === undefined || this.#model === undefined) return;
    event.preventDefault();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    this.#model.actions.update({ window: zoomedAt(this.#model.state.window, x, y, Math.exp(event.deltaY * 0.002)) });
  };

  readonly #onDown = (event: PointerEvent): void => {
    const box = pictureUnder(event);
    const model = this.#model;
    if (box === undefined || model === undefined || event.button !== 0 || model.state.window.size === 1) return;
    this.#dragged = { id: event.pointerId, clientX: event.clientX, clientY: event.clientY, start: model.state.window, box, moved: false };
  };

  readonly #onMove = (event: PointerEvent): void => {
    const drag = this.#dragged;
    if (drag === undefined || drag.id !== event.pointerId) return;
    const [dx, dy] = [event.clientX - drag.clientX, event.clientY - drag.clientY];
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    drag.moved = true;
    this.#element?.setPointerCapture(event.pointerId);
    const { x, y, size } = drag.start;
    this.#model?.actions.update({ window: clamped({ x: x - (dx / drag.box.width) * size, y: y - (dy / drag.box.height) * size, size }) });
  };

  readonly #onUp = (): void => {
    if (this.#dragged?.moved !== true) this.#dragged = undefined;
  };

  /** A drag does not select. */
  readonly #onClick = (event: Event): void => {
    if (this.#dragged?.moved === true) event.stopPropagation();
    this.#dragged = undefined;
  };
}

function pictureUnder(event: MouseEvent): DOMRect | undefined {
  return (event.target as HTMLElement).closest('.cell')?.getBoundingClientRect();
}

export const panAndZoom = directive(PanAndZoom);
