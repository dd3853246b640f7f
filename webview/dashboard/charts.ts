/** Which charts there are and what is in them: from runs, curves and view to lines and ranges. Pure. */
import * as l10n from '@vscode/l10n';
import { sourceKey, type Alignment, type DashboardView, type FigureSource, type Mark, type Positions, type RunCurves, type RunSummary, type TrainingCurves } from '../../src/protocol/dashboard.ts';
import type { ChartLine, ChartMark, Range } from '../shared/chart.ts';
import { clock, fixed, gibibyte, quantity, superscript } from '../shared/format.ts';
import { extent, smoothed, type Curve, type Numbers } from '../shared/series.ts';
import type { Appearance } from './appearance.ts';
import { chartMeasures, markGlyph, measureOf, symbolOf, termTitle } from './words.ts';

export interface ChartContent {
  readonly id: string;
  readonly heading: string;
  readonly note: string;
  readonly nothing: string;
  readonly lines: readonly ChartLine[];
  readonly yRange: Range;
  readonly scale: 'linear' | 'log';
  readonly format: (value: number | undefined) => string;
}

export interface ChartRow {
  readonly kind: 'losses' | 'metrics' | 'resources';
  readonly charts: readonly ChartContent[];
}

export interface ChartRows {
  readonly rows: readonly ChartRow[];
  readonly xRange: Range;
  readonly marks: readonly ChartMark[];
}

export interface ChartInput {
  readonly runs: readonly RunSummary[];
  readonly curves: ReadonlyMap<string, RunCurves>;
  readonly looks: ReadonlyMap<string, Appearance>;
  readonly view: DashboardView;
  readonly source: FigureSource | undefined;
  readonly zoom: Range | undefined;
  /** Its events are drawn, and its lines on top. */
  readonly selected: RunSummary | undefined;
}

/** The part of the axis, from its beginning, whose values do not decide what part of the vertical axis is seen. */
const settling = { losses: 0.02, metrics: 0.06 } as const;

export function chartRows(input: ChartInput): ChartRows {
  const { runs, view, curves, selected } = input;
  const drawn = runs.filter(({ folder }) => !view.hidden.includes(folder) && curves.has(folder));
  const whole = wholeRange(drawn, curves, view.align);
  const xRange = input.zoom ?? whole;
  const context: Context = { ...input, drawn, xRange, span: whole[1] - whole[0] };
  const rows: ChartRow[] = [
    { kind: 'losses', charts: lossCharts(context) },
    { kind: 'metrics', charts: metricCharts(context) },
    { kind: 'resources', charts: resourceCharts(context) },
  ];
  const marks = drawnMarks(selected?.marks ?? []).map((mark): ChartMark => ({ x: mark.at[view.align], glyph: markGlyph(mark), accent: mark.kind === 'change' }));
  return { rows, xRange, marks };
}

/** Checkpoints may come every epoch: of many only some are drawn, evenly and the last of all. */
const mostCheckpoints = 10;

function drawnMarks(marks: readonly Mark[]): Mark[] {
  const checkpoints = marks.filter(({ kind }) => kind === 'checkpoint');
  const every = Math.ceil(checkpoints.length / mostCheckpoints);
  const drawn = new Set(checkpoints.filter((_, i) => (checkpoints.length - 1 - i) % every === 0));
  return marks.filter((mark) => mark.kind !== 'checkpoint' || drawn.has(mark));
}

interface Context extends ChartInput {
  readonly drawn: readonly RunSummary[];
  readonly xRange: Range;
  readonly span: number;
}

function lossCharts(context: Context): ChartContent[] {
  const { drawn, curves } = context;
  // Terms in the order of the runs that have most of them: SOD first, then those of the method.
  const terms = [...new Set(drawn.map(({ folder }) => Object.keys(training(curves.get(folder)!, context.view.detail).terms)).sort((a, b) => b.length - a.length).flat())];
  const nothing = l10n.t('No step is done yet.');
  const weightOf = (term: string): string => (context.drawn.some(({ settings }) => Object.hasOwn(settings.weights, term)) ? `× ${symbolOf(term)}` : '');
  const chart = (id: string, heading: string, note: string, values: (training: TrainingCurves) => Numbers | undefined): ChartContent => {
    const lines = linesOf(context, id, (run) => {
      const { at, ...rest } = training(run, context.view.detail);
      return curveOf(at, values({ at, ...rest }), context.view.align);
    }, true);
    return { id, heading, note, nothing, lines, ...vertical(context, lines, settling.losses, 0.05), format: quantity };
  };
  return [chart('total', l10n.t('Total'), 'L', ({ total }) => total), ...terms.map((term) => chart(`term.${term}`, termTitle(term), weightOf(term), (run) => run.terms[term]))];
}

function metricCharts(context: Context): ChartContent[] {
  const { source } = context;
  const nothing = source === undefined ? l10n.t('Not evaluated yet.') : l10n.t('Not evaluated while training.');
  return chartMeasures.map((name) => {
    const { title, note } = measureOf(name);
    const lines = linesOf(context, `metric.${name}`, (run) => {
      const evaluation = run.evaluations.find((each) => source !== undefined && sourceKey(each) === sourceKey(source));
      return evaluation === undefined ? undefined : curveOf(evaluation.at, evaluation.metrics[name], context.view.align);
    });
    return { id: `metric.${name}`, heading: title, note: note(), nothing, lines, ...vertical({ ...context, view: { ...context.view, scale: 'linear' } }, lines, settling.metrics, 0.05), format: (value) => fixed(value, 4) };
  });
}

function resourceCharts(context: Context): ChartContent[] {
  const nothing = l10n.t('Nothing measured yet.');
  const chart = (id: string, heading: string, note: string, values: (run: RunCurves, summary: RunSummary) => Curve | undefined, format: (value: number | undefined) => string): ChartContent => {
    const lines = linesOf(context, id, values);
    const [, high] = extentOf(lines, context.xRange) ?? [0, 1];
    return { id, heading, note, nothing, lines, yRange: [0, high > 0 ? high * 1.08 : 1], scale: 'linear', format };
  };
  /** Means over epochs are what one wants to see; until there are two of them, the steps. */
  const measured = (run: RunCurves): { curves: TrainingCurves; perEpoch: boolean } => {
    const perEpoch = run.epochs.at.step.length >= 2 || run.steps === undefined;
    return { curves: perEpoch ? run.epochs : run.steps, perEpoch };
  };
  const { align } = context.view;
  const memories = context.drawn.map(({ folder }) => context.curves.get(folder)!.epochs.memoryBytes).flatMap((bytes) => [...bytes]).filter(Number.isFinite);
  const gigabytes = Math.max(0, ...memories) >= gibibyte;
  const unit = gigabytes ? gibibyte : 1024 ** 2;
  const rates = context.drawn.flatMap(({ folder }) => [...training(context.curves.get(folder)!, 'step').learningRate]).filter((rate) => Number.isFinite(rate) && rate > 0);
  const exponent = rates.length === 0 ? 0 : Math.floor(Math.log10(rates.reduce((a, b) => Math.max(a, b))));
  const rateScale = 10 ** -exponent;
  return [
    chart('imagesPerSecond', l10n.t('Images / s'), '', (run) => curveOf(measured(run).curves.at, measured(run).curves.imagesPerSecond, align), (value) => fixed(value, (value ?? 0) < 20 ? 1 : 0)),
    chart(
      'stepTime',
      l10n.t('Step time'),
      l10n.t('ms'),
      (run, { stepsPerEpoch }) => {
        const { curves, perEpoch } = measured(run);
        const scale = perEpoch ? 1000 / Math.max(1, stepsPerEpoch) : 1000;
        return curveOf(curves.at, times(curves.seconds, scale), align);
      },
      (value) => fixed(value, 0),
    ),
    chart('memory', l10n.t('Memory'), gigabytes ? 'GiB' : 'MiB', (run) => curveOf(run.epochs.at, times(run.epochs.memoryBytes, 1 / unit), align), (value) => fixed(value, gigabytes ? 1 : 0)),
    chart(
      'learningRate',
      l10n.t('Learning rate'),
      exponent === 0 ? '' : `× 10${superscript(exponent)}`,
      (run) => curveOf(training(run, 'step').at, times(training(run, 'step').learningRate, rateScale), align),
      (value) => fixed(value, 2),
    ),
  ];
}

function training(run: RunCurves, detail: DashboardView['detail']): TrainingCurves {
  return detail === 'step' && run.steps !== undefined ? run.steps : run.epochs;
}

function curveOf(at: Positions, y: Numbers | undefined, align: Alignment): Curve | undefined {
  return y === undefined || y.length === 0 ? undefined : { x: at[align], y };
}

const scaledValues = new WeakMap<object, Map<number, Float64Array>>();

/** The values times a factor; the same array for the same question, so that what is derived from it is kept. */
function times(values: Float64Array, factor: number): Float64Array {
  let known = scaledValues.get(values);
  if (known === undefined) scaledValues.set(values, (known = new Map<number, Float64Array>()));
  let scaled = known.get(factor);
  if (scaled === undefined) known.set(factor, (scaled = values.map((value) => value * factor)));
  return scaled;
}

function linesOf(context: Context, chart: string, curve: (run: RunCurves, summary: RunSummary) => Curve | undefined, smooth = false): ChartLine[] {
  const { drawn, curves, looks, view, selected, span } = context;
  return drawn.flatMap((run): ChartLine[] => {
    const measured = curve(curves.get(run.folder)!, run);
    if (measured === undefined) return [];
    const chosen = run.folder === selected?.folder;
    const { colour, dash } = looks.get(run.folder)!;
    const amount = smooth ? view.smoothing : 0;
    const shown = amount > 0 ? { x: measured.x, y: smoothedOnce(measured, amount, span) } : measured;
    const raw = chosen && amount > 0 ? { raw: measured } : {};
    return [{ id: `${chart} ${run.folder}`, label: run.label, curve: shown, ...raw, colour, dash, chosen }];
  });
}

const smoothedCurves = new WeakMap<object, Map<string, Numbers>>();

/** Only the curves of a run that goes on are new at each snapshot; those of the others are smoothed once. */
function smoothedOnce(curve: Curve, amount: number, span: number): Numbers {
  const values = curve.y as object;
  let known = smoothedCurves.get(values);
  if (known === undefined || known.size > 12) smoothedCurves.set(values, (known = new Map<string, Numbers>()));
  // The axis is part of the question: the same values over steps, epochs and time.
  const key = `${amount} ${span} ${curve.x[curve.x.length - 1] ?? 0}`;
  let result = known.get(key);
  if (result === undefined) known.set(key, (result = smoothed(curve, amount, span)));
  return result;
}

/** How much longer than what is there the axis may be for what is planned: two epochs of two thousand would be a dot. */
const mostAhead = 4;

/** What the axis shows when nobody zoomed: from 0 to the end of the longest run, planned epochs included. */
function wholeRange(drawn: readonly RunSummary[], curves: ReadonlyMap<string, RunCurves>, align: Alignment): Range {
  let end = 0;
  for (const run of drawn) {
    const { steps, epochs } = curves.get(run.folder)!;
    for (const { at } of [epochs, ...(steps === undefined ? [] : [steps])]) end = Math.max(end, at[align].at(-1) ?? 0);
  }
  const planned = drawn.map(({ epochs, stepsPerEpoch }) => (align === 'epoch' ? epochs : align === 'step' ? epochs * stepsPerEpoch : 0));
  end = Math.max(end, Math.min(Math.max(0, ...planned), mostAhead * end));
  return [0, end > 0 ? end : 1];
}

function extentOf(lines: readonly ChartLine[], [from, to]: Range): Range | undefined {
  let range: Range | undefined;
  for (const { curve } of lines) {
    const own = extent(curve, from, to);
    if (own === undefined) continue;
    range = range === undefined ? own : [Math.min(range[0], own[0]), Math.max(range[1], own[1])];
  }
  return range;
}

/** The part of the vertical axis that is seen: first steps tower over the rest, and are left out unless asked for. */
function vertical(context: Context, lines: readonly ChartLine[], settle: number, margin: number): Pick<ChartContent, 'yRange' | 'scale'> {
  const { xRange, zoom, view } = context;
  // Each line settles by its own length: a run that has just begun is seen whole.
  const settled = zoom !== undefined || view.wholeRange ? extentOf(lines, xRange) : lines.map((line) => afterSettling(line, settle)).reduce<Range | undefined>(union, undefined);
  const [low, high] = settled ?? [0, 1];
  if (view.scale === 'log') {
    const positive = lowestPositive(lines, xRange) ?? 1e-6;
    const floor = Math.max(low, positive);
    return { yRange: [floor / 1.1, Math.max(high, floor * 1.5) * 1.1], scale: 'log' };
  }
  const room = (high - low) * margin || Math.abs(high) * margin || 0.5;
  return { yRange: [low >= 0 ? Math.max(0, low - room) : low - room, high + room], scale: 'linear' };
}

function afterSettling({ curve }: ChartLine, share: number): Range | undefined {
  const { length } = curve.x;
  if (length === 0) return undefined;
  const end = curve.x[length - 1]!;
  return extent(curve, length >= 20 ? end * share : 0, end);
}

function union(a: Range | undefined, b: Range | undefined): Range | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function lowestPositive(lines: readonly ChartLine[], [from, to]: Range): number | undefined {
  let lowest = Infinity;
  for (const { curve } of lines) {
    for (let i = 0; i < curve.y.length; i++) {
      const value = curve.y[i]!;
      if (value > 0 && value < lowest && curve.x[i]! >= from && curve.x[i]! <= to) lowest = value;
    }
  }
  return lowest === Infinity ? undefined : lowest;
}

/** Numbers of the horizontal axis. */
export function axisText(align: Alignment, value: number): string {
  switch (align) {
    case 'epoch':
      return Number.isInteger(value) ? fixed(value, 0) : fixed(value, 1);
    case 'step':
      return value >= 10_000 ? `${fixed(value / 1000, 0)}k` : fixed(value, 0);
    case 'time':
      return clock(value);
  }
}

/** A place on the horizontal axis in words. */
export function axisWords(align: Alignment, value: number): string {
  switch (align) {
    case 'epoch':
      return l10n.t('epoch {0}', fixed(value, 1));
    case 'step':
      return l10n.t('step {0}', fixed(value, 0));
    case 'time':
      return l10n.t('time {0}', clock(value));
  }
}
