/** Colours for canvases, which cannot use custom properties by name. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** The value of a custom property of the page, resolved to what a canvas takes. */
export function colour(name: `--${string}`): string {
  const probe = (probeElement ??= makeProbe());
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

let probeElement: HTMLElement | undefined;

/** Mixtures of colours are computed only where a property uses them. */
function makeProbe(): HTMLElement {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  return probe;
}

/** Calls `onChange` when the person chose another colour theme: VS Code then changes the body's class and the page's style. */
export class ThemeController implements ReactiveController {
  readonly #observer: MutationObserver;

  constructor(host: ReactiveControllerHost, onChange: () => void) {
    this.#observer = new MutationObserver(() => {
      onChange();
      host.requestUpdate();
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.#observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
    this.#observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  }

  hostDisconnected(): void {
    this.#observer.disconnect();
  }
}
