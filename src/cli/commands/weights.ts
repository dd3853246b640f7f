import * as l10n from '@vscode/l10n';
import { withTensorFile } from '../../formats/open-tensor-file.ts';
import { partNames, type MatchReport, type PartName } from '../../models/state-dict.ts';
import { convertWeights } from '../../training/convert-weights.ts';
import type { Likeness } from '../../training/known-networks.ts';
import { identityText, misshapenText } from '../../training/network-weights.ts';
import { reportOn, type PartReport, type WeightsReport } from '../../training/weights-report.ts';
import { CommandError } from '../errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { weightsFileOf } from '../network-source.ts';
import { textTable } from '../table.ts';
import { printable } from '../terminal.ts';

export interface InspectOptions {
  readonly tensors?: boolean;
  readonly json?: boolean;
}

/** Names shown of a list of tensors that do not fit. */
const shownNames = 8;

/** `scrkd weights inspect RUN|FILE`: what it holds, which network it fits, and what does not fit. */
export async function inspect(source: string, { tensors, json }: InspectOptions): Promise<ExitCode> {
  const report = await withTensorFile(weightsFileOf(source), (file) => Promise.resolve(reportOn(file)));
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${printable(reportText(report, tensors ?? false))}\n`);
  return exitCodes.ok;
}

export interface ConvertOptions {
  readonly part?: string;
}

/** `scrkd weights convert RUN|FILE TARGET` */
export async function convert(source: string, target: string, { part }: ConvertOptions): Promise<ExitCode> {
  if (part !== undefined && !isPart(part)) throw new CommandError('usage', l10n.t('--part: found "{0}", expected {1}.', part, partNames.join(', ')));
  const { tensors, bytes } = await withTensorFile(weightsFileOf(source), (file) => convertWeights(file, target, part));
  process.stdout.write(l10n.t('{0}: {1} tensors, {2}\n', target, tensors, sizeText(bytes)));
  return exitCodes.ok;
}

function isPart(name: string): name is PartName {
  return (partNames as readonly string[]).includes(name);
}

function reportText({ file, format, network, metadata, parts, others }: WeightsReport, withTensors: boolean): string {
  const formats = { safetensors: 'safetensors', 'pytorch-zip': 'PyTorch', 'pytorch-legacy': l10n.t('PyTorch before 1.6') };
  const notes = Object.entries(metadata).filter(([key]) => !key.startsWith('scrkd')).map(([key, value]) => `${key} = ${value}`);
  const size = network?.height === undefined ? '' : l10n.t(', for images of {0} x {1}', network.height, network.width!);
  return [
    `${file}: ${formats[format]}${size}`,
    ...(notes.length > 0 ? [l10n.t('says: {0}', notes.join(', '))] : []),
    ...parts.map((part) => partText(part, withTensors)),
    ...(others.length > 0 ? [l10n.t('{0} tensors are of no network, e.g. {1}', others.length, others.slice(0, shownNames).join(', '))] : []),
  ].join('\n');
}

function partText({ name, tensors, values, bytes, likeness, fits }: PartReport, withTensors: boolean): string {
  const lines = [l10n.t('{0}: {1} tensors, {2} values, {3}', name, tensors.length, values.toLocaleString('en'), sizeText(bytes))];
  if (likeness === undefined) lines.push(l10n.t('  like no network known here'));
  else if (fits) lines.push(l10n.t('  is {0}', likenessText(likeness)));
  else lines.push(l10n.t('  is most like {0}:', likenessText(likeness)), ...matchLines(likeness.report));
  if (withTensors) lines.push(textTable([l10n.t('tensor'), l10n.t('type'), l10n.t('shape')], tensors.map((tensor) => [tensor.name, tensor.dtype, `[${tensor.shape.join(', ')}]`])));
  return lines.join('\n');
}

function likenessText(likeness: Likeness): string {
  const network = identityText(likeness.network);
  return likeness.kind === 'network' ? network : l10n.t('the encoder of {0}, for init.backbone', network);
}

function matchLines({ matched, missing, unexpected, misshapen }: MatchReport): string[] {
  const line = (count: number, what: string, names: readonly string[]): string[] => (count === 0 ? [] : [`    ${count} ${what}: ${names.slice(0, shownNames).join(', ')}${names.length > shownNames ? ', …' : ''}`]);
  return [
    l10n.t('    {0} match', matched.length),
    ...line(missing.length, l10n.t('missing'), missing),
    ...line(unexpected.length, l10n.t('unexpected'), unexpected),
    ...line(misshapen.length, l10n.t('of another shape'), misshapen.map(misshapenText)),
  ];
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
