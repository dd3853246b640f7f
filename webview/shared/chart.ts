import { css, html, LitElement, nothing, unsafeCSS, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import uPlot from 'uplot';
import plotStyles from 'uplot/dist/uPlot.min.css' with { type: 'text' };
import { colour, ThemeController } from './colours.ts';
import { withMinus } from './format.ts';
import { pointsForPixels, valueAt, type Curve } from './series.ts';
import { styleOf } from './style-of.ts';
import { base } from './styles.ts';

export interface ChartLine {
  readonly id: string;
  /** Who it is, for screen readers. */
  readonly label: string;
  readonly curve: Curve;
  /** Drawn faintly below: the curve before smoothing. */
  readonly raw?: Curve;
  readonly colour: `--${string}`;
  /** Lengths of dashes and gaps; none for a solid line. */
  readonly dash: readonly number[];
  /** The line that the person looks at: thicker, on top, with a dot at its end. */
  readonly chosen: boolean;
}

export interface ChartMark {
  readonly x: number;
  readonly glyph: string;
  /** A change that a person made: solid, in orange. */
  readonly accent: boolean;
}

export type Range = readonly [number, number];

/** Values shown in a heading while the pointer is in a chart. */
const mostReadings = 6;
const axisFont = 10;
/** uPlot's numbers, whose enumerations exist in its types only. */
const ownPoints = 2 as unknown as uPlot.Mode;
const linear = 1 as unknown as uPlot.Scale.Distr;
const logarithmic = 3 as unknown as uPlot.Scale.Distr;

/**
 * Curves over one axis, drawn by uPlot. The heading shows the chosen line's last value, or all values under the pointer.
 * @fires point - detail: x under the pointer, undefined when it left; all charts of a panel share it
 * @fires zoom - detail: the range that was dragged over, undefined to see everything again
 */
@customElement('scrkd-chart')
export class Chart extends LitElement {
  static override readonly styles = [
    base,
    unsafeCSS(plotStyles),
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-width: 0;
        min-height: 0;
      }
      header {
        display: flex;
        justify-content: space-between;
        gap: 8px;
        height: 18px;
        overflow: hidden;
        white-space: nowrap;
      }
      .values {
        display: flex;
        gap: 8px;
        overflow: hidden;
        font-size: 11px;
        line-height: 18px;
        font-variant-numeric: tabular-nums;
      }
      .plot {
        flex: 1;
        min-height: 0;
        position: relative;
        overflow: hidden;
      }
      .plot:focus-visible {
        outline-offset: 0;
      }
      .none {
        position: absolute;
        inset: 0;
        display: grid;
        place-content: center;
        padding: 8px;
        text-align: center;
      }
      .uplot {
        font-family: inherit;
        position: absolute;
        inset: 0;
      }
      .u-hz .u-cursor-x {
        border-right: 1px solid var(--scrkd-accent);
      }
      .u-select {
        background: color-mix(in srgb, var(--scrkd-accent) 20%, transparent);
      }
    `,
  ];

  @property() accessor heading = '';
  /** A unit, or a word on how to read it. */
  @property() accessor note = '';
  /** Said instead of curves where there are none. */
  @property() accessor nothing = '';
  @property({ attribute: false }) accessor lines: readonly ChartLine[] = [];
  @property({ attribute: false }) accessor marks: readonly ChartMark[] = [];
  @property({ attribute: false }) accessor xRange: Range = [0, 1];
  @property({ attribute: false }) accessor yRange: Range = [0, 1];
  @property() accessor scale: 'linear' | 'log' = 'linear';
  /** Where all charts look, on the axis. */
  @property({ attribute: false }) accessor pointAt: number | undefined;
  @property({ attribute: false }) accessor format: (value: number | undefined) => string = String;
  @property({ attribute: false }) accessor formatX: (value: number) => string = String;
  /** Words of the axis for screen readers: "epoch 62". */
  @property({ attribute: false }) accessor describeX: (value: number) => string = String;
  /** Whether Tab stops at this chart; of a panel's charts one is. */
  @property({ type: Boolean }) accessor reachable = false;

  @query('.plot') private accessor area!: HTMLElement;
  #plot: uPlot | undefined;
  /** What a plot was built for: others get a new one. */
  #built = '';
  #observer: ResizeObserver | undefined;

  constructor() {
    super();
    new ThemeController(this, () => this.#discard());
  }

  /** The plot, for tests: its data is what is on the screen. */
  get plot(): uPlot | undefined {
    return this.#plot;
  }

  focusPlot(): void {
    this.area.focus();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    this.#discard();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#observer?.observe(this.area);
    this.requestUpdate();
  }

  protected override firstUpdated(): void {
    this.#observer = new ResizeObserver(() => this.#draw());
    this.#observer.observe(this.area);
  }

  protected override render(): unknown {
    return html`<header>
        <span>${this.heading}</span>
        <span class="values">${this.pointAt === undefined ? this.#standing() : this.#readings(this.pointAt)}</span>
      </header>
      <div class="plot" role="img" tabindex=${this.reachable ? 0 : -1} aria-label=${this.#description()}>
        ${this.lines.length === 0 ? html`<div class="none caption">${this.nothing}</div>` : nothing}
      </div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('lines') || changed.has('marks') || changed.has('xRange') || changed.has('yRange') || changed.has('scale') || this.#plot === undefined) this.#draw();
    else if (changed.has('pointAt')) this.#point();
  }

  /** The line that values are told of. */
  get #told(): ChartLine | undefined {
    return this.lines.find(({ chosen }) => chosen) ?? this.lines[0];
  }

  #standing(): unknown {
    const told = this.#told;
    return html`${this.note === '' ? nothing : html`<span class="muted">${this.note}</span>`}
    ${told === undefined ? nothing : html`<span>${this.format(last(told.curve))}</span>`}`;
  }

  #readings(at: number): unknown {
    return this.lines.slice(0, mostReadings).flatMap(({ curve, colour: name }) => {
      const value = valueAt(curve, at);
      return value === undefined ? [] : [html`<span ${styleOf({ color: `var(${name})` })}>${this.format(value)}</span>`];
    });
  }

  #description(): string {
    if (this.lines.length === 0) return `${this.heading}: ${this.nothing}`;
    const values = this.lines.slice(0, mostReadings).map(({ label, curve }) => {
      const value = this.pointAt === undefined ? last(curve) : valueAt(curve, this.pointAt);
      return `${label} ${this.format(value)}`;
    });
    const where = this.pointAt === undefined ? '' : ` (${this.describeX(this.pointAt)})`;
    return `${this.heading}${where}: ${values.join(', ')}`;
  }

  #draw(): void {
    const width = Math.floor(this.area.clientWidth);
    const height = Math.floor(this.area.clientHeight);
    if (this.lines.length === 0 || width < 40 || height < 24) {
      this.#discard();
      return;
    }
    const drawn = this.#drawnLines();
    const build = JSON.stringify([this.scale, drawn.map(({ line, raw }) => [line.id, line.colour, line.dash, line.chosen, raw])]);
    const data = drawn.map(({ curve }) => {
      const { x, y } = pointsForPixels(curve, this.xRange[0], this.xRange[1], width * devicePixelRatio);
      return [x, this.scale === 'log' ? y.map((value) => (value !== null && value <= 0 ? null : value)) : y];
    });
    // In mode 2 every series has its own points; uPlot's types know only one shared x.
    const plotData = [null, ...data] as unknown as uPlot.AlignedData;
    if (this.#plot === undefined || this.#built !== build) {
      this.#discard();
      this.#built = build;
      this.#plot = new uPlot(this.#options(drawn, width, height), plotData, this.area);
    }
    const plot = this.#plot;
    if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
    plot.batch(() => {
      plot.setData(plotData, false);
      plot.setScale('x', { min: this.xRange[0], max: this.xRange[1] });
      plot.setScale('y', { min: this.yRange[0], max: this.yRange[1] });
    });
    this.#point();
  }

  /** From the bottom to the top: faint raw curves, then lines, the chosen one last. */
  #drawnLines(): { line: ChartLine; curve: Curve; raw: boolean }[] {
    const byRank = [...this.lines].reverse().sort((a, b) => Number(a.chosen) - Number(b.chosen));
    const raws = byRank.flatMap((line) => (line.raw === undefined ? [] : [{ line, curve: line.raw, raw: true }]));
    return [...raws, ...byRank.map((line) => ({ line, curve: line.curve, raw: false }))];
  }

  #options(drawn: readonly { line: ChartLine; raw: boolean }[], width: number, height: number): uPlot.Options {
    const muted = colour('--scrkd-muted');
    const font = `${axisFont}px ${getComputedStyle(this).fontFamily}`;
    const grid = { stroke: colour('--scrkd-grid'), width: 1 };
    const path = uPlot.paths.linear!();
    return {
      mode: ownPoints,
      width,
      height,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => this.#onDoubleClick },
      },
      scales: {
        x: { time: false, auto: false, range: () => [this.xRange[0], this.xRange[1]] },
        y: { auto: false, distr: this.scale === 'log' ? logarithmic : linear, range: () => [this.yRange[0], this.yRange[1]] },
      },
      axes: [
        { scale: 'x', size: 16, gap: 2, font, stroke: muted, grid: { show: false }, ticks: { show: false }, space: 48, values: (_plot, splits) => splits.map((value) => this.formatX(value)) },
        { scale: 'y', size: 34, gap: 4, font, stroke: muted, grid, ticks: { show: false }, space: 36, values: (_plot, splits) => axisNumbers(splits) },
      ],
      series: [
        {},
        ...drawn.map(({ line, raw }): uPlot.Series => ({
          facets: [
            { scale: 'x', auto: false },
            { scale: 'y', auto: false },
          ],
          stroke: colour(line.colour),
          width: line.chosen && !raw ? 1.6 : 1.1,
          alpha: raw ? 0.22 : 1,
          ...(line.dash.length > 0 ? { dash: [...line.dash] } : {}),
          paths: path,
          points: { show: false },
        })),
      ],
      hooks: {
        drawAxes: [(plot) => this.#drawMarks(plot)],
        draw: [(plot) => this.#drawEnd(plot)],
        setCursor: [(plot) => this.#onCursor(plot)],
        setSelect: [(plot) => this.#onSelect(plot)],
      },
    };
  }

  #drawMarks(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    const glyphs = bbox.height > 70 * ratio;
    ctx.save();
    ctx.font = `${axisFont * ratio}px ${getComputedStyle(this).fontFamily}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.lineWidth = ratio;
    // Changes last and above all; a glyph that would lie on another one is left out.
    const ordered = [...this.marks].sort((a, b) => Number(a.accent) - Number(b.accent));
    const taken: number[] = ordered.filter(({ accent }) => accent).map(({ x }) => plot.valToPos(x, 'x', true));
    for (const { x, glyph, accent } of ordered) {
      if (x < this.xRange[0] || x > this.xRange[1]) continue;
      const left = Math.round(plot.valToPos(x, 'x', true)) + ratio / 2;
      ctx.strokeStyle = colour(accent ? '--vscode-charts-orange' : '--scrkd-event');
      ctx.setLineDash(accent ? [] : [ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(left, bbox.top + (glyphs ? 4 * ratio : 0));
      ctx.lineTo(left, bbox.top + bbox.height);
      ctx.stroke();
      if (!glyphs || (!accent && taken.some((other) => Math.abs(other - left) < 9 * ratio))) continue;
      taken.push(left);
      ctx.fillStyle = colour(accent ? '--vscode-charts-orange' : '--scrkd-muted');
      ctx.fillText(glyph, left, bbox.top - 2 * ratio);
    }
    ctx.restore();
  }

  /** The dot at the end of the chosen line: how far it is. */
  #drawEnd(plot: uPlot): void {
    const chosen = this.lines.find((line) => line.chosen);
    if (chosen === undefined) return;
    const { x, y } = chosen.curve;
    const [atX, atY] = [x[x.length - 1], y[y.length - 1]];
    if (atX === undefined || atY === undefined || !Number.isFinite(atY) || atX > this.xRange[1] || atY > this.yRange[1] || atY < this.yRange[0]) return;
    const { ctx } = plot;
    ctx.save();
    ctx.fillStyle = colour(chosen.colour);
    ctx.beginPath();
    ctx.arc(plot.valToPos(atX, 'x', true), plot.valToPos(atY, 'y', true), 2.5 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.restore();
  }

  #onCursor(plot: uPlot): void {
    const { left, event } = plot.cursor;
    if (event == null) return; // moved by us, not by the pointer
    this.#send('point', left === undefined || left < 0 ? undefined : plot.posToVal(left, 'x'));
  }

  readonly #onDoubleClick = (): null => {
    this.#send('zoom', undefined);
    return null;
  };

  #onSelect(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    const range: Range = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#send('zoom', range);
  }

  /** Shows where another chart's pointer is. */
  #point(): void {
    const plot = this.#plot;
    if (plot === undefined || this.area.matches(':hover')) return;
    const left = this.pointAt === undefined ? -10 : plot.valToPos(this.pointAt, 'x');
    plot.setCursor({ left, top: this.pointAt === undefined ? -10 : 1 }, false);
  }

  #discard(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#built = '';
  }

  #send(type: 'point' | 'zoom', detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function last({ y }: Curve): number | undefined {
  return y[y.length - 1];
}

/** Numbers of an axis: as many decimals as their distance needs, without the zero before the point. */
function axisNumbers(splits: readonly number[]): string[] {
  const step = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0));
  const decimals = step > 0 ? Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9))) : 3;
  return splits.map((value) => {
    const size = Math.abs(value);
    if (size < step * 1e-6) return '0';
    if (size >= 10_000) return withMinus(`${+(value / 1000).toPrecision(3)}k`);
    if (size > 0 && size < 1e-4) return withMinus(value.toExponential(0));
    const fits = Number(value.toFixed(decimals)) === 0 && value !== 0 ? value.toPrecision(1) : value.toFixed(decimals);
    return withMinus(fits.replace(/^(-?)0\./, '$1.'));
  });
}

declare global {
  interface HTMLElementTagNameMap {
    'scrkd-chart': Chart;
  }
}
