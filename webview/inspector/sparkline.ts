/** Lines over epochs as SVG: they follow the theme, and only the marker moves while one scrubs. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import './scene-element.ts';
import type { Scene } from './scene-element.ts';
import { now, type Scrubbed } from './ticks.ts';

export interface Line {
  readonly values: ReadonlyMap<number, number>;
  /** Its arm: the style. */
  readonly kind: 'teacher' | 'plain' | 'distilled' | 'assistant' | 'course';
}

export interface Axes {
  readonly epochs: number;
  readonly high: number;
}

const paths = new WeakMap<ReadonlyMap<number, number>, { key: string; path: string }>();

/** In a square of 1000 × 100 that is stretched over the element; gaps stay gaps. */
function pathOf(values: ReadonlyMap<number, number>, { epochs, high }: Axes): string {
  const key = `${epochs} ${high} ${values.size}`;
  const known = paths.get(values);
  if (known !== undefined && known.key === key) return known.path;
  let path = '';
  let previous: number | undefined;
  const sorted = [...values].sort(([a], [b]) => a - b);
  const steps = sorted.slice(1).map(([epoch], i) => epoch - sorted[i]![0]);
  const usual = steps.length === 0 ? 1 : Math.max(1, [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)]!);
  for (const [epoch, value] of sorted) {
    if (!Number.isFinite(value)) continue;
    const isContinued = previous !== undefined && epoch - previous <= 2 * usual;
    path += `${isContinued ? 'L' : 'M'}${xOf(epoch, epochs).toFixed(1)} ${yOf(value, high).toFixed(2)}`;
    previous = epoch;
  }
  paths.set(values, { key, path });
  return path;
}

const largest = new WeakMap<ReadonlyMap<number, number>, { size: number; value: number }>();

function largestOf(values: ReadonlyMap<number, number>): number {
  const known = largest.get(values);
  if (known !== undefined && known.size === values.size) return known.value;
  let value = 0;
  for (const each of values.values()) if (Number.isFinite(each) && each > value) value = each;
  largest.set(values, { size: values.size, value });
  return value;
}

export function xOf(epoch: number, epochs: number): number {
  return epochs === 0 ? 0 : (1000 * epoch) / epochs;
}

export function yOf(value: number, high: number): number {
  return high === 0 ? 98 : 98 - (94 * value) / high;
}

export interface SparklineOptions {
  readonly lines: readonly Line[];
  readonly epochs: number;
  /** A text, or a directive that writes one. */
  readonly label: unknown;
  readonly grid?: boolean;
  /** Whose epoch a dot on the last line marks. The line then stands on a sheet: to shift fifteen elements takes the browser longer than to draw fifteen dots. */
  readonly scrubbed?: Scrubbed & { readonly dotColour: string };
}

/** Of a dot, in CSS pixels; what is drawn of it beyond the lines has room in its scene. */
const dotRadius = 2.5;
const dotMargin = 3;

/** Zero-based lines, with a dot at the epoch on the last of them. */
export function sparkline({ lines, epochs, label, grid = false, scrubbed }: SparklineOptions): TemplateResult {
  const high = 1.04 * Math.max(1e-9, ...lines.map(({ values }) => largestOf(values)));
  const last = lines.at(-1)?.values;
  const dot = ({ epoch, dotColour }: { readonly epoch: number; readonly dotColour: string }): Scene | undefined => {
    const marked = last?.get(epoch);
    if (marked === undefined || !Number.isFinite(marked)) return undefined;
    const [x, y] = [xOf(epoch, epochs) / 1000, yOf(marked, high) / 100];
    return {
      key: `${x} ${y} ${dotColour}`,
      draw: (context, width, height) => {
        context.fillStyle = dotColour;
        context.beginPath();
        context.arc(dotMargin + x * (width - 2 * dotMargin), dotMargin + y * (height - 2 * dotMargin), dotRadius, 0, 2 * Math.PI);
        context.fill();
      },
    };
  };
  return html`<div class="sparkline" role="img" aria-label=${label}>
    <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
      ${grid ? [0.25, 0.5, 0.75].map((share) => svg`<line class="grid" x1="0" x2="1000" y1=${yOf(share * high, high)} y2=${yOf(share * high, high)} />`) : nothing}
      <line class="axis" x1="0" x2="1000" y1="98" y2="98" />
      ${lines.map(({ values, kind }) => svg`<path class=${kind} d=${pathOf(values, { epochs, high })} />`)}
    </svg>
    ${scrubbed !== undefined && grid ? html`<i class="at" .style=${now(scrubbed, () => `transform:translateX(${xOf(scrubbed.epoch, epochs) / 10}%)`)}></i>` : nothing}
    ${scrubbed === undefined ? nothing : html`<scrkd-scene class="dot" role="presentation" .scene=${now(scrubbed, () => dot(scrubbed))}></scrkd-scene>`}
  </div>`;
}
