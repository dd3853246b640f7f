/** Exports of a dashboard: what is shown, as tables for other programs. */
import { sourceKey, type ConfigColumn, type RunSummary } from '../../protocol/dashboard.ts';
import { column, termsOf } from './run-record.ts';
import type { KnownRun } from './run-source.ts';

/** One line a run: how it stands, what tells it apart, and its figures from one source. */
export function tableCsv(runs: readonly RunSummary[], columns: readonly ConfigColumn[], source: string | undefined): string {
  const figures = runs.map(({ figures: all }) => all.find((each) => source === undefined || sourceKey(each) === source));
  const measures = [...new Set(figures.flatMap((each) => Object.keys(each?.metrics ?? {})))];
  const heading = ['run', 'folder', 'state', ...columns.map(({ key }) => key), 'source', 'checkpoint', 'epoch', ...measures, 'seconds'];
  const lines = runs.map((run, i) => {
    const figure = figures[i];
    return [
      run.label,
      run.folder,
      run.standing,
      ...columns.map(({ key }) => run.config[key] ?? ''),
      figure === undefined ? '' : sourceKey(figure),
      figure?.checkpoint ?? '',
      figure?.epoch ?? '',
      ...measures.map((measure) => figure?.metrics[measure] ?? ''),
      run.seconds,
    ];
  });
  return csv([heading, ...lines]);
}

/** One line a step and run, unthinned and unsmoothed; evaluations have their own lines. */
export function curvesCsv(runs: readonly { label: string; run: KnownRun }[]): string {
  const terms = [...new Set(runs.flatMap(({ run }) => termsOf(run.record.steps)))];
  const measures = [...new Set(runs.flatMap(({ run }) => [...run.record.evaluations.values()].flatMap(({ columns }) => columns.names)))];
  const fields = [column.total, column.learningRate, column.imagesPerSecond, column.seconds];
  const heading = ['run', 'series', 'step', 'seconds', ...terms, ...fields.map((name) => name.trim()), ...measures];
  const lines = runs.flatMap(({ label, run: { record } }) => {
    const steps = record.steps.step.map((step, row) => [
      label,
      'step',
      step,
      record.steps.time[row]!,
      ...[...terms, ...fields].map((name) => cell(record.steps.column(name)[row])),
      ...measures.map(() => ''),
    ]);
    const evaluations = [...record.evaluations].flatMap(([key, { columns }]) =>
      columns.step.map((step, row) => [label, key, step, columns.time[row]!, ...terms.map(() => ''), ...fields.map(() => ''), ...measures.map((name) => cell(columns.column(name)[row]))]),
    );
    return [...steps, ...evaluations];
  });
  return csv([heading, ...lines]);
}

function cell(value: number | undefined): number | string {
  return value ?? '';
}

function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\n`).join('');
}

/** Quoted where needed; a name that a spreadsheet would take for a formula is kept from it. */
function field(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+@\t\r-]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
