import * as l10n from '@vscode/l10n';
import type { NamedEvaluation } from './figures.ts';

/** `pr`: precision over recall. `f`: the F-measure over the threshold, 0 … 255. */
export type ChartKind = 'pr' | 'f';

/** Okabe and Ito's colours, told apart by colour-blind readers too; the dashes tell them apart in print. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const;
const dashes = ['', '7 3', '2 3', '9 3 2 3'] as const;

const plot = { left: 62, top: 40, width: 420, height: 360 } as const;
const lineHeight = 18;
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1] as const;

/** The mean curves of evaluations under one protocol as a stand-alone SVG; the dot is the threshold of the best mean F. */
export function curveChart(kind: ChartKind, evaluations: readonly NamedEvaluation[]): string {
  const title = kind === 'pr' ? l10n.t('Precision over recall') : l10n.t('F-measure over the threshold');
  const [xName, yName] = kind === 'pr' ? [l10n.t('recall'), l10n.t('precision')] : [l10n.t('threshold'), l10n.t('F-measure (β² = 0.3)')];
  const names = evaluations.map(({ name, evaluation }) => l10n.t('{0}  (maxF {1})', name, evaluation.maxF.toFixed(4)));
  const legendWidth = 50 + 6.6 * Math.max(...names.map((name) => name.length));
  const width = Math.ceil(plot.left + plot.width + 24 + legendWidth);
  const height = Math.max(plot.top + plot.height + 56, plot.top + 20 + lineHeight * names.length);
  const subtitle = evaluations.length === 0 ? '' : `${evaluations[0]!.evaluation.protocol}, ${l10n.t('{0} images', evaluations[0]!.evaluation.images)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title><desc>${escaped(names.join('; '))}</desc>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(plot.left, 22, `${title} · ${subtitle}`, 'font-size="13" font-weight="bold"'),
    ...ticks.flatMap((tick) => axisTick(tick, kind)),
    text(plot.left + plot.width / 2, plot.top + plot.height + 42, xName, 'text-anchor="middle"'),
    text(0, 0, yName, `text-anchor="middle" transform="translate(18 ${plot.top + plot.height / 2}) rotate(-90)"`),
    `<rect x="${plot.left}" y="${plot.top}" width="${plot.width}" height="${plot.height}" fill="none" stroke="#333333"/>`,
    ...evaluations.flatMap((item, i) => curve(kind, item, i)),
    ...names.flatMap((name, i) => legendLine(name, i)),
    '</svg>\n',
  ].join('\n');
}

const across = (share: number): number => plot.left + share * plot.width;
const down = (share: number): number => plot.top + (1 - share) * plot.height;
const at = (x: number, y: number): string => `${across(x).toFixed(1)},${down(y).toFixed(1)}`;

function axisTick(tick: number, kind: ChartKind): string[] {
  const label = kind === 'f' ? String(Math.round(255 * tick)) : tick.toFixed(1);
  return [
    `<path d="M${at(tick, 0)} L${at(tick, 1)} M${at(0, tick)} L${at(1, tick)}" stroke="#dddddd"/>`,
    text(across(tick), plot.top + plot.height + 18, label, 'text-anchor="middle"'),
    text(plot.left - 8, down(tick) + 4, tick.toFixed(1), 'text-anchor="end"'),
  ];
}

function curve(kind: ChartKind, { evaluation: { curves } }: NamedEvaluation, index: number): string[] {
  const [xs, ys] = kind === 'pr' ? [curves.recall, curves.precision] : [curves.thresholds, curves.f];
  const points = Array.from(xs, (x, i) => at(x, ys[i]!));
  const best = curves.f.indexOf(curves.f.reduce((high, value) => Math.max(high, value)));
  const [x = '', y = ''] = points[best]!.split(',');
  return [`<polyline points="${points.join(' ')}" fill="none" ${stroke(index)}/>`, `<circle cx="${x}" cy="${y}" r="3.5" fill="${colours[index % colours.length]!}"/>`];
}

function legendLine(name: string, index: number): string[] {
  const x = plot.left + plot.width + 20;
  const y = plot.top + 10 + lineHeight * index;
  return [`<path d="M${x} ${y} h26" ${stroke(index)}/>`, text(x + 32, y + 4, name)];
}

function stroke(index: number): string {
  const dash = dashes[Math.floor(index / colours.length) % dashes.length]!;
  return `stroke="${colours[index % colours.length]!}" stroke-width="1.8" stroke-linejoin="round"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" fill="#222222" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
