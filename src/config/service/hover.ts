/** What is shown of the field, stage or alias under the pointer. */
import * as path from 'node:path';
import * as l10n from '@vscode/l10n';
import { methods } from '../catalog/methods.ts';
import { models, optionsText } from '../catalog/models.ts';
import { sizeText } from '../checks/networks.ts';
import { stageToDescribe } from '../description.ts';
import type { Range } from '../diagnostic.ts';
import type { Experiment, Stage } from '../experiment.ts';
import { metaOf } from '../field.ts';
import { bytesText, countText, numberText } from '../number-text.ts';
import type { Path } from '../report.ts';
import type { ResolvedConfig } from '../resolve.ts';
import { rangeOf } from '../source.ts';
import { formOf } from '../walk.ts';
import { unreachable } from '../../base/errors.ts';
import { anchorsOf } from './anchors.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import { spanRange, type ConfigDocument } from './document.ts';
import { code, documentation, fieldAt, fieldsAt } from './documentation.ts';
import { effectiveValue, type Origin } from './effective.ts';
import type { Span } from './outline.ts';
import type { EditorProviders } from './providers.ts';

export interface Hover {
  /** Markdown. */
  readonly text: string;
  readonly range: Range;
}

export interface HoverContext {
  readonly document: ConfigDocument;
  readonly resolved: ResolvedConfig;
  readonly providers: EditorProviders;
}

export async function hoverAt(context: HoverContext, offset: number): Promise<Hover | undefined> {
  const { document } = context;
  const cursor = cursorAt(document.outline, offset);
  if (cursor === undefined) return undefined;
  const span = pointedAt(cursor);
  if (span === undefined) return undefined;
  const range = spanRange(document, span);
  const { node } = cursor;
  if (cursor.at === 'value' && node?.kind === 'scalar' && node.form === 'alias') return aliasHover(document, node.text, range);
  const field = cursor.at === 'key' ? [...cursor.path, cursor.entry?.key.name ?? ''] : cursor.path;
  const stage = stageMeant(context, cursor, field);
  if (stage !== undefined) return { text: await stageText(context, stage), range };
  const declaration = fieldAt(field);
  if (declaration === undefined || field.length === 0) return undefined;
  const effective = effectiveText(context, field);
  return { text: [`**${field.join('.')}**`, documentation(declaration), effective].filter((part) => part !== '').join('\n\n'), range };
}

function pointedAt({ at, entry, node }: Cursor): Span | undefined {
  if (at === 'value') return node;
  return entry === undefined || entry.key.name === '' ? undefined : entry.key;
}

function aliasHover(document: ConfigDocument, name: string, range: Range): Hover | undefined {
  const anchor = anchorsOf(document.outline).findLast(({ name: each }) => each.name === name);
  if (anchor === undefined) return undefined;
  const { start } = spanRange(document, anchor.name);
  const column = document.source.lines.linePos(anchor.node.start).col - 1;
  const text = document.text.slice(anchor.node.start, anchor.node.end).replaceAll(`\n${' '.repeat(column)}`, '\n');
  return { text: `${l10n.t('Line {0}:', start.line + 1)}\n\n\`\`\`yaml\n${text}\n\`\`\``, range };
}

/** The stage whose name is pointed at. */
function stageMeant({ resolved }: HoverContext, { at, node }: Cursor, field: Path): Stage | undefined {
  const isKey = at === 'key' && field.length === 2 && field[0] === 'stages';
  const declaration = fieldAt(field);
  const isReference = at === 'value' && declaration !== undefined && metaOf(declaration).names === 'stage' && node?.kind === 'scalar';
  const name = isKey ? field[1] : isReference ? node.text : undefined;
  return resolved.draft?.stages.find((stage) => stage.name === name);
}

async function stageText({ resolved, providers }: HoverContext, stage: Stage): Promise<string> {
  const { draft } = resolved;
  const { training, distill, given } = stage;
  const students = (draft?.stages ?? []).filter((other) => other.distill?.from === stage.name).map(({ name }) => code(name));
  const facts = [
    l10n.t('{0} on images of {1}.', networkText(stage), `${String(stage.resolution.height)} × ${String(stage.resolution.width)}`),
    given?.kind === 'checkpoint' ? l10n.t('Given by the checkpoint {0}.', code(given.file)) : '',
    given?.kind === 'use' ? l10n.t("Given by the stage {0} of {1}.", code(given.stage), code(given.file)) : '',
    distill === undefined ? '' : l10n.t('Learns from {0} by {1}: {2}.', code(distill.from), methods[distill.method].title, weightsText(distill.weights)),
    students.length === 0 ? '' : l10n.t('Teaches {0}.', students.join(', ')),
    given === undefined ? l10n.t('Trained for {0} epochs in batches of {1} at a learning rate of {2}.', training.epochs, training.batchSize, numberText(training.optimizer.learningRate)) : '',
    draft === undefined ? '' : await costText(draft, stage, providers),
  ];
  return [`**${stage.name}**`, ...facts.filter((fact) => fact !== '')].join('\n\n');
}

function networkText({ model, adapter }: Stage): string {
  const options = optionsText(model);
  const parts = [...(options === '' ? [] : [options]), ...(adapter === undefined ? [] : [l10n.t('with the parts of {0}', methods[adapter.method].title)])];
  return parts.length === 0 ? models[model.name].title : `${models[model.name].title} (${parts.join(', ')})`;
}

function weightsText(weights: Readonly<Record<string, number>>): string {
  return Object.entries(weights)
    .map(([term, weight]) => `${term} ${numberText(weight)}`)
    .join(', ');
}

async function costText(draft: Experiment, stage: Stage, providers: EditorProviders): Promise<string> {
  const description = await providers.describeStage?.(stageToDescribe(draft, stage)).catch(() => undefined);
  if (description === undefined) return '';
  const { parameters, multiplyAccumulates, features, step } = description;
  const maps = features.map(({ height, width, channels }) => `${sizeText({ height, width })} × ${String(channels)}`);
  return [
    l10n.t('{0} parameters, {1} multiply-accumulates an image.', countText(parameters), countText(multiplyAccumulates)),
    l10n.t('Features: {0}.', maps.join(', ')),
    step === undefined ? '' : l10n.t('A training step needs about {0} (estimated).', bytesText(step.peakBytes)),
  ]
    .filter((part) => part !== '')
    .join('  \n');
}

/** Of a block every field's value, written or not. */
function effectiveText(context: HoverContext, field: Path): string {
  const { document, resolved } = context;
  // Of a config with syntax errors nothing is in effect.
  if (resolved.draft === undefined) return '';
  const fields = Object.keys(fieldsAt(field) ?? {});
  const rows = fields.flatMap((name) => {
    const path = [...field, name];
    const effective = fieldsAt(path) === undefined || formOf(fieldAt(path)!) === 'scalar' ? effectiveValue(resolved, path) : undefined;
    return effective === undefined ? [] : [`- ${name}: ${code(effective.value)}, ${originText(document, path, effective.origin)}`];
  });
  // Of a method's weights and options only its own are in effect.
  const isOfMethod = field.length === 4 && field[2] === 'distill';
  if (rows.length > 0 && (isOfMethod || effectiveValue(resolved, [...field, fields[0]!]) !== undefined)) return [l10n.t('In effect:'), '', ...rows].join('\n');
  const effective = effectiveValue(resolved, field);
  if (effective === undefined) return '';
  const text = code(effective.value);
  const shown = text.length > 300 ? `${text.slice(0, 300)}…\`` : text;
  return l10n.t('In effect: {0}, {1}.', shown, originText(document, field, effective.origin));
}

function originText(document: ConfigDocument, field: Path, origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return l10n.t('the default');
    case 'preset':
      return l10n.t("by the preset '{0}'", origin.preset);
    case 'model':
      return l10n.t("the paper's coefficient for {0}", origin.model);
    case 'written': {
      const line = rangeOf(origin.place).start.line + 1;
      if (origin.place.source.path !== document.path) return l10n.t('inherited from {0}, line {1}', path.basename(origin.place.source.path), line);
      return origin.path.join('.') === field.join('.') ? l10n.t('written in line {0}', line) : l10n.t("by '{0}' in line {1}", origin.path.join('.'), line);
    }
    default:
      return unreachable(origin);
  }
}
