/** What the panel gets of the runs: summaries and curves, complete each time. */
import type { Columns, EpochCurves, EvaluationCurves, Positions, RunCurves, RunSummary, SentRequest, TrainingCurves } from '../../protocol/dashboard.ts';
import type { GrowingColumns } from './columns.ts';
import { column, termsOf } from './run-record.ts';
import type { KnownRun } from './run-source.ts';
import { rowsToKeep } from './thin.ts';

/** Points that all curves of a panel may have together, and the bounds for one run: beyond, they are thinned without losing a peak. */
const allPoints = 200_000;
const mostPoints = 20_000;
const fewestPoints = 2_000;

/** Points that each of so many runs may have. */
export function pointsPerRun(runs: number): number {
  return Math.max(fewestPoints, Math.min(mostPoints, Math.floor(allPoints / Math.max(1, runs))));
}

export function summaryOf(folder: string, label: string, run: KnownRun, requests: readonly SentRequest[]): RunSummary {
  const { manifest, config, state, record, figures, unread, standing } = run;
  const { weights, temperature, learningRate } = record.settings;
  const memory = record.epochs.column(column.memoryBytes).at(-1);
  return {
    folder,
    label,
    experiment: manifest.experiment,
    dataset: { name: config.datasetName, train: manifest.dataset.counts['train'] ?? 0, test: manifest.dataset.counts['test'] ?? 0 },
    standing,
    distilled: config.distilled,
    epoch: state.epoch,
    epochs: state.epochs,
    step: state.step,
    stepsPerEpoch: state.stepsPerEpoch,
    ...(state.eta === undefined ? {} : { etaSeconds: state.eta }),
    seconds: record.seconds > 0 ? record.seconds : (record.epochs.time.at(-1) ?? 0),
    device: `${manifest.engine.name} · ${manifest.engine.device}`,
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(record.lastEvent === undefined ? {} : { lastEvent: record.lastEvent }),
    ...(state.queue === undefined ? {} : { queue: state.queue }),
    ...(state.error === undefined ? {} : { error: state.error.message }),
    config: config.values,
    changed: changedSettings(run),
    settings: { weights, ...(temperature === undefined ? {} : { temperature }), learningRate: learningRate ?? config.settings.learningRate, schedule: config.settings.schedule },
    requests,
    marks: record.marks(state.stepsPerEpoch),
    figures,
    unread,
  };
}

/** Column key → `old → new`, where a person changed a setting; the learning rate only where a person did, not its schedule. */
function changedSettings({ record, config, state }: KnownRun): Record<string, string> {
  const changed: Record<string, string> = {};
  for (const mark of record.marks(state.stepsPerEpoch)) {
    if (mark.kind !== 'change') continue;
    for (const { name, to } of mark.changes) {
      const key = name === 'temperature' ? 'distill.temperature' : name === 'learningRate' ? 'training.optimizer.learningRate' : `distill.weights.${name}`;
      changed[key] = `${config.values[key] ?? '–'} → ${to}`;
    }
  }
  return changed;
}

/** @param limit points of the longest series */
export function curvesOf(folder: string, run: KnownRun, limit: number): RunCurves {
  const { record, state, complete } = run;
  const perEpoch = state.stepsPerEpoch > 0 ? state.stepsPerEpoch : (record.epochs.step[0] ?? 1);
  const evaluations = [...record.evaluations.values()].filter(({ columns }) => columns.length > 0);
  return {
    folder,
    ...(complete ? { steps: trainingCurves(record.steps, perEpoch, limit) } : {}),
    epochs: epochCurves(record.epochs, perEpoch, limit),
    evaluations: evaluations.map(({ split, protocol, columns }): EvaluationCurves => {
      const rows = rowsOf(columns, columns.names, limit);
      return { split, protocol, at: positions(columns, rows, perEpoch), metrics: picked(columns, columns.names, rows) };
    }),
  };
}

function trainingCurves(columns: GrowingColumns, perEpoch: number, limit: number): TrainingCurves {
  const terms = termsOf(columns);
  const rows = rowsOf(columns, columns.names, limit);
  return {
    at: positions(columns, rows, perEpoch),
    terms: picked(columns, terms, rows),
    total: pick(columns.column(column.total), rows),
    learningRate: pick(columns.column(column.learningRate), rows),
    imagesPerSecond: pick(columns.column(column.imagesPerSecond), rows),
    seconds: pick(columns.column(column.seconds), rows),
  };
}

function epochCurves(columns: GrowingColumns, perEpoch: number, limit: number): EpochCurves {
  const curves = trainingCurves(columns, perEpoch, limit);
  const rows = rowsOf(columns, columns.names, limit);
  return { ...curves, memoryBytes: pick(columns.column(column.memoryBytes), rows) };
}

function rowsOf(columns: GrowingColumns, names: readonly string[], limit: number): number[] {
  return rowsToKeep(names.map((name) => columns.column(name)), columns.length, limit);
}

function positions(columns: GrowingColumns, rows: readonly number[], perEpoch: number): Positions {
  const step = pick(columns.step, rows);
  return { step, epoch: step.map((value) => value / perEpoch), time: pick(columns.time, rows) };
}

function picked(columns: GrowingColumns, names: readonly string[], rows: readonly number[]): Columns {
  return Object.fromEntries(names.map((name) => [name, pick(columns.column(name), rows)]));
}

function pick(values: readonly number[], rows: readonly number[]): Float64Array<ArrayBuffer> {
  const picked = new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) picked[i] = values[row] ?? NaN;
  return picked;
}
