/** A colour bar: dragging on it sets window and level, a double click resets them. */
import * as l10n from '@vscode/l10n';
import { html, type TemplateResult } from 'lit';
import { cssColour, type Colours } from './colour.ts';
import './scene-element.ts';
import type { Scene } from './scene-element.ts';
import './sheet.ts';
import type { ViewState } from './view-state.ts';

type Level = ViewState['level'];

export function colourBar(name: string, colours: Colours, low: string, high: string): TemplateResult {
  return html`<span class="colour-bar caption">${low}<scrkd-sheet><scrkd-scene aria-label=${l10n.t('Colours of {0}: {1} to {2}', name, low, high)} .scene=${barScene(name, colours)}></scrkd-scene></scrkd-sheet>${high}</span>`;
}

/** Horizontal drags move the window's centre, vertical ones its width. */
export function levelBar(name: string, colours: Colours, low: string, high: string, level: Level, change: (level: Level) => void): TemplateResult {
  let start: { x: number; y: number; level: NonNullable<Level>; width: number } | undefined;
  const down = (event: PointerEvent): void => {
    const element = event.currentTarget as HTMLElement;
    element.setPointerCapture(event.pointerId);
    start = { x: event.clientX, y: event.clientY, level: level ?? { low: 0, high: 1 }, width: element.clientWidth };
    element.onpointermove = move;
    element.onpointerup = () => (element.onpointermove = null);
  };
  const move = (event: PointerEvent): void => {
    if (start === undefined) return;
    const centre = (start.level.low + start.level.high) / 2 + (event.clientX - start.x) / start.width;
    const half = ((start.level.high - start.level.low) / 2) * Math.exp((event.clientY - start.y) / 60);
    change({ low: centre - half, high: centre + half });
  };
  const key = (event: KeyboardEvent): void => {
    const current = level ?? { low: 0, high: 1 };
    const size = current.high - current.low;
    const steps: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-0.05, -0.05], ArrowRight: [0.05, 0.05], ArrowUp: [-0.05, 0.05], ArrowDown: [0.05, -0.05] };
    const step = steps[event.key];
    if (step === undefined && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (step === undefined) change(undefined);
    else if (size + (step[1] - step[0]) * size > 0.02) change({ low: current.low + step[0] * size, high: current.high + step[1] * size });
  };
  const title = l10n.t('Drag: level and window. Double click: automatic.');
  const position = level === undefined ? 50 : Math.round(50 * (level.low + level.high));
  return html`<span class="colour-bar caption">${low}<span class="level" role="slider" tabindex="0" title=${title} aria-label=${l10n.t('Window and level of the colours')} aria-valuenow=${position} aria-valuemin="-100" aria-valuemax="200" aria-valuetext=${level === undefined ? l10n.t('automatic') : `${Math.round(100 * level.low)} % … ${Math.round(100 * level.high)} %`} @pointerdown=${down} @dblclick=${() => change(undefined)} @keydown=${key}
      ><scrkd-sheet><scrkd-scene role="presentation" .scene=${barScene(name, colours, level)}></scrkd-scene></scrkd-sheet></span
    >${high}</span>`;
}

function barScene(name: string, colours: Colours, { low, high }: NonNullable<Level> = { low: 0, high: 1 }): Scene {
  return { key: `${name} ${cssColour(colours, 128)} ${low} ${high}`, draw: (context, width, height) => drawBar(context, colours, width, height, low, high) };
}

function drawBar(context: CanvasRenderingContext2D, colours: Colours, width: number, height: number, low: number, high: number): void {
  const columns = Math.ceil(width * 2);
  for (let x = 0; x < columns; x++) {
    const share = ((x + 0.5) / columns - low) / Math.max(1e-6, high - low);
    context.fillStyle = cssColour(colours, Math.min(255, Math.max(0, Math.floor(256 * share))));
    context.fillRect((x * width) / columns, 0, width / columns + 0.5, height);
  }
}
