/** Fixes of names, values and missing fields. */
import * as path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { modelNames } from '../../catalog/models.ts';
import { methodNames } from '../../catalog/methods.ts';
import { defaults } from '../../defaults.ts';
import type { Diagnostic, DiagnosticCode } from '../../diagnostic.ts';
import { withoutEnding } from '../../experiment-name.ts';
import { namedValues } from '../../expectation.ts';
import { typeOf } from '../../field.ts';
import { numberText } from '../../number-text.ts';
import { fieldAt } from '../documentation.ts';
import { fileEdit, offsetAt, type ConfigDocument } from '../document.ts';
import type { Fix, FixContext, MakeFixes } from '../fixes.ts';
import { insertInto, setField } from '../edit-fields.ts';
import { entryAt, outlineAt } from '../outline.ts';
import { stageNamesOf } from '../stages.ts';
import { fixOf, removeFix, setFix } from './edits.ts';

/** Puts the suggestion in the place of what the finding points at. */
export const replaceBySuggestion: MakeFixes = ({ document }, { suggestion, range }) => {
  if (suggestion === undefined) return [];
  return [{ title: l10n.t("Replace by '{0}'", suggestion), edits: [{ file: document.path, range, newText: suggestion }], isPreferred: true }];
};

function missingField({ document, resolved }: FixContext, { path: field }: Diagnostic): readonly Fix[] {
  const title = l10n.t("Add '{0}'", field.join('.'));
  if (field.length === 1 && field[0] === 'stages') return [addStages(document, title)];
  const names = stageNamesOf(document, resolved.tree);
  const proposal = proposalFor(document, field, names.filter((name) => name !== field[1]));
  return proposal === undefined ? [] : setFix(document, title, field, proposal, true);
}

function proposalFor(document: ConfigDocument, field: Diagnostic['path'], otherStages: readonly string[]): unknown {
  switch (field[0] === 'stages' ? field.slice(2).join('.') : field.join('.')) {
    case 'experiment':
      return withoutEnding(path.basename(document.path)).replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'experiment';
    case 'dataset':
      return { root: './ORSSD' };
    case 'dataset.root':
      return './ORSSD';
    case 'model':
    case 'model.name':
      return modelNames[0];
    case 'resolution':
      return 112;
    case 'distill.from':
      return otherStages[0];
    case 'distill.method':
      return methodNames[0];
    case 'init.backbone':
      return 'weights.safetensors';
    case 'training.schedule.step.every':
      return 30;
    case 'training.schedule.step.factor':
      return 0.1;
  }
  return undefined;
}

function addStages(document: ConfigDocument, title: string): Fix {
  const lines = ['stages:', `  teacher: { model: ${modelNames[0]}, resolution: 224 }`, `  student: { model: ${modelNames[0]}, resolution: 112, distill: { from: teacher, method: ${methodNames[0]} } }`];
  return { title, edits: [fileEdit(document, insertInto(document, document.outline.root, lines.join('\n')))], isPreferred: true };
}

function noStages({ document }: FixContext): readonly Fix[] {
  return fixOf(document, l10n.t('Add a teacher and a student'), [
    setField(document, ['stages'], `{ teacher: { model: ${modelNames[0]}, resolution: 224 }, student: { model: ${modelNames[0]}, resolution: 112, distill: { from: teacher, method: ${methodNames[0]} } } }`),
  ]);
}

const removeUnknown: MakeFixes = (context, diagnostic) => [
  ...replaceBySuggestion(context, diagnostic),
  ...removeFix(context.document, l10n.t("Remove '{0}'", String(diagnostic.path.at(-1))), diagnostic.path),
];

/** `'8'` where a number is meant, and a field without a value. */
const wrongType: MakeFixes = (context, diagnostic) => {
  const { document } = context;
  const entry = entryAt(document.outline.root, diagnostic.path);
  if (entry !== undefined && entry.value === undefined) {
    const isStage = diagnostic.path[0] === 'stages' && diagnostic.path.length === 2;
    if (isStage) return setFix(document, l10n.t('Make it a network'), diagnostic.path, { model: modelNames[0], resolution: 224 }, true);
    return removeFix(document, l10n.t("Remove '{0}'", entry.key.name), diagnostic.path);
  }
  const node = outlineAt(document.outline.root, diagnostic.path);
  const declaration = fieldAt(diagnostic.path);
  if (node?.kind !== 'scalar' || node.form !== 'quoted' || declaration === undefined) return replaceBySuggestion(context, diagnostic);
  const value: unknown = node.text === 'true' ? true : node.text === 'false' ? false : node.text.trim() === '' ? undefined : Number(node.text);
  if (!z.safeParse(declaration, value).success) return [];
  return setFix(document, l10n.t('Remove the quotes'), diagnostic.path, value, true);
};

/** The nearest value inside of the limits. */
const outOfRange: MakeFixes = ({ document }, { path: field }) => {
  const declaration = fieldAt(field);
  const node = outlineAt(document.outline.root, field);
  if (declaration === undefined || node?.kind !== 'scalar') return [];
  const { minimum, maximum } = limitsOf(declaration);
  const value = Number(node.text);
  const nearest = [minimum, maximum].filter((limit) => limit !== undefined && z.safeParse(declaration, limit).success).sort((a, b) => Math.abs(a! - value) - Math.abs(b! - value))[0];
  return nearest === undefined ? [] : setFix(document, l10n.t('Set it to {0}', numberText(nearest)), field, nearest, true);
};

function limitsOf(declaration: z.core.$ZodType): { minimum?: number | undefined; maximum?: number | undefined } {
  const { minimum, maximum } = z.toJSONSchema(typeOf(declaration), { io: 'input' });
  return { minimum, maximum };
}

/** Other values that are built, when they are few. */
const notBuilt: MakeFixes = ({ document }, { path: field, range }) => {
  const declaration = fieldAt(field);
  const values = declaration === undefined ? [] : namedValues(declaration);
  if (values.length > 0) return values.slice(0, 3).map((value) => ({ title: l10n.t("Replace by '{0}'", value), edits: [{ file: document.path, range, newText: value }], isPreferred: values.length === 1 }));
  return removeFix(document, l10n.t("Remove '{0}'", String(field.at(-1))), field);
};

/** The later of the two: the former is the one that counts. */
const removeDuplicate: MakeFixes = ({ document }, { path: field, range }) => {
  const block = outlineAt(document.outline.root, field.slice(0, -1));
  const at = offsetAt(document, range.start);
  if (block?.kind !== 'map') return [];
  const index = block.entries.findIndex((entry) => entry.start === at);
  const entry = block.entries[index];
  if (entry === undefined) return [];
  const lineStart = document.text.lastIndexOf('\n', entry.start - 1) + 1;
  const lineEnd = document.text.indexOf('\n', entry.end);
  const before = block.entries[index - 1];
  const change =
    block.style === 'block'
      ? { start: lineStart, end: lineEnd < 0 ? document.text.length : lineEnd + 1, text: '' }
      : { start: before?.end ?? entry.start, end: entry.end, text: '' };
  return fixOf(document, l10n.t("Remove the second '{0}'", entry.key.name), [change], true);
};

/** YAML takes no tabs as indentation. */
const syntax: MakeFixes = ({ document }) => {
  const tabs = [...document.text.matchAll(/^[ ]*\t[ \t]*/gm)];
  if (tabs.length === 0) return [];
  const changes = tabs.map((match) => ({ start: match.index, end: match.index + match[0].length, text: match[0].replaceAll('\t', '  ') }));
  return fixOf(document, l10n.t('Indent with blanks instead of tabs'), changes, true);
};

const newerVersion: MakeFixes = ({ document }) => (entryAt(document.outline.root, ['version']) === undefined ? [] : setFix(document, l10n.t('Set the version to {0}', defaults.version), ['version'], defaults.version));

const usedStage: MakeFixes = (context, diagnostic) => {
  const { suggestion } = diagnostic;
  return suggestion === undefined ? [] : setFix(context.document, l10n.t("Replace by '{0}'", suggestion), diagnostic.path, suggestion, true);
};

/** The file's own name, or the next number: two configs of a folder write to one place. */
const ownName: MakeFixes = ({ document }, { path: field }) => {
  const current = outlineAt(document.outline.root, field);
  const name = String(proposalFor(document, ['experiment'], []));
  const free = current?.kind === 'scalar' && current.text === name ? `${name}-2` : name;
  return setFix(document, l10n.t("Name it '{0}'", free), field, free, true);
};

const anyDevice: MakeFixes = ({ document }, { path: field }) => setFix(document, l10n.t("Set it to 'auto'"), field, 'auto', true);

export const fieldFixes: Readonly<Partial<Record<DiagnosticCode, MakeFixes>>> = {
  syntax,
  'duplicate-field': removeDuplicate,
  'missing-field': missingField,
  'unknown-field': removeUnknown,
  'unknown-value': replaceBySuggestion,
  'invalid-value': replaceBySuggestion,
  'wrong-type': wrongType,
  'out-of-range': outOfRange,
  'not-built-yet': notBuilt,
  'newer-version': newerVersion,
  'no-stages': noStages,
  'use-invalid': usedStage,
  'shared-output': ownName,
  'device-missing': anyDevice,
};
