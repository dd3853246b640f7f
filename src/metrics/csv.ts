import { figureNames, type NamedEvaluation } from './figures.ts';

/** Comma-separated lines as RFC 4180 has them, numbers with all their digits. */
export function csv(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line for each evaluation. */
export function figuresCsv(evaluations: readonly NamedEvaluation[]): string {
  return csv([['name', 'protocol', 'images', ...figureNames], ...evaluations.map(({ name, evaluation }) => [name, evaluation.protocol, evaluation.images, ...figureNames.map((figure) => evaluation[figure])])]);
}

/** A line for each image of each evaluation. */
export function imagesCsv(evaluations: readonly NamedEvaluation[]): string {
  const rows = evaluations.flatMap(({ name, evaluation }) => evaluation.perImage.map((image) => [name, evaluation.protocol, image.id, ...figureNames.map((figure) => image[figure]), image.degenerate.join(' ')]));
  return csv([['name', 'protocol', 'image', ...figureNames, 'degenerate'], ...rows]);
}

/** A line for each threshold of each evaluation. */
export function curvesCsv(evaluations: readonly NamedEvaluation[]): string {
  const columns = ['thresholds', 'precision', 'recall', 'f', 'e', 'falsePositiveRate'] as const;
  const rows = evaluations.flatMap(({ name, evaluation: { protocol, curves } }) => Array.from(curves.thresholds, (_, i) => [name, protocol, ...columns.map((column) => curves[column][i])]));
  return csv([['name', 'protocol', 'threshold', 'precision', 'recall', 'f', 'e', 'false-positive rate'], ...rows]);
}
