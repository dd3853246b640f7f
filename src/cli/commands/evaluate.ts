import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { ProtocolName } from '../../config/experiment.ts';
import { encodePng, saveFile } from '../../data/png.ts';
import type { Split } from '../../dataset/dataset.ts';
import { curveChart } from '../../metrics/curve-chart.ts';
import { curvesCsv, figuresCsv, imagesCsv } from '../../metrics/csv.ts';
import { figureNames, figuresOf, isBetter, type FigureName, type NamedEvaluation } from '../../metrics/figures.ts';
import type { Degeneracy } from '../../metrics/metrics.ts';
import { fileNameFor } from '../../runs/run-folder.ts';
import { engineFor } from '../../training/engine.ts';
import type { PredictedMap } from '../../training/evaluation.ts';
import { evaluateSource, type EvaluatedSource } from '../../training/evaluation-source.ts';
import { CommandError } from '../errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { parseResolution } from '../network-source.ts';
import { textTable } from '../table.ts';
import { printable } from '../terminal.ts';

export interface EvaluateOptions {
  readonly dataset?: string;
  readonly masks?: string;
  readonly split?: string;
  readonly protocol?: string;
  readonly checkpoint?: string;
  readonly resolution?: string;
  readonly out?: string;
  readonly maps?: boolean;
  readonly skipMissing?: boolean;
  readonly json?: boolean;
}

const protocols: readonly ProtocolName[] = ['scrkd448', 'pysod'];
const splits: readonly Split[] = ['train', 'validation', 'test'];

/** `scrkd evaluate RUN|FILE|FOLDER…`: the figures of a table, of networks or of saliency maps that anybody made. */
export async function evaluate(sources: readonly string[], options: EvaluateOptions): Promise<ExitCode> {
  const { out, json } = options;
  const chosen = protocolsOf(options.protocol);
  const split = splitOf(options.split);
  const resolution = parseResolution(options.resolution);
  if (options.maps === true && out === undefined) throw new CommandError('usage', l10n.t('--maps needs --out, the folder where the maps go.'));
  const abort = new AbortController();
  const onSignal = (): void => abort.abort(new CommandError('cancelled', l10n.t('Cancelled; nothing was written but the maps so far.')));
  process.once('SIGINT', onSignal);
  const results: EvaluatedSource[] = [];
  try {
    for (const [i, source] of sources.entries()) {
      let images = 0;
      const evaluated = await evaluateSource(
        source,
        {
          protocols: chosen,
          ...(split && { split }),
          ...(options.dataset !== undefined && { dataset: options.dataset }),
          ...(options.masks !== undefined && { masks: options.masks }),
          ...(options.checkpoint !== undefined && { checkpoint: options.checkpoint }),
          ...(resolution && { resolution }),
          skipMissing: options.skipMissing ?? false,
          engine: async () => (await engineFor({})).engine,
          warn: (message) => process.stderr.write(`${printable(l10n.t('warning: {0}', message))}\n`),
        },
        {
          signal: abort.signal,
          onImages: (count) => (images = count),
          onImage: (done) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${l10n.t('{0}: {1}/{2} images', printable(source), done, images)}`),
          ...(out !== undefined && options.maps === true && { save: mapSaver(out, `${i + 1}-${source}`) }),
        },
      );
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
      for (const { id, reason } of evaluated.skipped) process.stderr.write(`${printable(l10n.t('warning: {0} is left out: {1}', id, reason))}\n`);
      results.push(evaluated);
    }
  } finally {
    process.off('SIGINT', onSignal);
  }
  const named = withDistinctNames(results);
  const report = named.map(reportOf);
  const files = out === undefined ? [] : await writeFiles(out, named, report);
  if (json) for (const line of report) process.stdout.write(`${JSON.stringify(line)}\n`);
  else process.stdout.write(`${printable(textOf(named, chosen))}\n${files.length > 0 ? `${l10n.t('Written to {0}: {1}', out ?? '', files.join(', '))}\n` : ''}`);
  return exitCodes.ok;
}

function protocolsOf(text: string | undefined): readonly ProtocolName[] {
  if (text === undefined) return protocols;
  return [...new Set(text.split(','))].map((name) => {
    const known = protocols.find((protocol) => protocol === name.trim());
    if (known === undefined) throw new CommandError('usage', l10n.t('--protocol: found "{0}", expected {1}.', name, protocols.join(', ')));
    return known;
  });
}

function splitOf(text: string | undefined): Split | undefined {
  if (text === undefined) return undefined;
  const split = splits.find((name) => name === text);
  if (split === undefined) throw new CommandError('usage', l10n.t('--split: found "{0}", expected {1}.', text, splits.join(', ')));
  return split;
}

function mapSaver(out: string, source: string): (map: PredictedMap) => Promise<void> {
  return async ({ sample, form, map }) => {
    const folder = join(out, 'maps', fileNameFor(source), form);
    if (!existsSync(folder)) await mkdir(folder, { recursive: true });
    await saveFile(join(folder, `${fileNameFor(sample.id)}.png`), await encodePng(map));
  };
}

interface NamedSource {
  readonly name: string;
  readonly result: EvaluatedSource;
}

/** Two stages of one name, or two folders called `maps`, go by their paths. */
function withDistinctNames(results: readonly EvaluatedSource[]): NamedSource[] {
  return results.map((result) => ({ name: results.filter(({ name }) => name === result.name).length > 1 ? result.source : result.name, result }));
}

function reportOf({ name, result }: NamedSource): object {
  const { evaluations, ...rest } = result;
  return {
    ...rest,
    name,
    protocols: Object.fromEntries(
      evaluations.map((evaluation) => [
        evaluation.protocol,
        {
          images: evaluation.images,
          metrics: figuresOf(evaluation),
          degenerate: evaluation.degenerate,
          curves: Object.fromEntries(Object.entries(evaluation.curves).map(([curve, values]) => [curve, Array.from(values as Float64Array)])),
          perImage: evaluation.perImage,
        },
      ]),
    ),
  };
}

function byProtocol(named: readonly NamedSource[], protocol: ProtocolName): NamedEvaluation[] {
  return named.flatMap(({ name, result }) => result.evaluations.filter((evaluation) => evaluation.protocol === protocol).map((evaluation) => ({ name, evaluation })));
}

/** A table, CSV and JSON, both charts of every protocol, and a page with the tables and charts. */
async function writeFiles(out: string, named: readonly NamedSource[], report: readonly object[]): Promise<string[]> {
  await mkdir(out, { recursive: true });
  const all = named.flatMap(({ name, result }) => result.evaluations.map((evaluation) => ({ name, evaluation })));
  const files: Record<string, string> = {
    'figures.csv': figuresCsv(all),
    'images.csv': imagesCsv(all),
    'curves.csv': curvesCsv(all),
    'evaluation.json': `${JSON.stringify({ v: 1, results: report }, null, 1)}\n`,
  };
  const sections: string[] = [];
  for (const protocol of protocols) {
    const evaluations = byProtocol(named, protocol);
    if (evaluations.length === 0) continue;
    files[`pr-${protocol}.svg`] = curveChart('pr', evaluations);
    files[`f-${protocol}.svg`] = curveChart('f', evaluations);
    sections.push(protocolMarkdown(protocol, evaluations));
  }
  files['report.md'] = [`# ${l10n.t('Evaluation')}`, ...sections, ...notesOf(named).map((note) => `* ${markdownText(note)}`)].join('\n\n') + '\n';
  for (const [name, content] of Object.entries(files)) await saveFile(join(out, name), content);
  return Object.keys(files);
}

function textOf(named: readonly NamedSource[], chosen: readonly ProtocolName[]): string {
  const notes = [...notesOf(named), ...(named.length > 1 ? [l10n.t('* the best of its column')] : [])];
  return chosen.map((protocol) => protocolText(protocol, byProtocol(named, protocol))).join('\n\n') + (notes.length === 0 ? '' : `\n\n${notes.join('\n')}`);
}

function protocolText(protocol: ProtocolName, evaluations: readonly NamedEvaluation[]): string {
  const { heading, rows } = tableOf(evaluations, figureText);
  return `${protocol}\n${textTable(heading, rows)}`;
}

/** A table with the best of each column in bold, above the protocol's charts. */
function protocolMarkdown(protocol: ProtocolName, evaluations: readonly NamedEvaluation[]): string {
  const { heading, rows } = tableOf(evaluations, (value, best) => (value === undefined ? '–' : value === best ? `**${value.toFixed(4)}**` : value.toFixed(4)));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const table = [heading, ['---', ...heading.slice(1).map(() => '--:')], ...rows.map(([name, ...cells]) => [markdownText(name!), ...cells])].map(line).join('\n');
  return `## ${protocol}\n\n${table}\n\n![${l10n.t('Precision and recall')}](pr-${protocol}.svg) ![${l10n.t('F over the threshold')}](f-${protocol}.svg)`;
}

function markdownText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#]/g, '\\$&').replaceAll(/\s+/g, ' ');
}

/** Sources by figures; only the figures that a source has. */
function tableOf(evaluations: readonly NamedEvaluation[], cell: (value: number | undefined, best: number | undefined) => string): { readonly heading: string[]; readonly rows: string[][] } {
  const shown = figureNames.filter((figure) => evaluations.some(({ evaluation }) => evaluation[figure] !== undefined));
  const best = new Map(shown.map((figure) => [figure, bestOf(figure, evaluations)]));
  const rows = evaluations.map(({ name, evaluation }) => [name, String(evaluation.images), ...shown.map((figure) => cell(evaluation[figure], best.get(figure)))]);
  return { heading: [l10n.t('source'), l10n.t('images'), ...shown], rows };
}

/** Best of several, and of one nothing: a mark beside the only number says nothing. */
function bestOf(figure: FigureName, evaluations: readonly NamedEvaluation[]): number | undefined {
  const values = evaluations.flatMap(({ evaluation }) => evaluation[figure] ?? []);
  return values.length < 2 ? undefined : values.reduce((best, value) => (isBetter(figure, value, best) ? value : best));
}

function figureText(value: number | undefined, best: number | undefined): string {
  if (value === undefined) return '–';
  return best === undefined ? value.toFixed(4) : `${value.toFixed(4)}${value === best ? '*' : ' '}`;
}

const degeneracyTexts: Readonly<Record<Degeneracy, () => string>> = {
  'empty-mask': () => l10n.t('have an empty mask'),
  'faint-mask': () => l10n.t('have a mask without a pixel of at least one half'),
  'full-mask': () => l10n.t('have a mask that is salient everywhere'),
  'constant-map': () => l10n.t('have a constant saliency map'),
};

/** What a reader of the table has to know: which images are degenerate, resized, missing or left out. */
function notesOf(named: readonly NamedSource[]): string[] {
  const notes: string[] = [];
  const note = (ids: readonly string[], text: string): void => {
    if (ids.length > 0) notes.push(l10n.t('{0} images {1}: {2}', ids.length, text, `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`));
  };
  for (const { name, result } of named) {
    const before = notes.length;
    for (const [kind, text] of Object.entries(degeneracyTexts)) note([...new Set(result.evaluations.flatMap(({ degenerate }) => degenerate[kind as Degeneracy]))], text());
    note(result.resized, l10n.t('have maps of another size than their masks and were resized'));
    note(result.missing, l10n.t('have no saliency map and are left out'));
    note(result.skipped.map(({ id }) => id), l10n.t('cannot be read and are left out'));
    if (named.length > 1) for (let i = before; i < notes.length; i++) notes[i] = `${name}: ${notes[i]!}`;
  }
  return notes;
}
